package lifetime

import (
	"context"
	"errors"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// collapsed is a set of distinct rows with weights, sorted by the columns in
// their order. The sum of equal rows' weights does not depend on their order.
type collapsed struct {
	columns [][]float64 // distinct values of each column, ascending
	index   [][]uint32  // of each row, in columns
	weight  []float64
}

// collapse merges the equal rows among those of a weight > 0.
func collapse(ctx context.Context, workers int, columns [][]float64, keep func(i int) bool, weight []float64) (*collapsed, error) {
	n := len(columns[0])
	all := make([]ranked, len(columns))
	err := models.Parallel(ctx, workers, len(columns), func(j int) (err error) {
		all[j], err = rankColumn(ctx, columns[j], keep)
		return err
	})
	if err != nil {
		return nil, err
	}
	order := make([]uint32, 0, n)
	for i := range n {
		if keep(i) {
			order = append(order, uint32(i))
		}
	}
	c := &collapsed{columns: make([][]float64, len(columns)), index: make([][]uint32, len(columns))}
	for j := len(columns) - 1; j >= 0; j-- {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		order = orderBy(order, all[j].rank, len(all[j].values))
		c.columns[j] = all[j].values
	}
	c.merge(order, all, weight)
	return c, ctx.Err()
}

// merge fills the rows of c from the sorted order.
func (c *collapsed) merge(order []uint32, all []ranked, weight []float64) {
	same := func(a, b uint32) bool {
		for _, r := range all {
			if r.rank[a] != r.rank[b] {
				return false
			}
		}
		return true
	}
	distinct := 0
	for k := range order {
		if k == 0 || !same(order[k-1], order[k]) {
			distinct++
		}
	}
	c.weight = make([]float64, 0, distinct)
	for j := range all {
		c.index[j] = make([]uint32, 0, distinct)
	}
	var group []float64
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && same(order[from], order[to]) {
			to++
		}
		for j, r := range all {
			c.index[j] = append(c.index[j], r.rank[order[from]])
		}
		if weight == nil {
			c.weight = append(c.weight, float64(to-from))
		} else {
			group = group[:0]
			for _, i := range order[from:to] {
				group = append(group, weight[i])
			}
			slices.Sort(group)
			c.weight = append(c.weight, sum(group))
		}
		from = to
	}
}

// thin returns about most rows as a sample of all: the rows at equal steps of
// the cumulated weight, each with the weight of its steps.
func (c *collapsed) thin(most int) *collapsed {
	step := sum(c.weight) / float64(most)
	t := &collapsed{columns: c.columns, index: make([][]uint32, len(c.index))}
	cumulated, met := 0.0, 0.0
	for i, w := range c.weight {
		cumulated += w
		hits := 0.0
		for (met+0.5)*step < cumulated {
			met++
			hits++
		}
		if hits == 0 {
			continue
		}
		for j := range t.index {
			t.index[j] = append(t.index[j], c.index[j][i])
		}
		t.weight = append(t.weight, hits*step)
	}
	return t
}

// at returns the value of row i in column j.
func (c *collapsed) at(j, i int) float64 { return c.columns[j][c.index[j][i]] }

func sum(v []float64) float64 {
	s := 0.0
	for _, a := range v {
		s += a
	}
	return s
}

var errNoWeight = errors.New("lifetime: got no row with a weight > 0, want at least one")
