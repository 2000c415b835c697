package forecast

import (
	"math"
	"math/big"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// fewest is the number of periods below which a series has no forecast: three changes at
// least say how far the last value is off.
const fewest = 4

// ledger holds the sales by period of the base and of the largest members.
type ledger struct {
	begin    int       // first whole period since the first sale
	n        int       // first period that has not ended
	slots    [3][]cell // the total, by slot
	largest  [][]member
	byAmount bool // members are chosen by money, not by units
}

// member is a member of a dimension.
type member struct {
	code  uint32
	size  *big.Int // millionths of the money, or of the units
	cells []cell
}

// ledger merges what the workers have added up.
func (t *task) ledger() (*ledger, error) {
	l := &ledger{n: t.calendar.n, largest: make([][]member, len(t.dimensions)), byAmount: t.priced}
	var tallies []*tally
	first := datasets.Day(math.MaxInt32)
	for _, w := range t.workers {
		if w != nil {
			tallies, first = append(tallies, w.tally), min(first, w.begin)
		}
	}
	l.begin = l.n
	err := eachMember(tallies, t.memory, func(cells []cell) error {
		slot := cells[0].key.slot()
		if slot == slotSales {
			l.begin = t.begin(first, cells[0].key.period())
		}
		from, _ := slices.BinarySearchFunc(cells, l.begin, func(c cell, period int) int { return c.key.period() - period })
		if cells = cells[from:]; len(cells) == 0 {
			return nil
		}
		if slot < firstDimension {
			l.slots[slot] = slices.Clone(cells)
		} else {
			l.offer(slot-firstDimension, cells, t.set.Top)
		}
		return nil
	})
	return l, mining.SpillError(err)
}

// begin returns the first whole period: the period of the first sale, or the next
// where that period had begun earlier.
func (t *task) begin(first datasets.Day, period int) int {
	if first > t.calendar.start(period) {
		return period + 1
	}
	return period
}

// offer keeps a member if among the largest. Members arrive by rising codes, and among
// equals the first is kept.
func (l *ledger) offer(dimension int, cells []cell, top int) {
	var sum datasets.Sum
	for _, c := range cells {
		if l.byAmount {
			sum.Add(datasets.Money(c.first))
		} else {
			sum.Add(datasets.Money(c.second))
		}
	}
	size := sum.Millionths()
	kept := l.largest[dimension]
	if len(kept) == top && size.Cmp(kept[top-1].size) <= 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(kept, size, func(m member, size *big.Int) int {
		if m.size.Cmp(size) >= 0 {
			return -1 // falling, and the earlier of equal ones first
		}
		return 1
	})
	if len(kept) == top {
		kept = kept[:top-1]
	}
	l.largest[dimension] = slices.Insert(kept, at, member{cells[0].key.member(), size, slices.Clone(cells)})
}

// series is a series to be forecast.
type series struct {
	dimension, member, measure string
	from                       int // period of the first value
	values                     []float64
	group                      int  // of parts that add up to a total; −1 for a total
	hidden                     bool // is not published
	outcome
}

// name names a series in the file and in the figures.
func (s *series) name() string {
	if s.dimension == all {
		return all + ":" + s.measure
	}
	return s.dimension + "=" + s.member + ":" + s.measure
}

// rest is the name of what the largest members leave of the total.
const rest = ""

// group is the parts of a total by one dimension and measure.
type group struct{ total, first, end int } // places among the series

// assemble makes the series: the total by measure, the members of each dimension, and for
// each dimension and measure the rest beyond the members, which is not published.
func (t *task) assemble(in *mining.Input, l *ledger) (list []*series, groups []group) {
	totals := map[string]int{}
	for _, measure := range t.measures(t.set.Measures, t.set.MemberMeasures) {
		slot, second, unit := slotOf(measure)
		sums := make([]datasets.Sum, l.n-l.begin)
		add(sums, l.slots[slot], l.begin, second, unit)
		totals[measure] = len(list)
		list = append(list, &series{
			dimension: all, measure: measure, from: l.begin, values: floats(sums), group: -1,
			hidden: !t.total || !slices.Contains(t.set.Measures, measure),
		})
	}
	for k, d := range t.dimensions {
		texts := in.Dictionary(d.of)
		for _, measure := range t.measures(t.set.MemberMeasures) {
			g := group{total: totals[measure], first: len(list)}
			_, second, _ := slotOf(measure)
			left := make([]datasets.Sum, l.n-l.begin)
			add(left, l.slots[slotSales], l.begin, second, 1)
			for _, m := range l.largest[k] {
				sums := make([]datasets.Sum, l.n-l.begin)
				add(sums, m.cells, l.begin, second, 1)
				from := m.cells[0].key.period()
				if l.n-from >= fewest {
					add(left, m.cells, l.begin, second, -1)
				}
				list = append(list, &series{
					dimension: d.name, member: string(texts.At(int(m.code))), measure: measure, from: from,
					values: floats(sums[from-l.begin:]), group: len(groups),
				})
			}
			if s := t.rest(d, measure, l, left); s != nil {
				s.group = len(groups)
				list = append(list, s)
			}
			g.end = len(list)
			groups = append(groups, g)
		}
	}
	return list, groups
}

// rest returns the series of the rest beyond the members, nil where the rest is
// empty.
func (t *task) rest(d dimension, measure string, l *ledger, left []datasets.Sum) *series {
	values := floats(left)
	from := slices.IndexFunc(values, func(v float64) bool { return v != 0 })
	if from < 0 {
		return nil
	}
	return &series{dimension: d.name, member: rest, measure: measure, from: l.begin + from, values: values[from:], hidden: true}
}

// measures returns the measures of the lists available in line items, each once, in
// the order of mention.
func (t *task) measures(lists ...[]string) []string {
	var out []string
	for _, m := range slices.Concat(lists...) {
		if (m != money || t.priced) && (m != units || t.counted) && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// slotOf returns the place of the sum of a measure: the slot, a mark for the second sum,
// and the millionths of a unit.
func slotOf(measure string) (slot int, second bool, unit datasets.Money) {
	switch measure {
	case units:
		return slotSales, true, 1
	case orders:
		return slotOrders, false, datasets.Unit
	case customers:
		return slotOrders, true, datasets.Unit
	case newCustomers:
		return slotNew, false, datasets.Unit
	}
	return slotSales, false, 1
}

// add adds a sum of each cell, times a factor, to the sums of the periods from begin on.
func add(sums []datasets.Sum, cells []cell, begin int, second bool, factor datasets.Money) {
	for _, c := range cells {
		v := c.first
		if second {
			v = c.second
		}
		sums[c.key.period()-begin].Add(factor * datasets.Money(v))
	}
}

func floats(sums []datasets.Sum) []float64 {
	out := make([]float64, len(sums))
	for i := range sums {
		out[i] = sums[i].Float()
	}
	return out
}
