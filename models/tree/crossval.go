package tree

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// CVRow is the cross-validated error of one size of the tree.
type CVRow struct {
	// Alpha is the price of a leaf, in units of impurity, from which on this
	// size is best.
	Alpha float64 `json:"alpha"`
	// Leaves of the tree pruned at Alpha.
	Leaves int `json:"leaves"`
	// Error on the rows left out: the share of weight put into the wrong class,
	// in [0,1], or the mean squared error.
	Error float64 `json:"error"`
	// StdErr is the standard error of Error over the rows, ≥ 0.
	StdErr float64 `json:"std_err"`
}

// loss adds up the error e of weighted rows.
type loss struct{ we, wwe, wwee float64 }

func (l *loss) add(w, e float64) {
	l.we += float64(w * e)
	l.wwe += float64(float64(w*w) * e)
	l.wwee += float64(float64(float64(w*w)*e) * e)
}

func (l *loss) plus(o loss, sign float64) {
	l.we += float64(sign * o.we)
	l.wwe += float64(sign * o.wwe)
	l.wwee += float64(sign * o.wwee)
}

// sharedFoldRows is the size of sample from which on the folds are grown one
// after the other, by all workers, rather than side by side: it bounds memory.
const sharedFoldRows = 1 << 17

// crossValidate returns the table of sizes that full can be pruned to, largest
// first. For each fold it grows a tree on the other rows, prunes it at the
// geometric mean of the alphas between which a size of full is best, and adds
// up the errors on the fold.
func crossValidate(ctx context.Context, c *Config, s *sample, full *Tree) ([]CVRow, error) {
	table := sizes(full)
	price := make([]float64, len(table))
	for i := range table {
		price[i] = math.Inf(1)
		if i+1 < len(table) {
			price[i] = math.Sqrt(table[i].Alpha) * math.Sqrt(table[i+1].Alpha)
		}
	}
	folds := assignFolds(c, s)
	losses := make([][]loss, c.Folds)
	side, inner := c.Workers, 1
	if len(s.rows) > sharedFoldRows {
		side, inner = 1, c.Workers
	}
	err := models.Parallel(ctx, side, c.Folds, func(f int) error {
		var in, out []uint32
		for i, r := range s.rows {
			if folds[i] == f {
				out = append(out, r)
			} else {
				in = append(in, r)
			}
		}
		root, err := grow(ctx, c, s.withRows(in), inner)
		if err != nil {
			return err
		}
		t := newTree(root, s, c, nil)
		byNode, err := t.lossByNode(ctx, s, out)
		losses[f] = t.lossAt(price, byNode)
		return err
	})
	if err != nil {
		return nil, err
	}
	summarise(table, losses, s)
	return table, nil
}

// sizes returns the sizes on the pruning path of t, one for each alpha.
func sizes(t *Tree) []CVRow {
	var table []CVRow
	for _, step := range t.PruningPath() {
		if n := len(table); n > 0 && step.Alpha <= table[n-1].Alpha {
			table[n-1].Leaves = step.Leaves
			continue
		}
		table = append(table, CVRow{Alpha: step.Alpha, Leaves: step.Leaves})
	}
	return table
}

// assignFolds returns the fold of each present row: drawn at random, but with
// the classes spread evenly.
func assignFolds(c *Config, s *sample) []int {
	order := rand.New(rand.NewPCG(c.Seed, 0)).Perm(len(s.rows))
	if s.classes > 0 {
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Compare(s.class[s.rows[a]], s.class[s.rows[b]])
		})
	}
	folds := make([]int, len(order))
	for i, at := range order {
		folds[at] = i % c.Folds
	}
	return folds
}

// lossByNode returns, for every node, the loss on the rows that come by if the
// node were a leaf.
func (t *Tree) lossByNode(ctx context.Context, s *sample, rows []uint32) ([]loss, error) {
	losses := make([]loss, len(t.nodes))
	for i, r := range rows {
		if err := breathless(ctx, i); err != nil {
			return losses, err
		}
		for at := 0; ; {
			n := &t.nodes[at]
			e := 0.0
			switch {
			case t.classes == 0:
				d := s.value[r] + s.centre - n.mean
				e = float64(d * d)
			case s.class[r] != n.label:
				e = 1
			}
			losses[at].add(s.weightOf(r), e)
			if n.isLeaf() {
				break
			}
			if n.goesLeft(t, s.columns[n.column].values[r]) {
				at++
			} else {
				at = n.right
			}
		}
	}
	return losses, nil
}

// lossAt returns the loss of t pruned at each of the rising prices.
func (t *Tree) lossAt(price []float64, byNode []loss) []loss {
	var now loss
	for _, i := range t.leaves {
		now.plus(byNode[i], 1)
	}
	pruned := make([]bool, len(t.nodes)) // is a leaf, or below one
	for _, i := range t.leaves {
		pruned[i] = true
	}
	steps := t.PruningPath()[1:]
	out := make([]loss, len(price))
	for p := range price {
		for len(steps) > 0 && steps[0].Alpha <= price[p] {
			t.takeLeaves(steps[0].node, pruned, func(i int) { now.plus(byNode[i], -1) })
			now.plus(byNode[steps[0].node], 1)
			steps = steps[1:]
		}
		out[p] = now
	}
	return out
}

// takeLeaves calls gone for the leaves below node i at present, and makes i one.
func (t *Tree) takeLeaves(i int, leaf []bool, gone func(int)) {
	if leaf[i] {
		gone(i)
		return
	}
	t.takeLeaves(i+1, leaf, gone)
	t.takeLeaves(t.nodes[i].right, leaf, gone)
	leaf[i] = true
}

// summarise sets the errors of table from the losses of each fold.
func summarise(table []CVRow, losses [][]loss, s *sample) {
	var weight, squares float64
	for _, r := range s.rows {
		w := s.weightOf(r)
		weight += w
		squares += float64(w * w)
	}
	for i := range table {
		var sum loss
		for _, fold := range losses {
			sum.plus(fold[i], 1)
		}
		mean := max(0, sum.we/weight)
		scatter := sum.wwee - float64(2*mean*sum.wwe) + float64(mean*mean*squares)
		table[i].Error = mean
		table[i].StdErr = math.Sqrt(max(0, scatter)) / weight
	}
}

// choose returns the row of least error, the smallest tree of equals; or, with
// one standard error of grace, the smallest tree that is about as good.
func choose(table []CVRow, oneSE bool) int {
	best := 0
	for i, row := range table {
		if row.Error <= table[best].Error {
			best = i
		}
	}
	if !oneSE {
		return best
	}
	limit := table[best].Error + table[best].StdErr
	for i := len(table) - 1; i > best; i-- {
		if table[i].Error <= limit {
			return i
		}
	}
	return best
}
