package mining

import "github.com/quintile-dev/quintile/datasets"

// Target is a customer on the list of a campaign that a run has drawn.
type Target struct {
	Campaign string
	Customer string
	Arm      datasets.Arm // Treated or Control
	Day      datasets.Day // of the contact
	Rank     int64        // from 1, in the order in which the list was filled
	Score    float64      // what the list was filled by; NaN where that was chance
	Cost     datasets.Money
}

// TargetList says who is on the list of a campaign whose contacts are still to come.
type TargetList struct {
	Campaign string
	// Arms has an entry for each customer of the table of features, in the order of ids:
	// NoArm for those who are not on the list.
	Arms []datasets.Arm
}
