package publish

import (
	"context"
	"iter"
	"slices"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// ScorerOf returns the scorer for the columns of a step, nil where the columns
// stay null.
func (r *Results) ScorerOf(s *mining.Step) mining.Scorer {
	if p := r.Prepared[s.Name]; p != nil {
		return p
	}
	if m := r.Models[s.Name]; m != nil {
		return m
	}
	if result := r.OfSteps[s.Name]; result != nil {
		return ScorerIn(result)
	}
	return nil
}

// ScorerIn returns what fills the columns of a step in a run, nil where they stay null.
func ScorerIn(result *mining.Result) mining.Scorer {
	switch {
	case result == nil:
		return nil
	case result.Scorer != nil:
		return result.Scorer
	case result.Model != nil:
		return result.Model
	}
	return nil
}

// ScoresOf yields all customers with columns of the table, and with the columns of steps with
// a result or an applied model.
func (r *Results) ScoresOf(ctx context.Context, columns []string, results map[string]*mining.Result) iter.Seq2[*mining.Batch, error] {
	table := steps.Table()
	filled := func(name string) bool { s, _ := steps.Filler(table, name); return s != nil }
	needed := map[string]bool{}
	for _, name := range columns {
		if s, _ := steps.Filler(table, name); s != nil {
			needed[s.Name] = true
		}
	}
	scorer := steps.NewScorer(table, func(s *mining.Step) mining.Scorer {
		if result := results[s.Name]; needed[s.Name] && result != nil {
			return ScorerIn(result)
		}
		if needed[s.Name] && r.Models[s.Name] != nil {
			return r.ScorerOf(s)
		}
		return nil
	}, r.BaseColumns(), r.Job.Workers)
	scorer.Speak(r.Words)
	scorer.Also(slices.DeleteFunc(slices.Clone(columns), filled)...)
	return func(yield func(*mining.Batch, error) bool) {
		for b, err := range scorer.Batches(ctx, r.Scan.Table) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(b.Batch, nil) {
				return
			}
		}
	}
}

// NewScorer returns the scorer for segments.parquet.
func (r *Results) NewScorer() *steps.Scorer {
	s := steps.NewScorer(steps.Table(), r.ScorerOf, r.BaseColumns(), r.Job.Workers)
	s.Speak(r.Words)
	return s
}

// monetary is implemented by settings and models that define the money behind a customer's
// monetary value; "" for a model without money.
type monetary interface{ MonetaryFeature() string }

// MonetaryFeature returns the feature that is published as monetary.
func (r *Results) MonetaryFeature() string {
	for _, s := range steps.Table() {
		if m, ok := r.Models[s.Name].(monetary); ok && m.MonetaryFeature() != "" {
			return m.MonetaryFeature()
		}
	}
	for _, w := range r.Job.Steps.Wanted() {
		if m, ok := w.Settings.(monetary); ok {
			return m.MonetaryFeature()
		}
	}
	return features.Gross.Column()
}
