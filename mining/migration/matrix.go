package migration

import (
	"cmp"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models/drift"
	"github.com/quintile-dev/quintile/models/metric"
)

// matrix counts the customers who went from a group to a group, by their labels; none is a group as well.
type matrix map[[2]int32]cell

type cell struct{ customers, money int64 } // money in millionths

// add counts a customer. Customers without a group in both runs do not count.
func (m matrix) add(from, to int32, money int64) {
	if from == none && to == none {
		return
	}
	c := m[[2]int32{from, to}]
	c.customers++
	c.money += money
	m[[2]int32{from, to}] = c
}

// ways lists the cells, row by row, with the missing group last.
func (m matrix) ways() [][2]int32 {
	all := make([][2]int32, 0, len(m))
	for way := range m {
		all = append(all, way)
	}
	rank := func(label int32) int32 {
		if label == none {
			return math.MaxInt32
		}
		return label
	}
	slices.SortFunc(all, func(a, b [2]int32) int {
		return cmp.Or(cmp.Compare(rank(a[0]), rank(b[0])), cmp.Compare(rank(a[1]), rank(b[1])))
	})
	return all
}

// row returns the number of customers who come from a group.
func (m matrix) row(from int32) int64 {
	n := int64(0)
	for way, c := range m {
		if way[0] == from {
			n += c.customers
		}
	}
	return n
}

// measures say how alike two groupings are; NaN where one grouping is empty.
type measures struct{ stayed, psi, js, ari float64 }

// measure compares the groups. The shares are of each run's own customers. The share who stayed, and the adjusted Rand
// index, are of the customers with a group in both runs.
func (m matrix) measure(groups int) (measures, error) {
	out := measures{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	then, now := make([]float64, groups), make([]float64, groups)
	both := make([][]int64, groups)
	for g := range both {
		both[g] = make([]int64, groups)
	}
	var before, after, met, stayed float64
	for way, c := range m {
		n := float64(c.customers) // whole numbers, so that the order of the sums does not matter
		from, to := way[0], way[1]
		if from != none {
			then[from] += n
			before += n
		}
		if to != none {
			now[to] += n
			after += n
		}
		if from == none || to == none {
			continue
		}
		both[from][to] += c.customers
		met += n
		if from == to {
			stayed += n
		}
	}
	if before == 0 || after == 0 {
		return out, nil
	}
	for g := range groups {
		then[g] /= before
		now[g] /= after
	}
	var err error
	if out.psi, err = drift.PSI(then, now, drift.DefaultPSIFloor); err != nil {
		return out, err
	}
	if out.js, err = drift.JensenShannon(then, now); err != nil || met == 0 {
		return out, err
	}
	out.stayed = stayed / met
	out.ari, err = metric.AdjustedRandOf(both)
	return out, err
}

// asMap returns the measures as the manifest has them.
func (m measures) asMap() map[string]any {
	return map[string]any{
		"stayed_share": mining.OrNull(m.stayed), "psi": mining.OrNull(m.psi), "js": mining.OrNull(m.js), "ari": mining.OrNull(m.ari),
	}
}

// moved adds up the customers whose way meets a condition on the names of the groups, "" for none.
func (g *followed) moved(is func(from, to string) bool) cell {
	var sum cell
	name := func(label int32) string {
		if label == none {
			return ""
		}
		return g.book.names[label]
	}
	for way, c := range g.limits {
		if is(name(way[0]), name(way[1])) {
			sum.customers += c.customers
			sum.money += c.money
		}
	}
	return sum
}

// The segments of the map quintile-rf-v1 in which customers are being lost, and the segments in which customers are
// won.
var (
	atRisk = []string{"at_risk", "cant_lose", "about_to_sleep", "hibernating"}
	won    = []string{"loyal", "champions"}
)

// movement is a kind of way worth a report of its own.
type movement struct {
	name string
	is   func(from, to string) bool
}

var movements = []movement{
	{"newly_at_risk", func(from, to string) bool { return slices.Contains(atRisk, to) && !slices.Contains(atRisk, from) }},
	{"newly_won", func(from, to string) bool { return slices.Contains(won, to) && !slices.Contains(won, from) }},
	{"lost", func(from, to string) bool { return to == "hibernating" && from != "" && from != to }},
	{"woken", func(from, to string) bool {
		return slices.Contains(atRisk, from) && to != "" && !slices.Contains(atRisk, to)
	}},
}
