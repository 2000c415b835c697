// Package rescore scores customers by the limits of another run. The customers of this run are scored by the models of
// the run before, and the customers of an earlier day by models learned for that day.
package rescore

import (
	"context"
	"iter"
	"slices"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// Side holds the customers of a day and their scorers.
type Side struct {
	Steps   []*mining.Step
	Table   *features.Table
	Scorer  func(*mining.Step) mining.Scorer // nil for a step that scores nobody
	Base    steps.Base
	Workers int
}

// Batches yields the customers in the order of their ids. The batches of all sides of a table have the same numbers of
// rows. A batch has the requested columns with a scorer, and all columns of the base.
func (s *Side) Batches(ctx context.Context, columns []string) iter.Seq2[*mining.Batch, error] {
	filled := map[string]bool{}
	for _, c := range s.Base.Columns {
		filled[c.Name] = true
	}
	needed := map[string]bool{}
	for _, name := range columns {
		if step, _ := steps.Filler(s.Steps, name); step != nil && s.Scorer(step) != nil {
			filled[name], needed[step.Name] = true, true
		}
	}
	scorer := steps.NewScorer(s.Steps, func(step *mining.Step) mining.Scorer {
		if needed[step.Name] {
			return s.Scorer(step)
		}
		return nil
	}, s.Base, s.Workers)
	return func(yield func(*mining.Batch, error) bool) {
		for scored, err := range scorer.Batches(ctx, s.Table) {
			if err != nil {
				yield(nil, err)
				return
			}
			b := mining.NewBatch(scored.IDs, nil, nil)
			b.First = scored.First
			for _, c := range scored.Columns {
				if filled[c.Column.Name] {
					b.Add(c)
				}
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// Reads lists the features of the catalogue and attributes that the scorers of steps with groupings read, each once.
func (s *Side) Reads(known []features.Feature) []string {
	var all []string
	for _, step := range s.Steps {
		if len(step.Groupings) == 0 {
			continue
		}
		scorer := s.Scorer(step)
		if scorer == nil {
			continue
		}
		for _, name := range scorer.Reads() {
			if !slices.Contains(all, name) && slices.ContainsFunc(known, mining.Named(name)) {
				all = append(all, name)
			}
		}
	}
	return all
}

// CanScore reports whether a table has all columns of a scorer.
func CanScore(s mining.Scorer, table *features.Table) bool {
	have := table.Names()
	return !slices.ContainsFunc(s.Reads(), func(name string) bool { return !slices.Contains(have, name) })
}
