// Package recommend is the step that suggests the next offers for each customer: products
// to buy again by the customer's own rhythm, and products new to the customer, bought by
// customers with similar holdings. The step judges itself on the last days of the history,
// beside the most bought products of a month.
package recommend

import (
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "recommend",
	Doc:     "What to offer each customer next.",
	Chapter: mining.AboutOffers,
	Example: "{top: 10, horizon_days: 30}",

	Default:  func() mining.Settings { return new(Default()) },
	NewModel: func() mining.Model { return new(Model) },

	Columns: []mining.Column{
		{CRM: true, Column: table.Column{
			Name: productColumn, Type: table.Text, Nullable: true, Dictionary: true,
			Description: "first product of the customer's list in recommendations.parquet",
		}},
		{CRM: true, Column: table.Column{
			Name: reasonColumn, Type: table.Text, Nullable: true, Description: "why this product, in words",
		}},
	},
	Files: []mining.File{
		{Name: listsFile, Text: "The products to offer each customer, the best first.", Columns: listColumns},
		{Name: propensityFile, Text: "How probably each customer buys in each of the main categories. Written where a category is mapped.", Columns: propensityColumns},
	},
	Figures: []mining.Doc{
		{Name: "hit_rate_10", Text: "share of the customers who bought in the horizon one or more of their first ten products: `all` products, and of the products `new` to them"},
		{Name: "ndcg_10", Text: "normalised discounted cumulative gain of the first ten products, for `all` and `new`"},
		{Name: "popularity", Text: "`hit_rate_10` and `ndcg_10` of the products that most customers bought in the last 30 days, for `all` and `new`"},
		{Name: "judged", Text: "customers who bought before and within the horizon (`all`), and those of them who bought something new (`new`)"},
		{Name: "sample_share", Text: "share of the customers on whom methods are judged and probabilities learned"},
		{Name: "repeats_by", Text: "how products held are ranked: `rhythm` or `frequency`"},
		{Name: "new_by", Text: "how new products are ranked: `ease`, `neighbours` or `popularity`"},
		{Name: "trials", Text: "methods for new products that competed, with their settings and the ndcg_10 on the horizon"},
		{Name: "products", Text: "products that may be offered"},
		{Name: "dense", Text: "most bought products that EASE predicts; the others are predicted by item-kNN"},
		{Name: "line_customers", Text: "customers who hold the last product within EASE"},
		{Name: "customers", Text: "customers with a list"},
		{Name: "first_repeat_share", Text: "share of the lists that begin with a product bought before"},
		{Name: "expected_10", Text: "products that a customer buys in the horizon among the first ten, by the probabilities, and as observed; both on customers that the probabilities were not learned from"},
		{Name: "propensity", Text: "by category: share of the customers who bought in the horizon, AUC and expected calibration error on the horizon, by a model of the horizon before"},
		{Name: "message", Text: "what is missing, with insufficient_data"},
	},
	Warnings: []mining.Doc{
		{Name: "no_products", Text: "no column holds products: no recommendations", Mend: "map `product` under `columns`, or name another `dimension`"},
		{Name: "insufficient_data", Text: "fewer than 50 customers bought both before and within the last `horizon_days`: no recommendations", Mend: "a longer `horizon_days`, or a longer history"},
		{Name: "popularity_wins", Text: "the most bought products of the last 30 days do as well on the horizon as what was learned. The state is `popularity_wins`", Mend: "wait for more history; look whether customers hold more than one product"},
		{Name: "excluded_nothing", Text: "rules of `exclude` match no product", Mend: "look at the spelling of the codes"},
	},
}

// The columns and files of the step.
const (
	productColumn  = "next_product"
	reasonColumn   = "next_product_reason"
	listsFile      = "recommendations.parquet"
	propensityFile = "propensity.parquet"
)

// PopularityWins is the state in which nothing learned is better than the most bought
// products of a month.
const PopularityWins mining.State = "popularity_wins"

// Settings are the settings of the step.
type Settings struct {
	Top           int    `yaml:"top" min:"1" max:"100" doc:"Most products of a customer's list."`
	HorizonDays   int    `yaml:"horizon_days" min:"1" max:"3650" doc:"Days in which a product is to be bought. Methods are judged, and probabilities learned, on the last so many days of the history."`
	Repeats       bool   `yaml:"repeats" doc:"Offer products that the customer has bought before. false: only products never bought."`
	Dimension     string `yaml:"dimension" doc:"Column whose values are offered: product, another dimension of the line items such as category, or one of the job's own."`
	MaxAgeDays    int    `yaml:"max_age_days" min:"1" max:"36500" doc:"A product that nobody has bought in this many days is not offered."`
	DenseProducts int    `yaml:"dense_products" min:"0" max:"20000" doc:"Most products, by customers, that EASE predicts; the others are predicted by item-kNN. Memory grows with the square and time with the cube: 5000 take 200 MB and half a minute. 0: item-kNN alone."`
	Exclude       []Rule `yaml:"exclude" doc:"Products that are never offered."`
}

// Rule matches products.
type Rule struct {
	Equals string `yaml:"equals" doc:"The code of the product."`
	Prefix string `yaml:"prefix" doc:"How the codes of the products begin."`
}

// matches reports whether the rule matches a code.
func (r Rule) matches(code string) bool {
	if r.Equals != "" {
		return code == r.Equals
	}
	return strings.HasPrefix(code, r.Prefix)
}

// Default returns the default settings of the step.
func Default() Settings {
	return Settings{Top: 10, HorizonDays: 30, Repeats: true, Dimension: "product", MaxAgeDays: 730, DenseProducts: 5000}
}

// Check refuses rules that say nothing or two things.
func (s *Settings) Check() []mining.Fault {
	var faults []mining.Fault
	for _, r := range s.Exclude {
		if (r.Equals == "") == (r.Prefix == "") {
			faults = append(faults, mining.Faultf("exclude", "got equals %q and prefix %q, want one of them in each rule", r.Equals, r.Prefix))
		}
	}
	return faults
}

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// Plan makes the task. An unknown dimension is refused.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	d, ok := dimensionOf(r, s.Dimension)
	switch {
	case !ok && s.Dimension == datasets.Product.String():
		return unmapped{}, nil
	case !ok:
		return unmapped{}, []mining.Fault{mining.Faultf("dimension", "got %q, want a dimension that is mapped under columns, such as product", s.Dimension)}
	}
	return &task{set: *s, dimension: d, collector: newCollector(r, d, s.Top)}, nil
}
