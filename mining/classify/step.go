// Package classify is the step that explains the differences between groups of customers:
// a decision tree for a grouping found by another step.
package classify

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/profile"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/models/tree"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "classify",
	Doc:     "What tells groups apart, by a decision tree.",
	Example: "{target: rfm_segment}",

	Default:  func() mining.Settings { return new(Default()) },
	NewModel: func() mining.Model { return new(Model) },

	Columns: []mining.Column{{Column: table.Column{
		Name: "class", Type: table.Int32, Nullable: true,
		Description: "leaf of the decision tree, from 0; models/classify.json says it in words",
	}}},
	Figures: []mining.Doc{
		{Name: "target", Text: "the groups that are told apart"},
		{Name: "leaves", Text: "leaves of the tree"},
		{Name: "depth", Text: "most questions from the root to a leaf"},
		{Name: "accuracy", Text: "share of the customers whom the tree puts into their group"},
		{Name: "sampled", Text: "customers the tree was grown on"},
		{Name: "alpha", Text: "cost of a leaf that pruning took"},
	},
	Warnings: []mining.Doc{
		{Name: "too_few_customers", Text: "fewer than 50 customers, or one group alone: no tree", Mend: "wait for more, or choose another `target`"},
		{Name: "no_split", Text: "no question divides the customers within the limits: the tree is one leaf", Mend: "a smaller `min_leaf`, more features"},
		{Name: "constant_column", Text: "so many features have one value for all customers and can tell nothing apart", Mend: "nothing, or name the `features`"},
		{Name: "single_class", Text: "all customers learned from are in one group: the tree is one leaf", Mend: "another `target`"},
		{Name: "constant_target", Text: "all customers learned from are in one group: the tree is one leaf", Mend: "another `target`"},
		{Name: "categories_pooled", Text: "a feature has more categories than are told apart; the rarest count as one", Mend: "group them in the source"},
		{Name: "too_few_rows", Text: "too few customers for cross-validation: the tree was not pruned", Mend: "a smaller `max_depth` in its place"},
	},
}

// Settings are the settings of the step.
type Settings struct {
	Target   string   `yaml:"target" doc:"The groups to tell apart: a grouping of a step, such as rfm_segment, segment or quadrant, or an attribute of customers under categories."`
	Features []string `yaml:"features" doc:"Features to tell them apart by, attributes of customers among them. Default: all that are numbers, but those that define the groups."`
	MaxDepth int      `yaml:"max_depth" min:"1" max:"20" doc:"Most questions from the root to a leaf."`
	MinLeaf  int      `yaml:"min_leaf" min:"1" max:"1000000000" doc:"Fewest customers of a leaf."`
	Prune    bool     `yaml:"prune" doc:"Cut back what cross-validation does not bear out."`
}

// Default returns the default settings of the step.
func Default() Settings {
	return Settings{Target: "rfm_segment", MaxDepth: 5, MinLeaf: 20, Prune: true}
}

// Check finds no fault that the tags do not express.
func (s *Settings) Check() []mining.Fault { return nil }

// Needs returns the grouping.
func (s *Settings) Needs() []string { return []string{s.Target} }

// NeedsField returns the field with the names returned by Needs.
func (s *Settings) NeedsField() string { return "target" }

// Plan makes the task. Unknown features are refused.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	_, faults := r.Select("features", s.Features)
	return &task{*s, len(mining.Learnable(r.Features, s.Features))}, faults
}

type task struct {
	set     Settings
	columns int
}

// Memory covers the sample that the tree is grown on, and of the labels.
func (t *task) Memory(customers int) int64 {
	return min(int64(customers)*int64(t.columns)*5, profile.MaxBytes) + 8*int64(customers)
}

// Fit grows the tree.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	groups, err := t.groups(ctx, in)
	if err != nil {
		return nil, err
	}
	target := mining.Figure{Name: "target", Value: t.set.Target}
	if groups == nil {
		return &mining.Result{State: mining.Insufficient, Figures: []mining.Figure{target}}, nil
	}
	f, err := profile.Classify(ctx, profile.Config{
		Features: t.learnable(in, groups), MaxDepth: t.set.MaxDepth, MinLeaf: t.set.MinLeaf,
		Prune: t.set.Prune, Seed: in.Seed, Workers: in.Workers,
	}, in.Table, in.Buyers, profile.Classes{Names: groups.Names, Labels: groups.Labels})
	if err != nil {
		return nil, err
	}
	out := &mining.Result{State: mining.State(f.State), Warnings: f.Warnings, Figures: []mining.Figure{target}}
	if f.Model == nil {
		return out, nil
	}
	out.Model, out.Section = &Model{f.Model}, section(f, t.set.Target, in.Words)
	out.Figures = append(out.Figures,
		mining.Figure{Name: "leaves", Value: f.Report.Leaves, Summary: true}, mining.Figure{Name: "depth", Value: f.Report.Depth},
		mining.Figure{Name: "accuracy", Value: f.Accuracy, Summary: true}, mining.Figure{Name: "sampled", Value: f.Sampled},
		mining.Figure{Name: "alpha", Value: f.Report.Alpha})
	return out, nil
}

// groups returns the grouping, nil where its step had too little data.
func (t *task) groups(ctx context.Context, in *mining.Input) (*mining.Groups, error) {
	if g := in.Groups(t.set.Target); g != nil {
		return g, nil
	}
	if !slices.Contains(in.Attributes, datasets.Attribute{Name: t.set.Target, Category: true}) {
		return nil, nil
	}
	columns, err := in.Table.Columns(ctx, []string{t.set.Target}, in.Buyers)
	if err != nil {
		return nil, err
	}
	g := &mining.Groups{Name: t.set.Target, Labels: make([]int32, len(columns[0])), Defining: []string{t.set.Target}}
	for i, code := range columns[0] {
		g.Labels[i] = -1
		if code == code {
			g.Labels[i] = int32(code)
		}
	}
	for i, names := 0, in.Categories(t.set.Target); i < names.Len(); i++ {
		g.Names = append(g.Names, string(names.At(i)))
	}
	return g, nil
}

// learnable returns the features for telling groups apart: the named features, or all
// except the features that define the groups (a tree on these would only repeat the
// definition).
func (t *task) learnable(in *mining.Input, g *mining.Groups) []string {
	if len(t.set.Features) > 0 {
		return t.set.Features
	}
	return slices.DeleteFunc(mining.Learnable(in.Features, nil), func(name string) bool { return slices.Contains(g.Defining, name) })
}

// shown is the number of rules that the page shows at once.
const shown = 6

func section(f *profile.Tree, target string, w *words.Words) *page.Section {
	head := func(title string, fold bool) page.Table {
		return page.Table{
			Title: title, Fold: fold, Head: []string{"Class", "Rule", "Customers", "Confidence", "Lift"}, Numeric: []bool{true, false, true, true, true},
		}
	}
	largest := slices.Clone(f.Rules)
	slices.SortStableFunc(largest, func(a, b tree.Rule) int { return cmp.Compare(b.Rows, a.Rows) })
	first, all := head("The rules that hold for most customers", false), head("All rules", true)
	add := func(t *page.Table, rules []tree.Rule) {
		for _, rule := range rules {
			t.Rows = append(t.Rows, []string{
				strconv.Itoa(rule.Leaf), rule.Text, page.Whole(int64(rule.Rows)), page.Percent(rule.Confidence), page.Short(rule.Lift),
			})
		}
	}
	add(&first, largest[:min(shown, len(largest))])
	add(&all, f.Rules)
	s := &page.Section{
		Title: "What tells the groups apart",
		Text: w.Say("%d rules put %s of the customers into their group of %s.",
			f.Report.Leaves, page.Percent(f.Accuracy), w.Column(target)),
		Tables: []page.Table{first},
	}
	if len(f.Rules) > shown {
		s.Tables = append(s.Tables, all)
	}
	return s
}

// Model puts a customer into a leaf of the tree.
type Model struct{ *profile.TreeModel }

// ScoreTo sets the leaf of each customer.
func (m *Model) ScoreTo(ctx context.Context, dst *mining.Scores, b *mining.Batch, workers int) error {
	leaves := make([]int32, b.Rows)
	if err := m.LeafTo(ctx, leaves, b.Column, workers); err != nil {
		return err
	}
	valid := datasets.NewBitmap(b.Rows)
	for i, l := range leaves {
		if l >= 0 {
			valid.Set(i)
		}
	}
	dst.Set("class", table.Values{Int32s: leaves, Valid: valid})
	return nil
}
