package loyalty

import (
	"context"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
)

// Memory covers the columns, of the prices paid and of what is sorted for ranks.
func (t *task) Memory(customers int) int64 { return 160 * int64(customers) }

const (
	maxRanks      = 1 << 14 // values of a column whose ranks a model keeps
	minDetermined = 20      // customers with a rhythm, below whom nobody is ranked
)

// account is what is known of all customers.
type account struct {
	*Model
	columns  [][]float64 // the common ones, of those who have bought
	price    []float64   // of all customers, in the order of ids
	repeated []float64   // likewise
	quality  []float64   // of those who have bought; nil where no attribute is named
	buyers   []uint32    // nil: all have bought
	kinds    []int32
	value    []float64
}

// Fit counts who came back, and compares the customers.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	if in.Customers() == 0 {
		return &mining.Result{State: mining.Insufficient}, nil
	}
	counts, repeats, prices := t.merged()
	if err := counts.check(in.Customers()); err != nil {
		return nil, err
	}
	a := &account{Model: &Model{Cohort: t.set.Cohort, Quality: t.set.Quality, Discounts: t.discounts}, buyers: in.Buyers}
	rounded, err := t.compare(ctx, in, a, prices)
	if err != nil {
		return nil, err
	}
	out := &mining.Result{State: mining.OK, Model: a.Model, Scorer: scorer{a.Model, a.price, a.repeated}}
	warnings := t.learn(in, a)
	if rounded > 0 {
		warnings = append(warnings, models.Warning{Code: "rounded_prices", Count: rounded,
			Message: fmt.Sprintf("%d products have too many distinct prices to count each; their median is within 0.4 %%", rounded)})
	}
	out.Warnings = warnings
	orders, err := in.Table.Columns(ctx, []string{"frequency"}, in.Buyers)
	if err != nil {
		return nil, err
	}
	if a.Related {
		out.Groups = []*mining.Groups{a.groups(t.set.Strategies)}
	}
	out.Tables = []mining.Table{t.cohortTable(counts, in.AsOf), t.numberTable(counts, in.AsOf)}
	f := t.figures(in, a, counts, repeats, orders[0])
	out.Figures = append(f.list(a), mining.Figure{Name: "rounded_prices", Value: rounded})
	out.Section = t.section(in, a, counts, repeats, f)
	return out, nil
}

// compare reads the columns, finds the median prices, and sets what each customer paid for
// the same goods.
func (t *task) compare(ctx context.Context, in *mining.Input, a *account, p *prices) (rounded int, err error) {
	if a.columns, err = in.Table.Columns(ctx, common, in.Buyers); err != nil {
		return 0, err
	}
	if a.Quality != "" {
		columns, err := in.Table.Columns(ctx, []string{a.Quality}, in.Buyers)
		if err != nil {
			return 0, err
		}
		a.quality = columns[0]
	}
	medians, rounded := p.medians()
	a.Products = make(map[string]float64, len(medians))
	priced := in.Priced() && in.Counted() // else a price of one piece is not known
	if in.Mapped.Has(features.Product) && priced {
		for code, price := range medians {
			if len(p.products[code].list) > 0 {
				a.Products[in.Product(uint32(code))] = price
			}
		}
	}
	places, err := in.Table.Columns(ctx, []string{placeColumn, moneyColumn}, nil)
	if err != nil {
		return 0, err
	}
	before, n := t.store.offsets()
	cost, repeated := make([]float64, 0, n), make([]float64, 0, n)
	err = t.store.each(func(h *holdings) {
		cost, repeated = append(cost, h.atMedians(medians)), append(repeated, h.repeatedShare())
	})
	if err != nil {
		return 0, mining.SpillError(err)
	}
	t.store.close()
	a.price, a.repeated = places[0], make([]float64, len(places[0]))
	for i, place := range places[0] {
		at := int64(place)
		k := before[at/placesOfPartition] + int(at%placesOfPartition)
		a.price[i], a.repeated[i] = math.NaN(), repeated[k]
		if priced {
			a.price[i] = priceIndex(places[1][i], cost[k])
		}
	}
	return rounded, nil
}

// signs returns what is known of buyer i.
func (a *account) signs(i int) signs {
	at := i
	if a.buyers != nil {
		at = int(a.buyers[i])
	}
	return signsOf(a.columns, i, a.price[at], a.repeated[at], a.quality)
}

// ranked returns the ranks of a sign among those customers who are determined, or among all.
func (a *account) ranked(among bool, of func(*signs) float64) mining.Ranks {
	values := make([]float64, 0, len(a.columns[0]))
	for i := range a.columns[0] {
		if s := a.signs(i); !among || s.determined() {
			values = append(values, of(&s))
		}
	}
	return mining.NewRanks(values, maxRanks)
}

// learn ranks the customers, and gives each a kind and a value.
func (t *task) learn(in *mining.Input, a *account) []models.Warning {
	m := a.Model
	m.Rhythm = a.ranked(true, func(s *signs) float64 { return s.cv })
	m.Price = a.ranked(true, func(s *signs) float64 { return s.price })
	m.Discount = a.ranked(true, func(s *signs) float64 { return s.discount })
	m.Repeated = a.ranked(true, func(s *signs) float64 { return s.repeated })
	m.Kept = a.ranked(true, (*signs).kept)
	m.Money = a.ranked(true, func(s *signs) float64 { return s.money })
	m.Value = a.ranked(true, m.meanRank)
	m.AllPrice = a.ranked(false, func(s *signs) float64 { return s.price })
	quality := (*signs).kept
	if m.Quality != "" {
		quality = func(s *signs) float64 { return s.quality }
	}
	m.AllQuality = a.ranked(false, quality)

	warnings := t.missing(in, m)
	m.Related = len(warnings) == 0
	n := len(a.columns[0])
	a.kinds, a.value = make([]int32, n), make([]float64, n)
	qualities := make([]float64, n)
	for i := range n {
		s := a.signs(i)
		a.kinds[i], a.value[i], qualities[i] = m.kind(&s), m.customerValue(&s), quality(&s)
	}
	if tie, known := largestTie(qualities); 2*tie > known && m.AllPrice.N > 0 {
		warnings = append(warnings, models.Warning{Code: "quality_without_information", Count: tie,
			Message: fmt.Sprintf("%d of %d customers have the same quality, so that customer_value mostly ranks prices; name a survey answer under quality", tie, known)})
	}
	return warnings
}

// missing says why nobody has a kind of relationship.
func (t *task) missing(in *mining.Input, m *Model) []models.Warning {
	var out []models.Warning
	if !in.Mapped.Has(features.Product) {
		out = append(out, models.Warning{Code: "no_products", Count: in.Customers(),
			Message: "no column holds products, so that prices cannot be compared; map product under columns"})
	}
	if !in.Priced() {
		out = append(out, models.Warning{Code: "no_money", Count: in.Customers(),
			Message: "no column holds money, so that prices cannot be compared; map unit_price or amount under columns"})
	}
	if !in.Counted() {
		out = append(out, models.Warning{Code: "no_quantity", Count: in.Customers(),
			Message: "no column holds quantities, so that the prices of a piece cannot be compared; map quantity under columns"})
	}
	if n := m.Rhythm.N; n < minDetermined {
		out = append(out, models.Warning{Code: "few_determined", Count: n,
			Message: fmt.Sprintf("%d customers have three purchase days, and %d are needed to rank them; nobody has a kind of relationship", n, minDetermined)})
	}
	return out
}

// largestTie returns the number of occurrences of the most frequent value, and the number of
// known values.
func largestTie(values []float64) (tie, known int) {
	sorted := mining.Present(values)
	for from := 0; from < len(sorted); {
		to := from
		for to < len(sorted) && sorted[to] == sorted[from] {
			to++
		}
		tie, from = max(tie, to-from), to
	}
	return tie, len(sorted)
}

// groups returns the kinds of relationships.
func (a *account) groups(strategies map[string]string) *mining.Groups {
	first := "low prices paid for the same goods"
	if a.Discounts {
		first = "a large share of discounts"
	}
	texts := []string{
		first + " rank highest", "a large share of products bought again ranks highest", "a regular rhythm ranks highest",
		"high prices, few returns and much money rank highest", fmt.Sprintf("no index is at %v or above", clearFrom), "fewer than three purchase days",
	}
	g := &mining.Groups{
		Name: relationshipColumn, Names: names, Labels: a.kinds, Actions: mining.Actions(names, strategies, actions), Fidelity: 1,
		Defining: []string{"gap_cv", "purchase_days", "monetary"},
	}
	for _, text := range texts {
		g.Rules = append(g.Rules, mining.Rule{Text: text, Confidence: 1})
	}
	return g
}

// scorer scores the customers of the run.
type scorer struct {
	*Model
	price, repeated []float64 // of all customers
}

// Reads returns the columns that the scan added, and the attribute.
func (s scorer) Reads() []string { return s.withQuality(common) }

// ScoreTo sets the columns of each customer.
func (s scorer) ScoreTo(_ context.Context, dst *mining.Scores, b *mining.Batch, _ int) error {
	s.score(dst, b, s.price[b.First:][:b.Rows], s.repeated[b.First:][:b.Rows])
	return nil
}

// sizes returns the number of customers of each kind.
func (a *account) sizes() map[string]int {
	sizes := make(map[string]int, len(names))
	for _, name := range names {
		sizes[name] = 0
	}
	for _, k := range a.kinds {
		if k >= 0 {
			sizes[names[k]]++
		}
	}
	return sizes
}

// money returns the money of each kind.
func (a *account) money() []float64 {
	sums := make([]datasets.Sum, len(names))
	for i, k := range a.kinds {
		if k >= 0 {
			sums[k].Add(datasets.Money(a.columns[4][i]))
		}
	}
	out := make([]float64, len(names))
	for k := range sums {
		out[k] = sums[k].Float()
	}
	return out
}

// values describes V.
func (a *account) values() map[string]any {
	sorted := mining.Present(a.value)
	above, logs := 0, 0.0
	for _, v := range sorted {
		if v >= 1 {
			above++
		}
		logs += math.Log(v)
	}
	return map[string]any{
		"customers": len(sorted), "above_1": above, "median": mining.OrNull(mining.Quantile(sorted, 0.5)),
		"p10": mining.OrNull(mining.Quantile(sorted, 0.1)), "p90": mining.OrNull(mining.Quantile(sorted, 0.9)),
		"mean_ln": mining.OrNull(logs / float64(len(sorted))),
	}
}
