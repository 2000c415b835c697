package campaign

import (
	"context"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// scorer fills the arm of the newest campaign, and the uplift by the newest campaign with
// a proven uplift.
type scorer struct {
	drawn   *datasets.Campaigns
	sources []source
	uplift  *learnt // nil: no campaign shows uplift
	list    *list   // nil: none is drawn
}

// scorer fills the columns.
func (t *task) scorer(all []campaign) scorer {
	s := scorer{drawn: t.drawn, sources: t.sources}
	newest := datasets.Moment(0)
	for k := range all {
		if c := &all[k]; c.uplift.model != nil && (s.uplift == nil || c.newest >= newest) {
			s.uplift, newest = c.uplift, c.newest
		}
	}
	return s
}

// Reads returns the columns read by the uplift model.
func (s scorer) Reads() []string {
	if s.uplift == nil {
		return nil
	}
	return sourceNames(s.sources)
}

func sourceNames(sources []source) []string {
	names := make([]string, len(sources))
	for k, s := range sources {
		names[k] = s.name
	}
	return names
}

// ScoreTo sets the columns.
func (s scorer) ScoreTo(_ context.Context, dst *mining.Scores, b *mining.Batch, _ int) error {
	s.arms(dst, b)
	if s.uplift == nil {
		return nil
	}
	values := make([][]float64, len(s.sources))
	for k, name := range sourceNames(s.sources) {
		values[k] = b.Column(name)
	}
	u, err := s.uplift.predict(values, b.Rows)
	dst.SetNumbers(upliftColumn, u)
	return err
}

// arms sets the arm of each customer in the newest campaign.
func (s scorer) arms(dst *mining.Scores, b *mining.Batch) {
	labels := make([]int32, b.Rows)
	for i := range labels {
		labels[i] = -1
		newest := datasets.Contact{}
		from, to := s.contacts(b.IDs.At(i))
		for k := from; k < to; k++ {
			if x := s.drawn.At(k); k == from || x.Time >= newest.Time {
				newest = x
			}
		}
		arm := newest.Arm
		if s.list != nil && s.list.arms[b.First+i] != datasets.NoArm {
			arm = s.list.arms[b.First+i]
		}
		switch arm {
		case datasets.Treated:
			labels[i] = 0
		case datasets.Control:
			labels[i] = 1
		}
	}
	dst.SetNames(armColumn, labels, []string{"treated", "control"})
}

// contacts returns the contacts of a customer, from and to (excluded).
func (s scorer) contacts(id []byte) (from, to int) {
	if s.drawn == nil {
		return 0, 0
	}
	return s.drawn.Of(id)
}
