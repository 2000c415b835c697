package pipeline

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining/basket"
	"github.com/quintile-dev/quintile/mining/churn"
	"github.com/quintile-dev/quintile/mining/profile"
	"github.com/quintile-dev/quintile/mining/segment"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/tree"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// findings is what the steps have found: the models that score customers, and
// what else they have to say.
type findings struct {
	models   Models
	rfm      *features.RFMReport
	rfmOf    []uint8 // of each customer, the segment by RFM scores, or features.NoSegment
	segments *segment.Findings
	groups   []profile.Group // of the segments
	explain  *surrogate      // of the segments
	classify *profile.Tree
	rules    *basket.Findings
	churn    *churn.Findings

	reports  map[string]StepReport
	warnings map[string][]models.Warning
}

// surrogate is a shallow tree that says in words what the segments are.
type surrogate struct {
	report tree.Report
	rules  []tree.Rule
}

// step is one question that a run answers.
type step struct {
	name   string
	needs  []string // steps that must be done before, where they are wanted
	wanted func(*config.Steps) bool
	run    func(ctx context.Context, r *run) (StepReport, []models.Warning, error)
}

// allSteps lists the steps. To add one, add it here, its settings to
// config.Steps, and its columns to the outputs.
var allSteps = []step{
	{"rfm", nil, func(s *config.Steps) bool { return s.RFM != nil }, scoreRFM},
	{"features", nil, func(s *config.Steps) bool { return s.Features != nil }, reportFeatures},
	{"segments", nil, func(s *config.Steps) bool { return s.Segments != nil }, findSegments},
	{"classify", []string{"rfm", "segments"}, func(s *config.Steps) bool { return s.Classify != nil }, classifyGroups},
	{"rules", nil, func(s *config.Steps) bool { return s.Rules != nil }, mineRules},
	{"churn", nil, func(s *config.Steps) bool { return s.Churn != nil }, predictChurn},
}

// steps runs the wanted steps side by side, each as soon as those it needs are
// done.
func (r *run) steps(ctx context.Context) error {
	r.found.reports, r.found.warnings = map[string]StepReport{}, map[string][]models.Warning{}
	type outcome struct {
		report   StepReport
		warnings []models.Warning
	}
	outcomes := make([]outcome, len(allSteps))
	done := map[string]chan struct{}{}
	for _, s := range allSteps {
		done[s.name] = make(chan struct{})
	}
	g, ctx := errgroup.WithContext(ctx)
	for i, s := range allSteps {
		if !s.wanted(&r.job.Steps) {
			close(done[s.name])
			continue
		}
		g.Go(func() error {
			for _, need := range s.needs {
				select {
				case <-done[need]:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			o := &outcomes[i]
			err := r.watch.stage(s.name, 0, "", func() (err error) {
				o.report, o.warnings, err = r.guarded(ctx, s)
				return err
			})
			close(done[s.name])
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, s := range allSteps {
		if outcomes[i].report != nil {
			r.found.reports[s.name], r.found.warnings[s.name] = outcomes[i].report, outcomes[i].warnings
		}
	}
	return nil
}

// guarded runs a step and turns its panic, which is a bug of ours, into an
// error that names the step.
func (r *run) guarded(ctx context.Context, s step) (report StepReport, warnings []models.Warning, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("step %s: BUG: %v\n%s", s.name, p, debug.Stack())
		}
	}()
	report, warnings, err = s.run(ctx, r)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("step %s: %w", s.name, err)
	}
	return report, warnings, err
}

func scoreRFM(ctx context.Context, r *run) (StepReport, []models.Warning, error) {
	c := r.job.Steps.RFM.Scoring()
	c.Seed, c.Workers = r.job.Seed, r.job.Workers
	columns, err := r.scan.table.Columns(ctx, []string{"recency_days", "frequency", c.Monetary.Column()}, nil)
	if err != nil {
		return nil, nil, err
	}
	in := features.RFMInput{Recency: columns[0], Frequency: columns[1], Monetary: columns[2]}
	if c.Ties == features.Hashed {
		if in.Hash, err = r.scan.table.Hashes(ctx, c.Seed); err != nil {
			return nil, nil, err
		}
	}
	model, err := c.Fit(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	scores, report, err := model.ScoreAll(in)
	if err != nil {
		return nil, nil, err
	}
	r.found.models.RFM, r.found.rfm, r.found.rfmOf = model, &report, scores.Segment
	names := model.Segments.Names()
	sizes := make(map[string]int, len(names))
	for _, s := range scores.Segment {
		if s != features.NoSegment {
			sizes[names[s]]++
		}
	}
	return StepReport{
		"state": stateOK, "customers": report.Customers, "scored": report.Scored,
		"segment_map": model.Segments.Version, "segments": sizes,
		"r": report.R, "f": report.F, "m": report.M,
	}, nil, nil
}

func reportFeatures(_ context.Context, r *run) (StepReport, []models.Warning, error) {
	return StepReport{"state": stateOK, "features": len(r.publishedFeatures()), "customers": r.scan.table.Len()}, nil, nil
}

// publishedFeatures returns the features of features.parquet.
func (r *run) publishedFeatures() []features.Feature {
	set := r.job.Steps.Features
	if set == nil {
		return nil
	}
	if len(set.Only) == 0 {
		return r.scan.selected
	}
	selected, err := features.Select(r.everyFeature(), set.Only, r.mapped)
	if err != nil {
		panic(fmt.Sprintf("pipeline: BUG: features unchecked: %v", err))
	}
	return selected
}

// learnable returns the features that a model may learn from: those named, or
// all but names in the guise of numbers.
func (r *run) learnable(named []string) []string { return learnableOf(r.scan.selected, named) }

func learnableOf(selected []features.Feature, named []string) []string {
	if len(named) > 0 {
		return named
	}
	var all []string
	for _, f := range selected {
		if f.Kind != features.Code {
			all = append(all, f.Name)
		}
	}
	return all
}

func findSegments(ctx context.Context, r *run) (StepReport, []models.Warning, error) {
	set := r.job.Steps.Segments
	f, err := segment.Find(ctx, segment.Config{
		K: int(set.K), MinK: set.MinK, MaxK: set.MaxK, Features: set.Features,
		Scaler:   features.ScalerConfig{Transform: features.Transform(set.Transform), Scale: features.Scaling(set.Scale)},
		Restarts: set.Restarts, Seed: r.job.Seed, Workers: r.job.Workers,
	}, r.scan.table, r.buyers)
	if err != nil {
		return nil, nil, err
	}
	r.found.segments, r.found.models.Segments = f, f.Model
	report := StepReport{"state": string(f.State)}
	if f.Model == nil {
		return report, f.Warnings, nil
	}
	if err := r.describeSegments(ctx, set); err != nil {
		return nil, nil, err
	}
	sizes := make([]int, f.K)
	for i, g := range r.found.groups {
		sizes[i] = g.Customers
	}
	report["k"], report["inertia"], report["explained"] = f.K, f.Inertia, f.Explained
	report["iterations"], report["sizes"], report["names"] = f.Iterations, sizes, f.Model.Names
	report["fidelity"] = r.found.explain.report.Score
	if f.Choice != nil {
		report["choice"] = choiceReport(f.Choice)
	}
	return report, f.Warnings, nil
}

// describeSegments compares the segments feature by feature, and explains them
// with a shallow tree in the units of the features.
func (r *run) describeSegments(ctx context.Context, set *config.Segments) (err error) {
	f := r.found.segments
	r.found.groups, err = profile.Describe(ctx, r.scan.table, r.buyers, f.Labels, f.K, r.learnable(nil), segmentSums, r.job.Workers)
	if err != nil {
		return err
	}
	columns, err := r.scan.table.Matrix(ctx, set.Features, r.buyers)
	if err != nil {
		return err
	}
	c := tree.DefaultSurrogate()
	c.MaxDepth, c.Seed, c.Workers = set.Explain, r.job.Seed, r.job.Workers
	fitted, report, err := c.FitClasses(ctx, models.Matrix{Names: set.Features, Cols: columns}, f.Labels, f.K, nil)
	if err != nil {
		return err
	}
	f.Warnings = append(f.Warnings, report.Warnings...)
	r.found.explain = &surrogate{report: report, rules: fitted.Rules(set.Features, f.Model.Names, nil)}
	return nil
}

// segmentSums are the features added up for each segment.
var segmentSums = []string{"monetary", "frequency"}

func classifyGroups(ctx context.Context, r *run) (StepReport, []models.Warning, error) {
	set := r.job.Steps.Classify
	classes := r.classesOf(set.Target)
	if classes == nil {
		return StepReport{"state": stateInsufficient, "target": set.Target}, nil, nil
	}
	t, err := profile.Classify(ctx, profile.Config{
		Features: r.learnable(set.Features), MaxDepth: set.MaxDepth, MinLeaf: set.MinLeaf, Prune: set.Prune,
		Seed: r.job.Seed, Workers: r.job.Workers,
	}, r.scan.table, r.buyers, *classes)
	if err != nil {
		return nil, nil, err
	}
	r.found.classify, r.found.models.Classify = t, t.Model
	report := StepReport{"state": string(t.State), "target": set.Target}
	if t.Model != nil {
		report["leaves"], report["depth"], report["accuracy"] = t.Report.Leaves, t.Report.Depth, t.Accuracy
		report["sampled"], report["alpha"] = t.Sampled, t.Report.Alpha
	}
	return report, t.Warnings, nil
}

// classesOf returns the groups to tell apart, nil where there are none.
func (r *run) classesOf(target string) *profile.Classes {
	if target == "segment" {
		if r.found.segments.Model == nil {
			return nil
		}
		return &profile.Classes{Names: r.found.segments.Model.Names, Labels: r.found.segments.Labels}
	}
	c := &profile.Classes{Names: r.found.models.RFM.Segments.Names()}
	if r.buyers == nil {
		c.Labels = make([]int32, len(r.found.rfmOf))
		for i, s := range r.found.rfmOf {
			c.Labels[i] = int32(s)
		}
		return c
	}
	c.Labels = make([]int32, len(r.buyers))
	for i, at := range r.buyers {
		c.Labels[i] = int32(r.found.rfmOf[at])
	}
	return c
}

func mineRules(ctx context.Context, r *run) (StepReport, []models.Warning, error) {
	set := r.job.Steps.Rules
	if r.scan.baskets == nil {
		return StepReport{"state": stateInsufficient}, []models.Warning{{Code: "no_products", Count: 1,
			Message: "rules need a column for product; map it under columns"}}, nil
	}
	baskets, err := r.scan.baskets.baskets(r.dict[0].Len(), float64(set.MinSupport))
	if err != nil {
		return nil, nil, withCode(NotWritten, err)
	}
	r.scan.baskets.close()
	f, err := basket.Mine(ctx, basket.Config{
		MinSupport: float64(set.MinSupport), MinConfidence: float64(set.MinConfidence), MinLift: set.MinLift,
		MaxLength: set.MaxLength, MaxConsequent: set.MaxConsequent, DropRedundant: set.DropRedundant,
		MaxItemsets: set.MaxItemsets, Memory: r.budget / 4, Workers: r.job.Workers, Stop: r.deadline(set.MaxTime),
	}, baskets)
	if err != nil {
		return nil, nil, err
	}
	r.found.rules = f
	return StepReport{
		"state": string(f.State), "baskets": f.Baskets, "itemsets": f.Itemsets, "by_length": f.ByLength,
		"rules": len(f.Rules), "tested": f.Tested, "min_count": f.MinCount,
	}, f.Warnings, nil
}

// deadline returns the test that ends a search after a while, nil for never.
func (r *run) deadline(limit config.Seconds) func() bool {
	if limit == 0 {
		return nil
	}
	end := r.env.Now().Add(limit.Duration())
	return func() bool { return r.env.Now().After(end) }
}

func predictChurn(ctx context.Context, r *run) (StepReport, []models.Warning, error) {
	set := r.job.Steps.Churn
	t := r.scan.training
	cohorts := t.cohorts(namesOf(r.scan.computed))
	r.boundHeap() // its rows are copied, and let go
	keep := learnableOf(r.scan.computed, set.Features)
	first, _, _ := r.store.Span()
	for k := range cohorts {
		cohorts[k].X, cohorts[k].Since = only(cohorts[k].X, keep), first.Day()
	}
	c := churn.Default()
	c.HorizonDays, c.Models, c.Reasons = set.HorizonDays, set.Models, set.Reasons
	c.Seed, c.Workers = r.job.Seed, r.job.Workers
	f, err := c.Fit(ctx, cohorts)
	if err != nil {
		return nil, nil, err
	}
	if err := checkBar(set, f); err != nil {
		return nil, nil, err
	}
	r.found.churn, r.found.models.Churn = f, f.Model
	report := StepReport{"state": string(f.State), "base_rates": f.BaseRates, "sample_share": t.sampler.share()}
	if n := len(f.BaseRates); n > 0 {
		report["base_rate"] = f.BaseRates[n-1].Rate
	}
	if f.Message != "" {
		report["message"] = f.Message
	}
	if f.Forecast != nil {
		report["forecast"] = *f.Forecast
	}
	if f.Model != nil {
		report["champion"], report["auc"], report["pr_auc"], report["log_loss"] = f.Champion, f.AUC, f.PRAUC, f.LogLoss
		report["brier"], report["brier_skill"], report["ece"], report["ks"] = f.Brier, f.BrierSkill, f.ECE, f.KS
		report["ece_floor"], report["top_decile_lift"], report["candidates"] = f.ECEFloor, f.TopDecileLift, f.Candidates
	}
	return report, f.Warnings, nil
}

// only returns the named columns of a matrix, in the order named.
func only(x models.Matrix, names []string) models.Matrix {
	out := models.Matrix{Names: names, Cols: make([][]float32, len(names))}
	for j, name := range names {
		out.Cols[j] = x.Cols[slices.Index(x.Names, name)]
	}
	return out
}
