package rescore

import (
	"context"
	"slices"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// prefix begins the names of the columns that models of the run before derive. The tasks of this run derive columns of
// the same names, perhaps by other settings.
const prefix = "before."

// Earlier holds the models of the run before that find groups, as parts of a run.
type Earlier struct {
	Parts   []any // mining.Scanner and mining.Deriver, for the scan
	scorers map[string]mining.Scorer
}

// Prepare makes the models ready whose columns the run has. Other models score nobody.
func Prepare(table []*mining.Step, models map[string]mining.Model, run *mining.Run) *Earlier {
	e := &Earlier{scorers: map[string]mining.Scorer{}}
	for _, step := range table {
		model := models[step.Name]
		if model == nil || len(step.Groupings) == 0 {
			continue
		}
		var scorer mining.Scorer = model
		if p, ok := model.(mining.Preparer); ok {
			prepared, err := p.Prepare(run)
			if err != nil {
				continue // the columns of this run are others
			}
			scorer = prepared
		}
		d, _ := scorer.(mining.Deriver)
		if !allowed(scorer, d, run) {
			continue
		}
		if s, ok := scorer.(mining.Scanner); ok {
			e.Parts = append(e.Parts, s)
		}
		if d != nil {
			own := &renamed{scorer, d}
			e.Parts = append(e.Parts, own)
			scorer = own
		}
		e.scorers[step.Name] = scorer
	}
	return e
}

// allowed reports whether the columns of a run suffice for a scorer.
func allowed(s mining.Scorer, d mining.Deriver, run *mining.Run) bool {
	for _, name := range s.Reads() {
		derived := d != nil && slices.Contains(d.Derived(), name)
		number := func(f features.Feature) bool { return f.Name == name && f.Kind != features.Code }
		if !derived && !slices.ContainsFunc(run.Features, number) {
			return false
		}
	}
	return true
}

// Scorer returns the scorer that gives the customers of this run groups by the limits of the run before, or nil for a
// step without a scorer.
func (e *Earlier) Scorer(step *mining.Step) mining.Scorer {
	if s := e.scorers[step.Name]; s != nil {
		return s
	}
	return nil
}

// renamed is a scorer with other names for its derived columns in the table.
type renamed struct {
	mining.Scorer
	deriver mining.Deriver
}

// Derived returns the names in the table.
func (r *renamed) Derived() []string {
	names := slices.Clone(r.deriver.Derived())
	for i := range names {
		names[i] = prefix + names[i]
	}
	return names
}

// NewDerive derives as the scorer does.
func (r *renamed) NewDerive() mining.Derive { return r.deriver.NewDerive() }

// Reads returns the names in the table.
func (r *renamed) Reads() []string {
	names := slices.Clone(r.Scorer.Reads())
	for i, name := range names {
		if slices.Contains(r.deriver.Derived(), name) {
			names[i] = prefix + name
		}
	}
	return names
}

// ScoreTo hands the columns over under the names of the scorer.
func (r *renamed) ScoreTo(ctx context.Context, dst *mining.Scores, b *mining.Batch, workers int) error {
	names := r.Scorer.Reads()
	columns := make([][]float64, len(names))
	for i, name := range r.Reads() {
		columns[i] = b.Column(name)
	}
	inner := mining.NewBatch(b.IDs, names, columns)
	inner.First = b.First
	inner.Speak(b.Words())
	return r.Scorer.ScoreTo(ctx, dst, inner, workers)
}
