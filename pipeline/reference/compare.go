package reference

import (
	"bytes"
	"maps"
	"slices"
)

// Difference is a setting whose value in a job differs from the value that the models were
// learned with.
type Difference struct {
	Setting string // such as "steps.rfm.bins" or "currency"
	Job     string // as a job file has it; "nothing" where it is unset
	Model   string
}

// Differences are the settings on which a job and the models disagree.
type Differences struct {
	Taken   []Difference // the job has the default: what the models know counts
	Refused []Difference // the job asks for something that the models do not give
}

// Step compares the settings of a step in a job with the settings of its model. defaults are
// the settings of a job without any of the step's settings. judging names settings that judge
// the result of learning: they mean nothing to an applied model.
func (r *Reference) Step(d *Differences, step string, job, defaults Settings, judging []string) {
	model, known := r.Settings[step]
	if !known {
		return
	}
	names := map[string]bool{}
	for name := range job {
		names[name] = true
	}
	for name := range model {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		ours, theirs := job[name], model[name]
		if theirs == nil {
			theirs = defaults[name] // a setting that came later than the model, or one that neither sets
		}
		if slices.Contains(judging, name) || bytes.Equal(ours, theirs) {
			continue
		}
		one := Difference{"steps." + step + "." + name, shown(ours), shown(theirs)}
		if bytes.Equal(ours, defaults[name]) {
			d.Taken = append(d.Taken, one)
		} else {
			d.Refused = append(d.Refused, one)
		}
	}
}

// shownLength is the number of bytes of a value that a message shows.
const shownLength = 60

func shown(value []byte) string {
	switch {
	case value == nil:
		return "nothing"
	case len(value) > shownLength:
		return string(bytes.ToValidUTF8(value[:shownLength], nil)) + "…"
	}
	return string(value)
}

// Money compares the currency of a job with the currency of the models.
func (r *Reference) Money(d *Differences, currency string) {
	switch {
	case currency == r.Currency, r.Currency == "":
	case currency == "":
		d.Taken = append(d.Taken, Difference{"currency", "nothing", r.Currency})
	default:
		d.Refused = append(d.Refused, Difference{"currency", currency, r.Currency})
	}
}
