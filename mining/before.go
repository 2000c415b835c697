package mining

import "github.com/quintile-dev/quintile/datasets"

// Before is the run before: what the newest run of an earlier day has left for the same job. It is an input as
// files of line items are: verified, named in the manifest, and part of what determines the results.
type Before struct {
	AsOf   datasets.Day
	Models map[string]Model // that the steps learned, by the names of the steps; of those alone that are asked for
}

// Model returns what a step learned in the run before; nil where there was no run before, or no model that can be
// read.
func (b *Before) Model(step string) Model {
	if b == nil {
		return nil
	}
	return b.Models[step]
}

// Follower is implemented by settings of a step that goes on from the run before, so that what it tells lasts. Its
// task reads Run.Before.
type Follower interface {
	// Follows reports whether these settings ask for the model of the run before.
	Follows() bool
}

// SameMonth reports whether two days lie in the same calendar month.
func SameMonth(a, b datasets.Day) bool {
	x, y := a.Date(), b.Date()
	return x.Year() == y.Year() && x.Month() == y.Month()
}

// SameQuarter reports whether two days lie in the same quarter of the calendar year.
func SameQuarter(a, b datasets.Day) bool {
	x, y := a.Date(), b.Date()
	return x.Year() == y.Year() && (x.Month()-1)/3 == (y.Month()-1)/3
}
