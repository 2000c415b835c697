package profit

import (
	"cmp"
	"context"
	"math"
	"math/big"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
)

type task struct {
	set   Settings
	costs bool // line items have costs
}

// Memory covers the columns, the profits and their order.
func (t *task) Memory(customers int) int64 { return 120 * int64(customers) }

// noClass marks a customer without a line that has a price.
const noClass = -1

// classes are the names of the ABC classes, by label.
var classes = []string{"A", "B", "C"}

var actions = map[string]string{
	"A": "keep at any reasonable price: a person who knows them, terms of their own",
	"B": "develop: they have shown that they can bring more",
	"C": "serve cheaply: automatic channels, minimum orders",
}

// account holds the accounts of all customers, in the order of ids.
type account struct {
	columns [][]float64 // those of Derived
	profit  []int64     // millionths
	money   []int64     // net or gross
	priced  []bool
	order   []uint32 // positions of the priced customers, the most profitable first
	share   []float64
	class   []int8
	total   *big.Int
}

// Fit reckons profits and how they are concentrated.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	if !slices.ContainsFunc(in.Features, mining.Named("monetary")) {
		return &mining.Result{State: mining.Insufficient, Warnings: []models.Warning{{Code: "no_money", Count: in.Table.Len(),
			Message: "no column holds money, so that nobody has a profit; map unit_price or amount under columns"}}}, nil
	}
	a, err := t.account(ctx, in)
	if err != nil {
		return nil, err
	}
	if len(a.order) == 0 {
		return &mining.Result{State: mining.Insufficient}, nil
	}
	a.rank()
	losses, err := t.losses(ctx, in, a)
	if err != nil {
		return nil, err
	}
	out := &mining.Result{
		State: mining.OK, Warnings: t.warnings(a), Scorer: scorer{a},
		Tables: []mining.Table{a.concentration(), losses.table()},
	}
	if a.total.Sign() <= 0 {
		out.State = UndefinedTotal
		out.Warnings = append(out.Warnings, models.Warning{Code: "undefined_total", Count: len(a.order),
			Message: "all profit together is not positive, so that there are no shares of it; look at the costs that the job sets"})
	} else {
		out.Groups = []*mining.Groups{t.groups(in, a)}
	}
	out.Figures = t.figures(a)
	out.Section = t.section(in, a, losses)
	return out, nil
}

// UndefinedTotal is the state where all profit together is not positive.
const UndefinedTotal mining.State = "undefined_total"

// account reckons the profit of each customer.
func (t *task) account(ctx context.Context, in *mining.Input) (*account, error) {
	names := t.Derived()
	if t.set.Acquisition != "" {
		names = append(names, t.set.Acquisition)
	}
	columns, err := in.Table.Columns(ctx, names, nil)
	if err != nil {
		return nil, err
	}
	n := in.Table.Len()
	a := &account{columns: columns, profit: make([]int64, n), money: make([]int64, n), priced: make([]bool, n)}
	for i := range n {
		if math.IsNaN(columns[0][i]) {
			continue
		}
		a.priced[i] = true
		a.order = append(a.order, uint32(i))
		plain := columns[0][i] + columns[1][i]
		a.money[i] = int64(plain + columns[3][i])
		// An amount is rounded to a millionth once, so that the order of sums does not matter.
		p := int64(math.Round(float64(t.set.Margin)*plain)) + int64(columns[2][i])
		p -= int64(math.Round(t.set.PerOrder * columns[5][i] * float64(datasets.Unit)))
		p -= int64(math.Round(t.set.PerReturn * columns[6][i] * float64(datasets.Unit)))
		if t.set.Acquisition != "" {
			if cost := columns[len(columns)-1][i]; cost == cost {
				p -= int64(math.Round(cost * float64(datasets.Unit)))
			}
		}
		a.profit[i] = p
	}
	return a, nil
}

// rank sorts the customers and gives each a share and a class.
func (a *account) rank() {
	slices.SortFunc(a.order, func(i, j uint32) int {
		return cmp.Or(cmp.Compare(a.profit[j], a.profit[i]), cmp.Compare(i, j))
	})
	a.total = new(big.Int)
	var x big.Int
	for _, i := range a.order {
		a.total.Add(a.total, x.SetInt64(a.profit[i]))
	}
	n := len(a.profit)
	a.share, a.class = make([]float64, n), make([]int8, n)
	for i := range n {
		a.share[i], a.class[i] = math.NaN(), noClass
	}
	if a.total.Sign() <= 0 {
		return
	}
	all, _ := a.total.Float64()
	limits := []*big.Int{shareOf(a.total, 80), shareOf(a.total, 95)}
	before := new(big.Int)
	for _, i := range a.order {
		class := int8(2)
		if a.profit[i] > 0 {
			for k, limit := range limits {
				if before.Cmp(limit) < 0 {
					class = int8(k)
					break
				}
			}
		}
		before.Add(before, x.SetInt64(a.profit[i]))
		sum, _ := before.Float64()
		a.share[i], a.class[i] = sum/all, class
	}
}

// shareOf returns the least whole number that is at least so many hundredths of a total.
func shareOf(total *big.Int, hundredths int64) *big.Int {
	v := new(big.Int).Mul(total, big.NewInt(hundredths))
	v.Add(v, big.NewInt(99))
	return v.Div(v, big.NewInt(100))
}

// warnings says what the figures rest on.
func (t *task) warnings(a *account) []models.Warning {
	var out []models.Warning
	if !t.costs && t.set.Margin == 1 && t.set.PerOrder == 0 && t.set.PerReturn == 0 && t.set.Acquisition == "" {
		out = append(out, models.Warning{Code: "money_not_profit", Count: len(a.order),
			Message: "no costs are known, so that profit is money and the ranking is one of turnover; map cost, or set margin, cost_per_order and cost_per_return"})
	}
	missing := 0
	for _, i := range a.order {
		if a.columns[7][i] > 0 {
			missing++
		}
	}
	if missing > 0 {
		out = append(out, models.Warning{Code: "cost_missing", Count: missing,
			Message: "lines of so many customers have no cost; the margin stands in for them"})
	}
	return out
}

// groups returns the classes of the customers who have bought.
func (t *task) groups(in *mining.Input, a *account) *mining.Groups {
	g := &mining.Groups{
		Name: classColumn, Names: classes, Labels: make([]int32, in.Customers()), Defining: []string{"monetary", "net_money"},
		Actions: mining.Actions(classes, nil, actions),
	}
	for i := range g.Labels {
		at := i
		if in.Buyers != nil {
			at = int(in.Buyers[i])
		}
		g.Labels[i] = int32(a.class[at])
	}
	return g
}

// scorer fills the columns from what was reckoned.
type scorer struct{ *account }

// Reads returns none: everything is reckoned already.
func (s scorer) Reads() []string { return nil }

// ScoreTo sets the profit, the rank and the class of each customer.
func (s scorer) ScoreTo(_ context.Context, dst *mining.Scores, b *mining.Batch, _ int) error {
	profit, share, class := make([]float64, b.Rows), make([]float64, b.Rows), make([]int32, b.Rows)
	for k := range b.Rows {
		i := b.First + k
		profit[k], share[k], class[k] = math.NaN(), s.share[i], int32(s.class[i])
		if s.priced[i] {
			profit[k] = datasets.Money(s.profit[i]).Float()
		}
	}
	dst.Set(profitColumn, mining.Numbers(Step.Columns[0], profit))
	dst.SetNumbers(rankColumn, share)
	dst.SetNames(classColumn, class, classes)
	return nil
}
