package reference

import (
	"bytes"
	"maps"
	"slices"
)

// Difference is a setting of a job that the models were learned with another value of.
type Difference struct {
	Setting string // such as "steps.rfm.bins" or "currency"
	Job     string // as a job file has it; "nothing" where it is unset
	Model   string
}

// Differences are what a job and the models do not agree on.
type Differences struct {
	Taken   []Difference // the job has the default: what the models know counts
	Refused []Difference // the job asks for something that the models do not give
}

// Step compares the settings of a step in a job with those of its model. defaults are those
// of a job that says nothing else, and judging names settings that judge what was learned
// and mean nothing to a model that is applied.
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

// Money compares the currency of a job with that of the models.
func (r *Reference) Money(d *Differences, currency string) {
	switch {
	case currency == r.Currency, r.Currency == "":
	case currency == "":
		d.Taken = append(d.Taken, Difference{"currency", "nothing", r.Currency})
	default:
		d.Refused = append(d.Refused, Difference{"currency", currency, r.Currency})
	}
}
