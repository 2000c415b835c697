package profit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
)

// lossColumns describes losses.parquet.
var lossColumns = []mining.Column{
	{Column: table.Column{Name: "customer", Type: table.Text, Description: "id of the customer, the key of the table"}},
	amount("profit", "profit of the customer, below 0"),
	amount("money", "money spent, as the setting money says"),
	amount("returned", "money returned, 0 or less"),
	amount("cost", "cost of the goods, where lines have one"),
	amount("discount", "discounts given"),
	{Column: table.Column{Name: "orders", Type: table.Int64, Unit: "orders", Description: "orders placed"}},
	{Column: table.Column{Name: "return_orders", Type: table.Int64, Unit: "orders", Description: "orders returned, wholly or in part"}},
	{Column: table.Column{Name: "reason", Type: table.Text, Description: "what takes most of the profit, the largest first"}},
}

func amount(name, description string) mining.Column {
	return mining.Column{Money: true, Column: table.Column{
		Name: name, Type: table.Float64, Nullable: true, Unit: "currency", Description: description,
	}}
}

// maxLosses bounds the customers who are listed.
const maxLosses = 100_000

// losses is the customers who cost more than they bring, the most costly first.
type losses struct {
	ids  [][]byte
	rows []lossRow
}

type lossRow struct {
	profit, money, returned, cost, discount float64
	orders, returnOrders                    int64
	reason                                  string
}

// losses lists the customers whose profit is below 0.
func (t *task) losses(ctx context.Context, in *mining.Input, a *account) (*losses, error) {
	var worst []uint32
	for _, i := range slices.Backward(a.order) {
		if a.profit[i] >= 0 || len(worst) == maxLosses {
			break
		}
		worst = append(worst, i)
	}
	l := &losses{ids: make([][]byte, len(worst)), rows: make([]lossRow, len(worst))}
	place := make(map[int]int, len(worst))
	for k, i := range worst {
		place[int(i)] = k
		l.rows[k] = t.lossRow(a, int(i))
	}
	for g, err := range in.Table.Groups(ctx, []string{"recency_days"}, 1<<16) {
		if err != nil {
			return nil, err
		}
		for i := range g.IDs.Len() {
			if k, has := place[g.First+i]; has {
				l.ids[k] = slices.Clone(g.IDs.At(i))
			}
		}
	}
	return l, nil
}

// lossRow says what a customer costs, and why.
func (t *task) lossRow(a *account, i int) lossRow {
	of := func(k int) float64 { return a.columns[k][i] / float64(datasets.Unit) }
	r := lossRow{
		profit: datasets.Money(a.profit[i]).Float(), money: datasets.Money(a.money[i]).Float(), returned: of(1),
		cost: of(3) - of(2), discount: of(4), orders: int64(a.columns[5][i]), returnOrders: int64(a.columns[6][i]),
	}
	type part struct {
		size float64
		text string
	}
	parts := []part{
		{-r.returned, "returned " + page.Amount(-r.returned)},
		{r.cost, "goods cost " + page.Amount(r.cost)},
		{t.set.PerOrder * float64(r.orders), fmt.Sprintf("%d orders cost %s", r.orders, page.Amount(t.set.PerOrder*float64(r.orders)))},
		{t.set.PerReturn * float64(r.returnOrders), fmt.Sprintf("%d returns cost %s", r.returnOrders, page.Amount(t.set.PerReturn*float64(r.returnOrders)))},
		{r.discount, "discounts of " + page.Amount(r.discount)},
	}
	if t.set.Acquisition != "" {
		if cost := a.columns[len(a.columns)-1][i]; cost == cost {
			parts = append(parts, part{cost, "winning the customer cost " + page.Amount(cost)})
		}
	}
	slices.SortStableFunc(parts, func(x, y part) int {
		switch {
		case x.size > y.size:
			return -1
		case x.size < y.size:
			return 1
		}
		return 0
	})
	var texts []string
	for _, p := range parts[:2] {
		if p.size > 0 {
			texts = append(texts, p.text)
		}
	}
	r.reason = strings.Join(texts, "; ")
	return r
}

// table returns losses.parquet.
func (l *losses) table() mining.Table {
	return mining.Table{Name: lossesFile, Columns: lossColumns, Write: func(_ context.Context, w mining.TableWriter) error {
		v := make([]table.Values, len(lossColumns))
		for k, r := range l.rows {
			v[0].Texts.Append(l.ids[k])
			for c, x := range []float64{r.profit, r.money, r.returned, r.cost, r.discount} {
				v[1+c].Floats = append(v[1+c].Floats, x)
			}
			v[6].Ints, v[7].Ints = append(v[6].Ints, r.orders), append(v[7].Ints, r.returnOrders)
			v[8].Strings = append(v[8].Strings, r.reason)
		}
		return w.Write(v, len(l.rows))
	}}
}
