package pipeline

import (
	"fmt"
	"math"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining/profile"
	"github.com/quintile-dev/quintile/models/itemset"
)

// ruleMeasure is one column of rules.parquet that is a number of a rule.
type ruleMeasure struct {
	name, description string
	value             func(*itemset.Rule) float64
}

// ruleMeasures are the columns after count, in the order of the file.
var ruleMeasures = []ruleMeasure{
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

// ruleColumns describes rules.parquet, with descriptions of the products or
// without.
func ruleColumns(named bool) []table.Column {
	columns := []table.Column{
		{Name: "antecedent", Type: table.TextList, Description: "products of the left side"},
		{Name: "consequent", Type: table.Text, Dictionary: true, Description: "product of the right side"},
		{Name: "count", Type: table.Int64, Unit: "baskets", Description: "baskets that hold both sides"},
	}
	for _, m := range ruleMeasures {
		columns = append(columns, table.Column{Name: m.name, Type: table.Float64, Description: m.description})
	}
	if named {
		columns = append(columns,
			table.Column{Name: "antecedent_description", Type: table.TextList, Description: "descriptions of the left side"},
			table.Column{Name: "consequent_description", Type: table.Text, Dictionary: true, Description: "description of the right side"})
	}
	return columns
}

// writeRules writes rules.parquet.
func (r *run) writeRules(s *stage) error {
	named := r.scan.names != nil
	columns := ruleColumns(named)
	w, err := s.table("rules.parquet", columns)
	if err != nil {
		return err
	}
	rules := r.found.rules.Rules
	values := make([]table.Values, len(columns))
	for i := range rules {
		rule := &rules[i]
		values[0].Lists = append(values[0].Lists, r.products(rule.Antecedent))
		values[1].Strings = append(values[1].Strings, r.products(rule.Consequent)[0])
		values[2].Ints = append(values[2].Ints, int64(rule.Both))
		for k, m := range ruleMeasures {
			values[3+k].Floats = append(values[3+k].Floats, m.value(rule))
		}
		if named {
			n := len(columns)
			values[n-2].Lists = append(values[n-2].Lists, r.descriptions(rule.Antecedent))
			values[n-1].Strings = append(values[n-1].Strings, r.descriptions(rule.Consequent)[0])
		}
	}
	return w.finish(w.write(values, len(rules)))
}

// products returns the texts of product codes.
func (r *run) products(codes []uint32) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = string(r.dict[datasets.Product].At(int(c)))
	}
	return out
}

// descriptions returns the most frequent description of each product, "" where
// there is none.
func (r *run) descriptions(codes []uint32) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		if d := r.scan.names[c]; d != datasets.NoCode {
			out[i] = string(r.dict[datasets.Description].At(int(d)))
		}
	}
	return out
}

// profileColumns describes profiles.parquet, with the means of these features.
func (r *run) profileColumns(learned []string) []table.Column {
	columns := []table.Column{
		{Name: "segment", Type: table.Int32, Description: "number of the natural group"},
		{Name: "segment_name", Type: table.Text, Description: "what marks it, in a few words"},
		{Name: "customers", Type: table.Int64, Unit: "customers", Description: "customers in it"},
		{Name: "customer_share", Type: table.Float64, Unit: "share", Description: "of all customers who have bought"},
		r.moneyColumn("money", "money spent by them, before returns"),
		{Name: "money_share", Type: table.Float64, Nullable: true, Unit: "share", Description: "of the money spent by all"},
		{Name: "orders", Type: table.Float64, Unit: "orders", Description: "orders placed by them"},
		{Name: "marks", Type: table.TextList, Description: "features in which it differs most from all customers: mean, and index against the mean of all as 100"},
		{Name: "rule", Type: table.Text, Nullable: true, Description: "the segment in words, by a shallow tree"},
		{Name: "rule_confidence", Type: table.Float64, Nullable: true, Unit: "share", Description: "of the customers that the rule picks, those in the segment"},
		{Name: "fidelity", Type: table.Float64, Unit: "share", Description: "of all customers that the tree puts into their segment"},
	}
	for _, name := range learned {
		columns = append(columns, table.Column{Name: "mean_" + name, Type: table.Float64, Nullable: true, Description: "mean of " + name})
	}
	return columns
}

// writeProfiles writes profiles.parquet: a row for each segment.
func (r *run) writeProfiles(s *stage) error {
	learned := r.learnable(nil)
	columns := r.profileColumns(learned)
	w, err := s.table("profiles.parquet", columns)
	if err != nil {
		return err
	}
	groups := r.found.groups
	v := make([]table.Values, len(columns))
	var money []float64
	ruled := datasets.NewBitmap(len(groups))
	for i := range groups {
		g := &groups[i]
		v[0].Ints = append(v[0].Ints, int64(i+1))
		v[1].Strings = append(v[1].Strings, r.found.segments.Model.Names[i])
		v[2].Ints = append(v[2].Ints, int64(g.Customers))
		v[3].Floats = append(v[3].Floats, g.Share)
		money = append(money, g.Sums[0])
		v[5].Floats = append(v[5].Floats, g.SumShares[0])
		v[6].Floats = append(v[6].Floats, g.Sums[1])
		v[7].Lists = append(v[7].Lists, markTexts(g.Marks))
		text, confidence := r.found.explain.words(int32(i))
		if text != "" {
			ruled.Set(i)
		}
		v[8].Strings = append(v[8].Strings, text)
		v[9].Floats = append(v[9].Floats, confidence)
		v[10].Floats = append(v[10].Floats, r.found.explain.report.Score)
		for k := range learned {
			v[11+k].Floats = append(v[11+k].Floats, g.Means[k])
		}
	}
	v[4], v[8].Valid = numbers(columns[4], money), ruled
	return w.finish(w.write(v, len(groups)))
}

func markTexts(marks []profile.Mark) []string {
	var out []string
	for _, m := range marks {
		text := fmt.Sprintf("%s %.4g", m.Feature, m.Mean)
		if !math.IsNaN(m.Index) {
			text += fmt.Sprintf(" (index %.0f)", m.Index)
		}
		out = append(out, text)
	}
	return out
}

// words returns the rules whose leaves are mostly of a segment, the largest
// first, and how often they are right.
func (e *surrogate) words(segment int32) (text string, confidence float64) {
	var texts []string
	weight, right := 0.0, 0.0
	for _, rule := range e.rules {
		if rule.Class != segment {
			continue
		}
		condition, _, _ := strings.Cut(rule.Text, " ⇒ ")
		texts = append(texts, condition)
		weight += rule.Weight
		right += rule.Weight * rule.Confidence
	}
	if weight == 0 {
		return "", math.NaN()
	}
	return strings.Join(texts, " or "), right / weight
}

// quarantineColumns describes quarantine.parquet.
var quarantineColumns = []table.Column{
	{Name: "source", Type: table.Text, Dictionary: true, Description: "the file"},
	{Name: "line", Type: table.Int64, Nullable: true, Description: "line of a text file, from 1, header included"},
	{Name: "row", Type: table.Int64, Nullable: true, Description: "row of another file, from 1"},
	{Name: "column", Type: table.Text, Nullable: true, Dictionary: true, Description: "the column at fault; null for the whole row"},
	{Name: "reason", Type: table.Text, Dictionary: true, Description: "why the row was refused"},
	{Name: "got", Type: table.Text, Nullable: true, Description: "what was found"},
	{Name: "want", Type: table.Text, Dictionary: true, Description: "what was wanted"},
}

// writeQuarantine writes quarantine.parquet: a row for each row that was
// refused.
func (r *run) writeQuarantine(s *stage) error {
	columns := quarantineColumns
	w, err := s.table("quarantine.parquet", columns)
	if err != nil {
		return err
	}
	faults := r.allRefused()
	n := len(faults)
	v := make([]table.Values, len(columns))
	for _, i := range []int{1, 2, 3, 5} {
		v[i].Valid = datasets.NewBitmap(n)
	}
	set := func(column, i int, has bool) {
		if has {
			v[column].Valid.Set(i)
		}
	}
	for i, f := range faults {
		v[0].Strings = append(v[0].Strings, f.Pos.Path)
		v[1].Ints = append(v[1].Ints, f.Pos.Line)
		v[2].Ints = append(v[2].Ints, f.Pos.Row)
		v[3].Strings = append(v[3].Strings, f.Pos.Column)
		v[4].Strings = append(v[4].Strings, string(f.Reason))
		v[5].Strings = append(v[5].Strings, strings.ToValidUTF8(f.Got, "\uFFFD"))
		v[6].Strings = append(v[6].Strings, f.Want)
		set(1, i, f.Pos.Line > 0)
		set(2, i, f.Pos.Row > 0)
		set(3, i, f.Pos.Column != "")
		set(5, i, f.Got != "")
	}
	return w.finish(w.write(v, n))
}
