package rules

import (
	"context"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/setting"
	"github.com/quintile-dev/quintile/models"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "rules",
	Doc:     "What is bought together, by association rules.",
	Chapter: mining.AboutSales,
	Example: "{min_support: 0.01, min_confidence: 0.5}",
	Default: func() mining.Settings { return new(Default()) },
	Files:   []mining.File{{Name: "rules.parquet", Text: "A row for each association rule."}},
	Figures: []mining.Doc{
		{Name: "baskets", Text: "orders with at least one product"},
		{Name: "itemsets", Text: "item sets that reach the minimum support"},
		{Name: "by_length", Text: "item sets by their number of items, from 0"},
		{Name: "rules", Text: "rules in rules.parquet"},
		{Name: "tested", Text: "rules that reach the thresholds, redundant ones among them"},
		{Name: "min_count", Text: "baskets that an item set needs"},
	},
	Warnings: []mining.Doc{
		{Name: "no_products", Text: "no column holds products: no rules", Mend: "map `product` under `columns`"},
		{Name: "too_few_baskets", Text: "fewer than 100 baskets: no rules, since a rule would be a matter of single baskets", Mend: "wait for more"},
		{Name: "over_budget", Text: "there are more item sets than `max_itemsets` or a quarter of the memory budget allow; those of the highest support that do fit are complete. The state is `partial`", Mend: "a higher `min_support`, a smaller `max_length`, or a larger budget"},
		{Name: "stopped", Text: "`max_time` ended the search; sets are complete among the most frequent items that the message counts. The state is `partial`", Mend: "as above, or a longer `max_time`"},
		{Name: "too_many_rules", Text: "there are more rules than are kept; the least confidence was raised. The state is `partial`", Mend: "a higher `min_confidence`"},
		{Name: "heavy_baskets", Text: "a few baskets hold half or more of all occurrences of the sets", Mend: "look whether they are orders like the others, or stock movements and tests"},
		{Name: "no_frequent_items", Text: "no product is in as many baskets as `min_support` asks", Mend: "a lower `min_support`"},
		{Name: "count_of_one", Text: "`min_support` comes to a single basket, so that every combination is frequent", Mend: "a higher `min_support`"},
	},
}

// Settings are the settings of the step.
type Settings struct {
	MinSupport       setting.Share   `yaml:"min_support" doc:"Smallest share of the baskets that hold an item set."`
	MinConfidence    setting.Share   `yaml:"min_confidence" doc:"Smallest share of the baskets with the left side that also hold the right side."`
	MinLift          float64         `yaml:"min_lift" min:"0" max:"1e12" doc:"Smallest lift of a rule."`
	MaxLength        int             `yaml:"max_length" min:"2" max:"64" doc:"Most items of a set."`
	MaxConsequent    int             `yaml:"max_consequent" min:"1" max:"1" doc:"Most items on the right side."`
	DropRedundant    bool            `yaml:"drop_redundant" doc:"Leave out rules that a shorter left side serves as well."`
	MaxItemsets      int             `yaml:"max_itemsets" min:"1" max:"1000000000" doc:"Most item sets; beyond it the result is partial, and says so."`
	MaxTime          setting.Seconds `yaml:"max_time" doc:"Longest search, such as 10m; beyond it the result is partial, and says so. Such an end may fall differently on another machine. Default: no bound."`
	AnonymousBaskets bool            `yaml:"anonymous_baskets" doc:"Baskets without a customer count as well."`
}

// Default returns the default settings of the step.
func Default() Settings {
	return Settings{MinSupport: 0.01, MinConfidence: 0.5, MaxLength: 4, MaxConsequent: 1, MaxItemsets: 5_000_000}
}

// Check finds no fault that the tags do not express.
func (s *Settings) Check() []mining.Fault { return nil }

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// WantsAnonymous reports whether baskets without a customer count.
func (s *Settings) WantsAnonymous() bool { return s.AnonymousBaskets }

// Plan makes the task.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	if !r.Mapped.Has(features.Product) {
		return unmapped{}, nil
	}
	return &task{set: *s, asOf: r.AsOf, products: r.Products, search: r.Budget / 4}, nil
}

// unmapped is the task of a job without products.
type unmapped struct{}

func (unmapped) Memory(int) int64 { return 0 }

func (unmapped) Fit(context.Context, *mining.Input) (*mining.Result, error) {
	return &mining.Result{State: mining.Insufficient, Warnings: []models.Warning{{Code: "no_products", Count: 1,
		Message: "rules need a column for product; map it under columns"}}}, nil
}

// task collects the baskets and mines them.
type task struct {
	set      Settings
	asOf     datasets.Day
	products int
	search   int64 // bytes of item sets
	store    basketStore
}

// Begin makes room for the baskets of each partition.
func (t *task) Begin(r *mining.Resources) error {
	t.store = basketStore{budget: r.Memory, spill: r.Spill, blocks: make([]basketBlock, r.Partitions)}
	return nil
}

// Worker returns a writer of baskets.
func (t *task) Worker(at int) mining.Worker { return &worker{task: t, at: at} }

// Close lets go of the baskets.
func (t *task) Close() error {
	t.store.close()
	return nil
}

type worker struct {
	*task
	at     int
	writer basketWriter
}

func (w *worker) Customer(c *mining.Customer) error {
	w.writer.add(c.Past.Events())
	return nil
}

func (w *worker) End(partition int, anonymous *datasets.Events) error {
	w.writer.addUntil(anonymous, w.asOf)
	return w.store.put(partition, w.at, &w.writer)
}

// Memory covers the baskets put together and of the search.
func (t *task) Memory(int) int64 { return t.search + t.store.held.Load() }

// Fit mines the baskets, which are let go before the search begins.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	baskets, err := t.store.baskets(t.products, float64(t.set.MinSupport))
	if err != nil {
		return nil, mining.SpillError(err)
	}
	t.store.close()
	f, err := Mine(ctx, Config{
		MinSupport: float64(t.set.MinSupport), MinConfidence: float64(t.set.MinConfidence), MinLift: t.set.MinLift,
		MaxLength: t.set.MaxLength, MaxConsequent: t.set.MaxConsequent, DropRedundant: t.set.DropRedundant,
		MaxItemsets: t.set.MaxItemsets, Memory: t.search, Workers: in.Workers, Stop: in.Deadline(t.set.MaxTime.Duration()),
	}, baskets)
	if err != nil {
		return nil, err
	}
	return &mining.Result{
		State: f.State, Warnings: f.Warnings,
		Figures: []mining.Figure{
			{Name: "baskets", Value: f.Baskets}, {Name: "itemsets", Value: f.Itemsets, Summary: true},
			{Name: "by_length", Value: f.ByLength}, {Name: "rules", Value: len(f.Rules), Summary: true},
			{Name: "tested", Value: f.Tested}, {Name: "min_count", Value: f.MinCount},
		},
		Tables: []mining.Table{rulesTable(in, f.Rules)}, Section: section(in, f),
	}, nil
}
