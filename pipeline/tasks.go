package pipeline

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// describeRun tells the steps what the run knows.
func (r *run) describeRun(first datasets.Day) *mining.Run {
	computed := r.availableFeatures()
	return &mining.Run{
		AsOf: r.asOf, First: first, Seed: r.job.Seed, Workers: r.job.Workers, Budget: r.budget, Currency: r.job.Currency, Words: r.words,
		Mapped: r.mapped, Computed: computed, Features: append(computed[:len(computed):len(computed)], features.OfAttributes(r.attributes.List())...),
		Further: r.further, Attributes: r.attributes.List(), Products: r.dict[datasets.Product].Len(),
		Dictionary: func(d datasets.Dimension) *datasets.Strings { return &r.dict[d] },
		Categories: r.categories, DecimalMoney: r.job.Publish.Money == "decimal", Now: r.env.Now,
		Campaigns: r.campaigns, Prospects: r.prospects,
	}
}

// planSteps makes the tasks of the steps, and refuses settings that the line items cannot
// meet.
func (r *run) planSteps() error {
	plan, faults := steps.Plan(steps.Table(), r.job.Steps.Wanted(), r.known)
	if len(faults) > 0 {
		return exit.With(exit.Usage, r.job.StepFaults(faults))
	}
	r.plan = plan
	return nil
}

// takePart adds to the scan the tasks and the applied models that take part in it.
func (r *run) takePart(c *scanConfig) {
	add := func(part any) {
		if s, ok := part.(mining.Scanner); ok {
			c.scanners = append(c.scanners, s)
		}
		if d, ok := part.(mining.Deriver); ok {
			c.derivers = append(c.derivers, d)
		}
	}
	for _, p := range r.plan {
		add(p.Task)
		if l, ok := p.Task.(mining.Learner); ok {
			c.learners = append(c.learners, learner{p.Step.Name, l.Panel()})
		}
	}
	for _, kind := range r.models.kinds() {
		if p := r.prepared[kind]; p != nil {
			add(p)
		} else {
			add(r.models[kind])
		}
	}
}

// doSteps does the planned steps.
func (r *run) doSteps(ctx context.Context) error {
	runner := steps.Runner{
		Stage:  func(step string, do func() error) error { return r.watch.Stage(step, 0, "", do) },
		Memory: r.stepBudget(), Customers: r.scan.table.Len(),
		Input: func(p *steps.Planned, results map[string]*mining.Result) *mining.Input { return r.input(p, results) },
	}
	results, err := runner.Run(ctx, r.plan)
	r.results = map[string]*mining.Result{}
	for i, p := range r.plan {
		if results[i] != nil {
			r.results[p.Step.Name] = results[i]
			for _, w := range results[i].Warnings {
				w.Code = p.Step.Name + "." + w.Code
				r.logWarning(w)
			}
		}
	}
	var unmet *steps.Unmet
	switch {
	case errors.As(err, &unmet):
		return exit.With(exit.BadModel, err)
	case mining.IsSpillError(err):
		return exit.With(exit.NotWritten, err)
	}
	return err
}

// stepBudget returns the bytes that tasks may hold side by side: those of the budget that
// neither tables beside the line items nor the features take.
func (r *run) stepBudget() int64 {
	return max(r.budget/4, r.freeBudget()-r.blocks.Resident()-r.scan.table.MemoryBytes())
}

// input returns what a task gets.
func (r *run) input(p *steps.Planned, results map[string]*mining.Result) *mining.Input {
	c := r.scan.census
	in := mining.Input{
		Run: r.known, Table: r.scan.table, Buyers: r.buyers, Memory: r.stepBudget(),
		Counts: mining.Counts{Customers: c.customers, ReturnsOnly: c.returnsOnly, Orders: c.orders},
	}
	in.Scores = func(ctx context.Context, columns []string) iter.Seq2[*mining.Batch, error] {
		return r.scoresOf(ctx, columns, results)
	}
	if r.scan.names != nil {
		in.ProductNames = func(code uint32) string {
			if d := r.scan.names[code]; d != datasets.NoCode {
				return string(r.dict[datasets.Description].At(int(d)))
			}
			return ""
		}
	}
	if p != nil {
		if in.Panel = r.scan.panel(p.Step.Name); in.Panel != nil {
			r.boundHeap() // its rows are copied, and let go
		}
	}
	return mining.NewInput(in, results)
}

// scorerOf returns what fills the columns of a step, nil where they stay null.
func (r *run) scorerOf(s *mining.Step) mining.Scorer {
	if p := r.prepared[s.Name]; p != nil {
		return p
	}
	if m := r.models[s.Name]; m != nil {
		return m
	}
	if result := r.results[s.Name]; result != nil {
		return scorerIn(result)
	}
	return nil
}

// scorerIn returns what fills the columns of a step in a run.
func scorerIn(result *mining.Result) mining.Scorer {
	switch {
	case result.Scorer != nil:
		return result.Scorer
	case result.Model != nil:
		return result.Model
	}
	return nil
}

// scoresOf yields all customers with columns of the table, and with what the steps fill whose
// results are at hand, or whose models are applied.
func (r *run) scoresOf(ctx context.Context, columns []string, results map[string]*mining.Result) iter.Seq2[*mining.Batch, error] {
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
			return scorerIn(result)
		}
		if needed[s.Name] && r.models[s.Name] != nil {
			return r.scorerOf(s)
		}
		return nil
	}, r.baseColumns(), r.job.Workers)
	scorer.Speak(r.words)
	scorer.Also(slices.DeleteFunc(slices.Clone(columns), filled)...)
	return func(yield func(*mining.Batch, error) bool) {
		for b, err := range scorer.Batches(ctx, r.scan.table) {
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

// newScorer returns what fills segments.parquet.
func (r *run) newScorer() *steps.Scorer {
	s := steps.NewScorer(steps.Table(), r.scorerOf, r.baseColumns(), r.job.Workers)
	s.Speak(r.words)
	return s
}

// monetary is implemented by settings and models that say what money a customer's monetary
// value is.
type monetary interface{ MonetaryFeature() string }

// monetaryFeature returns the feature that is published as monetary.
func (r *run) monetaryFeature() string {
	for _, s := range steps.Table() {
		if m, ok := r.models[s.Name].(monetary); ok {
			return m.MonetaryFeature()
		}
	}
	for _, w := range r.job.Steps.Wanted() {
		if m, ok := w.Settings.(monetary); ok {
			return m.MonetaryFeature()
		}
	}
	return features.Gross.Column()
}
