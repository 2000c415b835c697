package mining

import "github.com/quintile-dev/quintile/datasets"

// Before is the run before: the results of the newest run of an earlier day for the same job. Before is an
// input, like files of line items: verified, named in the manifest, and a part of the data that determine the
// results.
type Before struct {
	AsOf   datasets.Day
	Models map[string]Model // that the steps learned, by the names of the steps; of those alone that are asked for
}

// Model returns the model learned by a step in the run before; nil without a run before, or without a readable
// model.
func (b *Before) Model(step string) Model {
	if b == nil {
		return nil
	}
	return b.Models[step]
}

// Follower is implemented by the settings of a step that continues from the run before, so that its results stay
// comparable. Its task reads Run.Before.
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
