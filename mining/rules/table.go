package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/models/itemset"
)

// measure is a column of rules.parquet that is a number of a rule.
type measure struct {
	name, description string
	value             func(*itemset.Rule) float64
}

// measures are the columns after count, in the order of the file.
var measures = []measure{
	{"support", "share of the baskets that hold both sides", func(r *itemset.Rule) float64 { return r.Support }},
	{"confidence", "share of the baskets with the left side that hold the right side", func(r *itemset.Rule) float64 { return r.Confidence }},
	{"lift", "confidence over the share of baskets with the right side; 1 for independence", func(r *itemset.Rule) float64 { return r.Lift }},
	{"leverage", "support less that expected for independence", func(r *itemset.Rule) float64 { return r.Leverage }},
	{"conviction", "how much more often the rule would fail for independence; infinite for a rule that never fails", func(r *itemset.Rule) float64 { return r.Conviction }},
	{"zhang", "Zhang's measure of association, from -1 to 1", func(r *itemset.Rule) float64 { return r.Zhang }},
	{"jaccard", "baskets with both sides over baskets with either", func(r *itemset.Rule) float64 { return r.Jaccard }},
	{"cosine", "support over the geometric mean of the sides' shares", func(r *itemset.Rule) float64 { return r.Cosine }},
	{"kulczynski", "mean of the confidences in both directions", func(r *itemset.Rule) float64 { return r.Kulczynski }},
	{"imbalance", "how unequal the sides are, from 0 to 1", func(r *itemset.Rule) float64 { return r.Imbalance }},
	{"certainty", "share of the doubt about the right side that the left side removes, from -1 to 1", func(r *itemset.Rule) float64 { return r.Certainty }},
	{"odds_ratio", "odds of the right side with the left side over those without it", func(r *itemset.Rule) float64 { return r.OddsRatio }},
	{"chi2", "chi-squared statistic of the fourfold table", func(r *itemset.Rule) float64 { return r.ChiSquared }},
	{"p_value", "probability of so many common baskets by chance, by Fisher's exact test", func(r *itemset.Rule) float64 { return r.PValue }},
	{"adjusted_p", "p_value after Benjamini and Hochberg, over all rules tested", func(r *itemset.Rule) float64 { return r.AdjustedP }},
	{"improvement", "confidence less the best of a shorter left side; 0 or less for a redundant rule", func(r *itemset.Rule) float64 { return r.Improvement }},
}

// Columns describes rules.parquet, with descriptions of the products or without.
func Columns(named bool) []mining.Column {
	columns := []mining.Column{
		{Column: table.Column{Name: "antecedent", Type: table.TextList, Description: "products of the left side"}},
		{Column: table.Column{Name: "consequent", Type: table.Text, Dictionary: true, Description: "product of the right side"}},
		{Column: table.Column{Name: "count", Type: table.Int64, Unit: "baskets", Description: "baskets that hold both sides"}},
	}
	for _, m := range measures {
		columns = append(columns, mining.Column{Column: table.Column{Name: m.name, Type: table.Float64, Description: m.description}})
	}
	if named {
		columns = append(columns,
			mining.Column{Column: table.Column{Name: "antecedent_description", Type: table.TextList, Description: "descriptions of the left side"}},
			mining.Column{Column: table.Column{
				Name: "consequent_description", Type: table.Text, Dictionary: true, Description: "description of the right side",
			}})
	}
	return columns
}

// batchRows is the number of rules written at a time.
const batchRows = 1 << 16

// rulesTable returns rules.parquet.
func rulesTable(in *mining.Input, rules []itemset.Rule) mining.Table {
	named := in.ProductNames != nil
	columns := Columns(named)
	return mining.Table{Name: "rules.parquet", Columns: columns, Write: func(_ context.Context, w mining.TableWriter) error {
		for from := 0; from == 0 || from < len(rules); from += batchRows {
			batch := rules[from:min(from+batchRows, len(rules))]
			if err := w.Write(values(in, batch, len(columns), named), len(batch)); err != nil {
				return err
			}
		}
		return nil
	}}
}

func values(in *mining.Input, rules []itemset.Rule, columns int, named bool) []table.Values {
	v := make([]table.Values, columns)
	for i := range rules {
		rule := &rules[i]
		v[0].Lists = append(v[0].Lists, products(in, rule.Antecedent))
		v[1].Strings = append(v[1].Strings, in.Product(rule.Consequent[0]))
		v[2].Ints = append(v[2].Ints, int64(rule.Both))
		for k, m := range measures {
			v[3+k].Floats = append(v[3+k].Floats, m.value(rule))
		}
		if named {
			v[columns-2].Lists = append(v[columns-2].Lists, descriptions(in, rule.Antecedent))
			v[columns-1].Strings = append(v[columns-1].Strings, in.ProductNames(rule.Consequent[0]))
		}
	}
	return v
}

// products returns the texts of product codes.
func products(in *mining.Input, codes []uint32) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = in.Product(c)
	}
	return out
}

// descriptions returns the most frequent description of each product, "" where there is
// none.
func descriptions(in *mining.Input, codes []uint32) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = in.ProductNames(c)
	}
	return out
}

// shown is the number of rules on the page; the file has all.
const shown = 25

func section(in *mining.Input, f *Findings) *page.Section {
	s := &page.Section{
		Title: "What is bought together",
		Text: in.Words.Say("%s rules from %s item sets in %s baskets. The strongest by lift follow; rules.parquet has all.",
			page.Whole(int64(len(f.Rules))), page.Whole(int64(f.Itemsets)), page.Whole(int64(f.Baskets))),
	}
	t := page.Table{Head: []string{"With", "also", "Baskets", "Confidence", "Lift"}, Numeric: []bool{false, false, true, true, true}}
	for i := range min(shown, len(f.Rules)) {
		rule := &f.Rules[i]
		t.Rows = append(t.Rows, []string{
			itemTexts(in, rule.Antecedent), itemTexts(in, rule.Consequent), page.Whole(int64(rule.Both)),
			page.Percent(rule.Confidence), page.Short(rule.Lift),
		})
	}
	if len(t.Rows) > 0 {
		s.Charts = append(s.Charts, flow(in, f.Rules))
		s.Tables = append(s.Tables, t)
	}
	return s
}

// drawn is the number of rules in the picture.
const drawn = 12

// flow draws the first rules of one product on either side, as ribbons with a width
// by the number of baskets with both.
func flow(in *mining.Input, rules []itemset.Rule) page.Flow {
	c := page.Flow{Title: "What goes with what: the strongest pairs, by baskets", LeftName: "with", RightName: "also"}
	place := func(names *[]string, name string) int {
		if at := slices.Index(*names, name); at >= 0 {
			return at
		}
		*names = append(*names, name)
		return len(*names) - 1
	}
	pairs := map[[2]uint32]bool{}
	for i := range rules {
		r := &rules[i]
		if len(c.Links) == drawn {
			break
		}
		if len(r.Antecedent) != 1 || pairs[[2]uint32{r.Consequent[0], r.Antecedent[0]}] {
			continue // the same pair the other way round
		}
		pairs[[2]uint32{r.Antecedent[0], r.Consequent[0]}] = true
		c.Links = append(c.Links, page.Link{
			From: place(&c.Left, callName(in, r.Antecedent[0])), To: place(&c.Right, callName(in, r.Consequent[0])), Weight: float64(r.Both),
			Label: fmt.Sprintf("%s baskets, %s of those with the first", page.Whole(int64(r.Both)), page.Percent(r.Confidence)),
		})
	}
	return c
}

// callName returns the description of a product, or the product where there is none.
func callName(in *mining.Input, code uint32) string {
	if in.ProductNames != nil {
		if name := in.ProductNames(code); name != "" {
			return name
		}
	}
	return in.Product(code)
}

// itemTexts writes products with their descriptions where there are any.
func itemTexts(in *mining.Input, codes []uint32) string {
	texts := products(in, codes)
	if in.ProductNames != nil {
		for i, d := range descriptions(in, codes) {
			if d != "" {
				texts[i] += " " + d
			}
		}
	}
	return strings.Join(texts, " + ")
}
