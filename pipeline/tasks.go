package pipeline

import (
	"context"
	"errors"
	"iter"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/scan"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// describeRun tells the steps what the run knows.
func (r *run) describeRun(first datasets.Day) *mining.Run {
	computed := r.availableFeatures()
	return &mining.Run{
		AsOf: r.AsOf, First: first, Seed: r.Job.Seed, Workers: r.Job.Workers, Budget: r.budget, Currency: r.Job.Currency, Words: r.Words,
		Mapped: r.mapped, Computed: computed, Features: append(computed[:len(computed):len(computed)], features.OfAttributes(r.Data.Attributes.List())...),
		Further: r.further, Attributes: r.Data.Attributes.List(), Products: r.dict[datasets.Product].Len(),
		Dictionary: func(d datasets.Dimension) *datasets.Strings { return &r.dict[d] },
		Categories: r.Data.Categories, DecimalMoney: r.Job.Publish.Money == "decimal", Now: r.env.Now,
		Campaigns: r.Data.Campaigns, Prospects: r.Data.Prospects, Planned: r.Data.Lists, Suppressed: r.Data.Guard.Suppresses(),
	}
}

// planSteps makes the tasks of the steps, and refuses settings that the line items cannot
// meet.
func (r *run) planSteps() error {
	plan, faults := steps.Plan(steps.Table(), r.Job.Steps.Wanted(), r.Known)
	if len(faults) > 0 {
		return exit.With(exit.Usage, r.Job.StepFaults(faults))
	}
	r.plan = plan
	return nil
}

// takePart adds to the scan the tasks and the applied models that take part.
func (r *run) takePart(c *scan.Config) {
	for _, p := range r.plan {
		c.Add(p.Task)
		if l, ok := p.Task.(mining.Learner); ok {
			c.Learners = append(c.Learners, scan.Learner{Step: p.Step.Name, Request: l.Panel()})
		}
	}
	for _, kind := range r.Models.Kinds() {
		if p := r.Prepared[kind]; p != nil {
			c.Add(p)
		} else {
			c.Add(r.Models[kind])
		}
	}
	r.comparison.takePart(c)
}

// learnPast does the steps of an earlier day that customers are compared with.
func (r *run) learnPast(ctx context.Context) error {
	if r.comparison == nil || r.comparison.past == nil {
		return nil
	}
	return r.Watch.Stage("earlier day", 0, "", func() error { return r.comparison.past.learn(ctx, r) })
}

// doSteps does the planned steps.
func (r *run) doSteps(ctx context.Context) error {
	if err := r.learnPast(ctx); err != nil {
		return errors.Join(err, r.comparison.close())
	}
	runner := steps.Runner{
		Stage:  func(step string, do func() error) error { return r.Watch.Stage(step, 0, "", do) },
		Memory: r.stepBudget(), Customers: r.Scan.Table.Len(),
		Input: func(p *steps.Planned, results map[string]*mining.Result) *mining.Input { return r.input(p, results) },
	}
	results, err := runner.Run(ctx, r.plan)
	err = errors.Join(err, r.comparison.close()) // which nothing reads any more
	r.OfSteps = map[string]*mining.Result{}
	for i, p := range r.plan {
		if results[i] != nil {
			r.OfSteps[p.Step.Name] = results[i]
			for _, w := range results[i].Warnings {
				w.Code = p.Step.Name + "." + w.Code
				r.Data.LogWarning(w)
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

// stepBudget returns the bytes for tasks side by side: the rest of the budget beyond
// tables beside the line items and the features.
func (r *run) stepBudget() int64 {
	tables := r.Scan.Table.MemoryBytes()
	if r.comparison != nil && r.comparison.past != nil {
		tables += r.comparison.past.scan.Table.MemoryBytes()
	}
	return max(r.budget/4, r.Data.FreeBudget()-r.blocks.Resident()-tables)
}

// input returns what a task gets.
func (r *run) input(p *steps.Planned, results map[string]*mining.Result) *mining.Input {
	c := r.Scan.Census
	in := mining.Input{
		Run: r.Known, Table: r.Scan.Table, Buyers: r.Buyers, Memory: r.stepBudget(),
		Counts: mining.Counts{Customers: c.Customers, ReturnsOnly: c.ReturnsOnly, Orders: c.Orders},
	}
	in.Scores = func(ctx context.Context, columns []string) iter.Seq2[*mining.Batch, error] {
		return r.ScoresOf(ctx, columns, results)
	}
	in.ProductNames = r.productNames()
	if p != nil && r.comparison != nil && p.Step.Name == r.comparison.step {
		in.Reference = r.comparison.reference(r)
	}
	if p != nil {
		if in.Panel = r.Scan.Panel(p.Step.Name); in.Panel != nil {
			r.boundHeap() // its rows are copied, and let go
		}
	}
	return mining.NewInput(in, results)
}

// productNames returns what tells the most frequent description of a product, nil where none are mapped.
func (r *run) productNames() func(code uint32) string {
	if r.Scan.Names == nil {
		return nil
	}
	return func(code uint32) string {
		if d := r.Scan.Names[code]; d != datasets.NoCode {
			return string(r.dict[datasets.Description].At(int(d)))
		}
		return ""
	}
}
