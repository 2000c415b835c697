package performance

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// checkNumbers verifies that customers are accounted for: active = new + kept +
// reactivated, and active less the active of the period before = new + reactivated −
// lapsed.
func checkNumbers(totals []numbers) error {
	before := int64(0)
	for k := range totals {
		n := &totals[k]
		if n.customers != n.fresh+n.kept+n.reactivated || n.customers-before != n.fresh+n.reactivated-n.lapsed {
			return fmt.Errorf("performance: BUG: in period %d, %d active customers are not %d new, %d kept and %d back, %d lapsed after %d",
				k+1, n.customers, n.fresh, n.kept, n.reactivated, n.lapsed, before)
		}
		before = n.customers
	}
	return nil
}

// totalTable returns performance/total.parquet.
func (t *task) totalTable(totals []numbers) mining.Table {
	return mining.Table{Name: "performance/total.parquet", Columns: totalColumns, Write: func(_ context.Context, w mining.TableWriter) error {
		r := newRows(len(totalColumns), t)
		for k := range totals {
			n := &totals[k]
			r.begin()
			r.day(t.periods.starts[k])
			r.flag(t.periods.whole(k))
			r.cell(&n.cell)
			r.count(n.kept)
			r.count(n.reactivated)
			r.count(n.lapsed)
			r.money(n.freshMoney)
			r.float(t.growth(k, k-1, func(k int) datasets.Wide { return totals[k].gross }))
			r.float(t.growth(k, t.yearBefore(k), func(k int) datasets.Wide { return totals[k].gross }))
		}
		return w.Write(r.values, r.n)
	}}
}

// growth returns the growth of period k against an earlier one, NaN without an earlier
// period, and where either period is incomplete: the first may have begun before the
// history.
func (t *task) growth(k, before int, gross func(int) datasets.Wide) float64 {
	if before < 0 || !t.periods.whole(k) || before == 0 && t.periods.starts[0] < t.periods.first {
		return math.NaN()
	}
	return ratio(gross(k), gross(before), 1)
}

// yearBefore returns the period that begins a year before period k, −1 where there is none.
func (t *task) yearBefore(k int) int {
	date := t.periods.starts[k].Date()
	day := datasets.DayOf(date.Year()-1, date.Month(), date.Day())
	if t.set.Period == "week" {
		day = t.periods.starts[k] - 364
	}
	if day < t.periods.first {
		return -1
	}
	return t.periods.at(day)
}

// memberTable returns the table of a dimension's members.
func (t *task) memberTable(s *sheet) mining.Table {
	columns := memberColumns(s.columnNames())
	return mining.Table{Name: "performance/" + s.name() + ".parquet", Columns: columns, Write: func(ctx context.Context, w mining.TableWriter) error {
		limits := []*big.Int{shareLimit(s.total, 80), shareLimit(s.total, 95)}
		var before datasets.Wide
		for from := 0; from == 0 || from < len(s.keys); from += batchRows {
			r := newRows(len(columns), t)
			for i := from; i < min(from+batchRows, len(s.keys)); i++ {
				m := &s.members[i]
				r.begin()
				t.memberRow(r, s, i, classOf(before, limits, m.gross))
				before.Merge(m.gross)
			}
			if err := write(ctx, w, r); err != nil {
				return err
			}
		}
		return nil
	}}
}

// batchRows is the number of rows written at a time.
const batchRows = 1 << 14

func write(ctx context.Context, w mining.TableWriter, r *rows) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return w.Write(r.values, r.n)
}

// classOf returns the class of a member, by the money of the members before.
func classOf(before datasets.Wide, limits []*big.Int, gross datasets.Wide) string {
	sum := before.Millionths()
	switch {
	case gross.Sign() <= 0:
		return "C"
	case sum.Cmp(limits[0]) < 0:
		return "A"
	case sum.Cmp(limits[1]) < 0:
		return "B"
	}
	return "C"
}

func (t *task) memberRow(r *rows, s *sheet, i int, class string) {
	m := &s.members[i]
	for _, text := range s.texts(int(s.keys[i])) {
		r.text(text)
	}
	r.cell(&m.cell)
	r.float(ratio(m.gross, s.total, 0))
	if t.priced() {
		r.small(int32(i + 1))
		r.text(class)
	} else {
		r.small(0)
		r.text("")
	}
	for k := range windowCount {
		r.money(m.windows[k].gross)
	}
	r.float(ratio(m.windows[current].gross, m.windows[previous].gross, 1))
	r.float(ratio(m.windows[current].gross, m.windows[yearBefore].gross, 1))
	customers, orders, value := tree(&m.windows[current], &m.windows[previous])
	r.float(customers)
	r.float(orders)
	r.float(value)
	r.float(-ratio(m.returns, m.gross, 0))
	for _, k := range []int{1, 2} {
		r.count(m.won.customers[k])
		mean := math.NaN()
		if n := m.won.customers[k]; n > 0 && r.priced {
			mean = m.won.money[k].Float() / float64(n)
		}
		r.float(mean)
	}
}

// columnNames are the names of the columns that hold a member's names.
func (d dimension) columnNames() []string {
	names := make([]string, len(d.sources))
	for i, s := range d.sources {
		names[i] = s.name
	}
	return names
}

// byPeriod returns the table of the members by period, and the number of cells with an
// event. Members beyond the first top are added up.
func (t *task) byPeriod(d int, s *sheet, totals []numbers) (mining.Table, int, error) {
	periods := uint64(t.periods.len())
	top := min(t.set.Top, len(s.keys))
	shown := make([][]cell, top) // by place and period
	rest := make([]cell, periods)
	cells := 0
	err := each(cubesOf(t.workers, func(w *counter) *cube[cell] { return w.cells[d] }), (*cell).merge, func(key uint64, c *cell) error {
		if c.empty() {
			return nil
		}
		cells++
		at, period := s.place[key/periods], key%periods
		if at >= top {
			rest[period].merge(c)
			return nil
		}
		if shown[at] == nil {
			shown[at] = make([]cell, periods)
		}
		shown[at][period] = *c
		return nil
	})
	if err != nil {
		return mining.Table{}, 0, err
	}
	columns := periodColumns(s.columnNames())
	name := fmt.Sprintf("performance/%s_%s.parquet", s.name(), t.set.Period)
	return mining.Table{Name: name, Columns: columns, Write: func(ctx context.Context, w mining.TableWriter) error {
		r := newRows(len(columns), t)
		add := func(texts []string, of []cell) error {
			for k := range of {
				if of[k].empty() {
					continue
				}
				r.begin()
				for _, text := range texts {
					r.text(text)
				}
				r.day(t.periods.starts[k])
				r.flag(t.periods.whole(k))
				r.cell(&of[k])
				r.float(ratio(of[k].gross, totals[k].gross, 0))
				r.float(t.growth(k, k-1, func(k int) datasets.Wide { return of[k].gross }))
			}
			if r.n < batchRows {
				return nil
			}
			full := r
			r = newRows(len(columns), t)
			return write(ctx, w, full)
		}
		for at, of := range shown {
			if err := add(s.texts(int(s.keys[at])), of); err != nil {
				return err
			}
		}
		others := make([]string, len(s.sources))
		for i := range others {
			others[i] = otherMember
		}
		if err := add(others, rest); err != nil {
			return err
		}
		return write(ctx, w, r)
	}}, cells, nil
}

// otherMember stands for the members beyond the first.
const otherMember = "(other)"
