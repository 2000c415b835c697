package manifest

// Attributes describes the contents of the customers' files, and the customers
// in them.
type Attributes struct {
	Customers     int64                `json:"customers"`      // whom the files describe
	WithEvents    int64                `json:"with_events"`    // of them, those with an event up to the scoring date
	WithoutEvents int64                `json:"without_events"` // the others, who are in no output
	ByName        map[string]Attribute `json:"by_name"`
}

// Attribute describes the coverage of one attribute.
type Attribute struct {
	Known       int64 `json:"known"`                // customers with an event who have it
	Disagreeing int64 `json:"disagreeing"`          // customers whose rows disagree, with an event or without
	Categories  *int  `json:"categories,omitempty"` // different texts in the files; none for a number
}
