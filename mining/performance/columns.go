package performance

import (
	"math"
	"math/big"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
)

func number(name string, kind table.Type, unit, description string) mining.Column {
	return mining.Column{Column: table.Column{Name: name, Type: kind, Unit: unit, Description: description}}
}

// optional returns a column that may be null.
func optional(c mining.Column) mining.Column {
	c.Nullable = true
	return c
}

func share(name, description string) mining.Column {
	return optional(number(name, table.Float64, "share", description))
}

func money(name, description string) mining.Column {
	return mining.Column{Money: true, Column: table.Column{
		Name: name, Type: table.Float64, Nullable: true, Unit: "currency", Description: description,
	}}
}

// cellColumns are those of every table of the step.
var cellColumns = []mining.Column{
	number("orders", table.Int64, "orders", "distinct orders with a purchase"),
	number("customers", table.Int64, "customers", "distinct customers with a purchase; of several rows the sum may count one customer more than once"),
	number("new_customers", table.Int64, "customers", "of them, those whose first order of all is here"),
	optional(number("units", table.Float64, "units", "units sold; null where no quantity is mapped")),
	money("gross", "money spent, before returns; null, as all money, where none is mapped"),
	money("returns", "money returned, 0 or less"),
	money("net", "money spent, less returns"),
	money("discount", "discounts given; null where none are mapped"),
	money("profit", "net less cost, where lines have one; null where no cost is mapped"),
	money("average_order", "gross by order; null without an order"),
}

// totalColumns describes performance/total.parquet.
var totalColumns = append(append([]mining.Column{
	number("period", table.Date, "", "first day of the period"),
	number("complete", table.Bool, "", "the period was over on the scoring date"),
}, cellColumns...),
	number("kept", table.Int64, "customers", "active in this period and the one before"),
	number("reactivated", table.Int64, "customers", "active in this period and in an earlier one, but not in the one before"),
	number("lapsed", table.Int64, "customers", "active in the period before, and not in this one"),
	money("new_money", "money spent by the customers who came in the period, within it"),
	share("growth", "gross over that of the period before, less 1; null without one, and while the period is not over"),
	share("growth_year", "the same against the period a year before"),
)

// memberColumns describes the table of a dimension's members.
func memberColumns(names []string) []mining.Column {
	columns := append(nameColumns(names), cellColumns...)
	return append(columns,
		share("share", "of the gross of all"),
		optional(number("rank", table.Int32, "", "place by gross, from 1; null without money")),
		mining.Column{Column: table.Column{Name: "abc_class", Type: table.Text, Nullable: true, Dictionary: true,
			Description: "A: the members that bring 80 % of the gross; B: the next, up to 95 %; C: the rest; null without money"}},
		money("current", "gross of the current window"),
		money("previous", "gross of the window before"),
		money("year_before", "gross of the same window a year before"),
		share("growth", "current over previous, less 1; null where previous is 0"),
		share("growth_year", "current over year_before, less 1; null where year_before is 0"),
		money("by_customers", "part of current less previous that comes from more or fewer customers; the three parts add up to it"),
		money("by_orders", "part that comes from more or fewer orders a customer"),
		money("by_value", "part that comes from larger or smaller orders"),
		share("return_share", "returns over gross"),
		number("won_90", table.Int64, "customers", "customers whose first order holds the member, and of whom 90 days have passed since"),
		money("won_money_90", "money of each of them in the first 90 days, on average"),
		number("won_365", table.Int64, "customers", "the same for 365 days"),
		money("won_money_365", "money of each of them in the first 365 days, on average"),
	)
}

// periodColumns describes the table of members by period.
func periodColumns(names []string) []mining.Column {
	columns := append(nameColumns(names), number("period", table.Date, "", "first day of the period"),
		number("complete", table.Bool, "", "the period was over on the scoring date"))
	columns = append(columns, cellColumns...)
	return append(columns,
		share("share", "of the gross of the period"),
		share("growth", "gross over that of the period before, less 1; null without one, and while the period is not over"))
}

// nameColumns are the columns of a member's names: one for each crossed dimension.
func nameColumns(names []string) []mining.Column {
	var out []mining.Column
	for _, name := range names {
		out = append(out, mining.Column{Column: table.Column{Name: name, Type: table.Text, Nullable: true, Dictionary: true,
			Description: "member of the dimension; null for lines without one"}})
	}
	return out
}

// rows fills the columns of a table, in turn.
type rows struct {
	values  []table.Values
	at      int
	n       int
	priced  bool // money is mapped
	counted bool // quantities are
	costs   bool
	given   bool // discounts are
}

func newRows(columns int, t *task) *rows {
	return &rows{
		values: make([]table.Values, columns), priced: t.priced(), counted: t.run.Counted(), costs: t.priced() && t.costs(), given: t.discounts(),
	}
}

func (r *rows) begin() { r.at = 0; r.n++ }

func (r *rows) next() *table.Values {
	v := &r.values[r.at]
	r.at++
	return v
}

// text adds a text, "" as null.
func (r *rows) text(s string) {
	v := r.next()
	v.Strings = append(v.Strings, s)
	r.valid(v, s != "")
}

// small adds a number, 0 as null.
func (r *rows) small(n int32) {
	v := r.next()
	v.Int32s = append(v.Int32s, n)
	r.valid(v, n != 0)
}

// valid says whether the value just added is one.
func (r *rows) valid(v *table.Values, is bool) {
	if len(v.Valid)*64 < r.n {
		v.Valid = append(v.Valid, 0)
	}
	if is {
		v.Valid.Set(r.n - 1)
	}
}

func (r *rows) day(d datasets.Day) {
	v := r.next()
	v.Int32s = append(v.Int32s, int32(d))
}
func (r *rows) flag(b bool)           { v := r.next(); v.Bools = append(v.Bools, b) }
func (r *rows) count(n int64)         { v := r.next(); v.Ints = append(v.Ints, n) }
func (r *rows) float(x float64)       { v := r.next(); v.Floats = append(v.Floats, x) }
func (r *rows) money(w datasets.Wide) { r.optional(w, r.priced) }

// cell adds the columns of a cell.
func (r *rows) cell(c *cell) {
	r.count(c.orders)
	r.count(c.customers)
	r.count(c.fresh)
	r.optional(c.units, r.counted)
	r.money(c.gross)
	r.money(c.returns)
	net := c.gross
	net.Merge(c.returns)
	r.money(net)
	r.optional(c.discount, r.given)
	profit := net
	profit.Merge(c.cost.Negated())
	r.optional(profit, r.costs)
	average := math.NaN()
	if c.orders > 0 && r.priced {
		average = c.gross.Float() / float64(c.orders)
	}
	r.float(average)
}

func (r *rows) optional(w datasets.Wide, mapped bool) {
	if !mapped {
		r.float(math.NaN())
		return
	}
	r.float(w.Float())
}

// ratio returns a growth or a share, NaN where there is nothing to compare with.
func ratio(a, b datasets.Wide, less float64) float64 {
	if b.Sign() <= 0 {
		return math.NaN()
	}
	return a.Float()/b.Float() - less
}

// tree divides the growth of money into the parts of customers, orders a customer and money
// an order: money = customers × orders/customers × money/orders. Each part is
// L·ln(now/before), with L = (m₁ − m₀)/ln(m₁/m₀), so that the parts add up to m₁ − m₀. All are
// NaN where a window has no money.
func tree(now, before *window) (customers, orders, value float64) {
	m1, m0 := now.gross.Float(), before.gross.Float()
	if !(m1 > 0) || !(m0 > 0) {
		return math.NaN(), math.NaN(), math.NaN()
	}
	l := m1
	if m1 != m0 {
		l = (m1 - m0) / math.Log(m1/m0)
	}
	c := math.Log(float64(now.customers) / float64(before.customers))
	o := math.Log(float64(now.orders)/float64(before.orders)) - c
	customers, orders = l*c, l*o
	return customers, orders, m1 - m0 - customers - orders
}

// shareLimit returns the least whole number that is at least so many hundredths of a total.
func shareLimit(total datasets.Wide, hundredths int64) *big.Int {
	v := new(big.Int).Mul(total.Millionths(), big.NewInt(hundredths))
	v.Add(v, big.NewInt(99))
	return v.Div(v, big.NewInt(100))
}
