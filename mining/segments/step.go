package segments

import (
	"context"
	"slices"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/profile"
	"github.com/quintile-dev/quintile/mining/setting"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/drift"
	"github.com/quintile-dev/quintile/models/tree"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "segments",
	Doc:     "Natural groups, by k-means.",
	Example: "{k: auto, features: [recency_days, frequency, monetary], transform: log, scale: standard}",

	Default:  func() mining.Settings { return new(Default()) },
	NewModel: func() mining.Model { return new(Model) },

	Columns: []mining.Column{
		{CRM: true, Column: table.Column{
			Name: numberColumn, Type: table.Int32, Nullable: true,
			Description: "number of the natural group, from 1; a group keeps it from run to run, and a new group gets a new one",
		}},
		{CRM: true, Column: table.Column{
			Name: nameColumn, Type: table.Text, Nullable: true, Dictionary: true, Description: "what marks the natural group",
		}},
	},
	Groupings: []string{numberColumn},
	Figures: []mining.Doc{
		{Name: "k", Text: "number of groups"},
		{Name: "inertia", Text: "sum of the squared distances from the own centre, in squared units of the scaled features"},
		{Name: "explained", Text: "share of the total sum of squares that the groups explain"},
		{Name: "iterations", Text: "iterations of the restart that counts"},
		{Name: "sizes", Text: "customers in each group"},
		{Name: "names", Text: "what marks each group"},
		{Name: "fidelity", Text: "share of the customers whom the tree in words puts into their group"},
		{Name: "choice", Text: "for k: auto, the numbers of groups that were tried, with their indices; null where the number was kept"},
		{Name: "numbers", Text: "number of each group"},
		{Name: "source", Text: "anew: scales, number of groups and centres were found in this run; continued: the centres were, in the scales of the run before; stored: the groups are those of the run before"},
		{Name: "kept", Text: "groups that go on from a group of the run before"},
		{Name: "begun", Text: "scoring date at which the scales were learned and the number of groups was settled"},
		{Name: "drift", Text: "highest PSI of a feature since then; null where it is not known"},
		{Name: "structure", Text: "silhouette and mean stability of the groups, the highest silhouette of 19 sets of as many customers spread evenly, and the mean stability of their groups"},
	},
	Warnings: []mining.Doc{
		{Name: "no_money", Text: "no column holds money, so that the default features are recency and frequency alone", Mend: "map `unit_price` or `amount` under `columns`"},
		{Name: "too_few_customers", Text: "fewer than ten customers for each segment: no segments", Mend: "ask for fewer with `k` or `min_k`, or wait for more customers"},
		{Name: "constant_feature", Text: "the feature is the same for all customers and plays no part", Mend: "drop it from `features`"},
		{Name: "missing_filled", Text: "the feature is missing for so many customers, who count with the median", Mend: "fine for a few; where they are many, choose a feature that all customers have"},
		{Name: "not_converged", Text: "the centres still moved when the iterations ended; the state is `not_converged`", Mend: "look at the features: one with extreme values may need `transform: log` or `scale: robust`"},
		{Name: "fewer_distinct_rows", Text: "not enough customers differ to fill that many segments; there are fewer", Mend: "a smaller `k`"},
		{Name: "unstable_restarts", Text: "half of the restarts end 5 % or more above the best inertia", Mend: "more `restarts`, or another `k`"},
		{Name: "unstable_clusters", Text: "with `k: auto`: even the k recommended has a segment that does not return when customers are drawn anew", Mend: "a smaller `max_k`, other features"},
		{Name: "single_class", Text: "all customers are in one group, so that there is nothing to put into words", Mend: "other features"},
		{Name: "constant_column", Text: "so many of the features have one value for all customers and play no part in the words", Mend: "drop them from features"},
		{Name: "weak_structure", Text: "customers hardly form groups: their silhouette is below 0.25, or not clearly above that of customers spread evenly, or the groups return less often when customers are drawn anew; the state is `weak_structure`", Mend: "use the segments as a way to cut, not as kinds of customers"},
		{Name: "drift", Text: "a feature has moved so far since the scales were learned that the groups should be found anew", Mend: "run once with `--from-scratch`, or with `refit: always`"},
		{Name: "refitted", Text: "the groups of the run before no longer hold: scales, number of groups and centres were found anew. Groups that go on keep their numbers", Mend: "look at what has changed; `drift` says from where on"},
	},
}

// The columns of the step; the first is its grouping as well.
const (
	numberColumn = "segment"
	nameColumn   = "segment_name"
)

// Settings are the settings of the step.
type Settings struct {
	K         setting.K `yaml:"k" doc:"Number of segments, or auto to choose it by several indices and stability."`
	MinK      int       `yaml:"min_k" min:"2" max:"100" doc:"Fewest segments that auto tries."`
	MaxK      int       `yaml:"max_k" min:"2" max:"100" doc:"Most segments that auto tries."`
	Features  []string  `yaml:"features" doc:"Features to group by, attributes of customers among them."`
	Transform string    `yaml:"transform" enum:"none,log" doc:"log: natural logarithm, of values shifted to begin at 1 where any is 0 or less."`
	Scale     string    `yaml:"scale" enum:"none,standard,robust,minmax" doc:"standard: mean 0, standard deviation 1. robust: by median and quartiles. minmax: to [0,1]."`
	Restarts  int       `yaml:"restarts" min:"1" max:"1000" doc:"How often k-means starts anew; the best result counts."`
	Explain   int       `yaml:"explain_depth" min:"1" max:"6" doc:"Depth of the tree that explains the segments in words."`
	Refit     string    `yaml:"refit" enum:"always,monthly,never" doc:"How often the centres are found anew where there is a run of an earlier day: in each run, in the first of a month, or never. In between, its groups are taken as they are."`
	Drift     float64   `yaml:"drift" min:"0" max:"100" doc:"PSI of a feature from which the scales no longer hold: they are learned anew, or a refit is advised."`
}

// Default returns the default settings of the step.
func Default() Settings {
	return Settings{
		K: setting.Auto, MinK: 2, MaxK: 10,
		Features:  []string{"recency_days", "frequency", moneyFeature},
		Transform: "log", Scale: "standard", Restarts: 32, Explain: 3, Refit: string(Always), Drift: drift.MajorPSI,
	}
}

// Check compares the settings with each other.
func (s *Settings) Check() []mining.Fault {
	var faults []mining.Fault
	if s.MinK > s.MaxK {
		faults = append(faults, mining.Faultf("min_k", "got %d above max_k %d, want a range", s.MinK, s.MaxK))
	}
	if len(s.Features) == 0 {
		faults = append(faults, mining.Faultf("features", "got no features, want at least one"))
	}
	return faults
}

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// Follows reports that the groups continue the groups of the run before.
func (s *Settings) Follows() bool { return true }

// Plan makes the task. Unknown features are refused.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	t := &task{set: *s}
	if !r.Priced() && slices.Equal(s.Features, Default().Features) {
		t.set.Features = slices.DeleteFunc(slices.Clone(s.Features), func(name string) bool { return name == moneyFeature })
		t.unpriced = true
	}
	_, faults := r.Select("features", t.set.Features)
	return t, faults
}

type task struct {
	set      Settings
	unpriced bool // the feature of money is left out of the default ones
}

// moneyFeature is the default feature that there is only with money.
const moneyFeature = "monetary"

// Memory covers the scaled features, the features and the labels of all customers.
func (t *task) Memory(customers int) int64 {
	return int64(customers) * int64(8*len(t.set.Features)+16)
}

// sums are the features added up for each segment.
var sums = []string{moneyFeature, "frequency"}

// Fit finds the groups with descriptions.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	before, _ := in.Before.Model(Step.Name).(*Model)
	f, err := Find(ctx, Config{
		K: int(t.set.K), MinK: t.set.MinK, MaxK: t.set.MaxK, Features: t.set.Features,
		Scaler:   features.ScalerConfig{Transform: features.Transform(t.set.Transform), Scale: features.Scaling(t.set.Scale)},
		Restarts: t.set.Restarts, Seed: in.Seed, Workers: in.Workers, Words: in.Words,
		AsOf: in.AsOf, Before: before, Refit: Refit(t.set.Refit), Drift: t.set.Drift,
	}, in.Table, in.Buyers)
	if err != nil {
		return nil, err
	}
	out := &mining.Result{State: f.State, Warnings: f.Warnings}
	if t.unpriced {
		out.Warnings = append(out.Warnings, models.Warning{Code: "no_money", Count: in.Customers(),
			Message: "no column holds money, so that customers are grouped by recency and frequency alone; map unit_price or amount under columns"})
	}
	if f.Model == nil {
		out.Section = section(f, nil, in.Words)
		return out, nil
	}
	groups, warnings, err := t.describe(ctx, in, f)
	if err != nil {
		return nil, err
	}
	out.Model, out.Groups, out.Warnings = f.Model, []*mining.Groups{groups}, append(out.Warnings, warnings...)
	out.Figures, out.Section = figures(f, groups), section(f, groups, in.Words)
	return out, nil
}

// describe compares the segments feature by feature, and explains them with a shallow tree
// in the units of the features.
func (t *task) describe(ctx context.Context, in *mining.Input, f *Findings) (*mining.Groups, []models.Warning, error) {
	g := &mining.Groups{Name: numberColumn, Names: f.Model.Names, Numbers: f.Model.Numbers, Labels: f.Labels, Defining: t.set.Features}
	var err error
	g.Described, err = profile.Describe(ctx, in.Table, in.Buyers, f.Labels, f.K, mining.Learnable(in.Features, nil), sums, in.Workers)
	if err != nil {
		return nil, nil, err
	}
	columns, err := in.Table.Matrix(ctx, t.set.Features, in.Buyers)
	if err != nil {
		return nil, nil, err
	}
	c := tree.DefaultSurrogate()
	c.MaxDepth, c.Seed, c.Workers = t.set.Explain, in.Seed, in.Workers
	fitted, report, err := c.FitClasses(ctx, models.Matrix{Names: t.set.Features, Cols: columns}, f.Labels, f.K, nil)
	if err != nil {
		return nil, nil, err
	}
	g.Fidelity = report.Score
	rules := fitted.Rules(t.set.Features, f.Model.Names, nil)
	for k := range f.K {
		g.Rules = append(g.Rules, inWords(rules, int32(k)))
	}
	return g, report.Warnings, nil
}
