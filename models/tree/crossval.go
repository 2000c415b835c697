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
	// Loss on the rows left out: the Brier score of the shares of the classes in
	// the leaf, Σₖ (pₖ − yₖ)², in [0,2]; for a regression the same as Error.
	Loss float64 `json:"loss"`
}

// loss adds up the error e and the quadratic loss q of weighted rows.
type loss struct{ we, wwe, wwee, wq float64 }

func (l *loss) add(w, e, q float64) {
	l.wq += float64(w * q)
	l.we += float64(w * e)
	l.wwe += float64(float64(w*w) * e)
	l.wwee += float64(float64(float64(w*w)*e) * e)
}

func (l *loss) plus(o loss, sign float64) {
	l.we += float64(sign * o.we)
	l.wwe += float64(sign * o.wwe)
	l.wwee += float64(sign * o.wwee)
	l.wq += float64(sign * o.wq)
}

// sharedFoldRows is the sample size from which on the folds are grown in turn,
// by all workers, rather than side by side, in order to bound memory.
const sharedFoldRows = 1 << 17

// crossValidate returns the table of the sizes of the pruned trees of full, largest first, and the quadratic loss
// of each size by fold. For each fold, a tree is grown on the remaining rows, then pruned at the geometric mean of
// the alphas between which a size of full is best, and the errors on the fold are added up.
func crossValidate(ctx context.Context, c *Config, s *sample, full *Tree) ([]CVRow, [][]float64, error) {
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
		return nil, nil, err
	}
	return table, summarise(table, losses, s), nil
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
	losses, purity := make([]loss, len(t.nodes)), t.purities()
	for i, r := range rows {
		if err := breathless(ctx, i); err != nil {
			return losses, err
		}
		for at := 0; ; {
			n := &t.nodes[at]
			var e, q float64
			if t.classes == 0 {
				d := s.value[r] + s.centre - n.mean
				e = float64(d * d)
				q = e
			} else {
				if s.class[r] != n.label {
					e = 1
				}
				q = 1 + purity[at] - float64(2*n.mass[s.class[r]])/n.weight
			}
			losses[at].add(s.weightOf(r), e, q)
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

// purities returns Σₖ pₖ² of the classes in each node.
func (t *Tree) purities() []float64 {
	out := make([]float64, len(t.nodes))
	for i := range t.nodes {
		for _, m := range t.nodes[i].mass {
			p := m / t.nodes[i].weight
			out[i] += float64(p * p)
		}
	}
	return out
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

// summarise sets the errors of table from the losses of each fold, and returns
// what each fold adds to the quadratic loss of each size.
func summarise(table []CVRow, losses [][]loss, s *sample) [][]float64 {
	quadratic := make([][]float64, len(table))
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
			quadratic[i] = append(quadratic[i], fold[i].wq/weight)
		}
		table[i].Loss = max(0, sum.wq/weight)
		mean := max(0, sum.we/weight)
		scatter := sum.wwee - float64(2*mean*sum.wwe) + float64(mean*mean*squares)
		table[i].Error = mean
		table[i].StdErr = math.Sqrt(max(0, scatter)) / weight
	}
	return quadratic
}

// choose returns the row of least error, the smallest tree among equals; or,
// with one standard error of grace, the smallest tree of nearly the same error.
func choose(table []CVRow, quadratic [][]float64, oneSE bool) int {
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
			best = i
			break
		}
	}
	return notTooSmall(table, quadratic, best)
}

// surely is the number of standard errors by which a larger tree must be better than
// the tree of the rule of one standard error.
const surely = 2

// notTooSmall returns chosen, or the row of a larger tree if the larger tree is
// better out of fold beyond doubt, and the chosen tree is a single leaf or worse than
// the tree unpruned.
//
// The share of wrong classes is blind to a weak signal: a leaf with a twentieth of
// buyers and a leaf with a fifth of buyers both say "no buyer". The quadratic loss of
// the shares sees the signal. The losses of two trees on the same rows move together,
// so the difference is known far better than either loss: the standard error here is
// the error of the difference, over the folds.
func notTooSmall(table []CVRow, quadratic [][]float64, chosen int) int {
	if table[chosen].Leaves > 1 && !(table[0].Loss < table[chosen].Loss) {
		return chosen
	}
	best := chosen
	for i := chosen; i >= 0; i-- {
		if table[i].Loss < table[best].Loss {
			best = i
		}
	}
	if gain, se := difference(quadratic[chosen], quadratic[best]); !(gain > surely*se) {
		return chosen
	}
	for i := chosen; i > best; i-- {
		if more, se := difference(quadratic[i], quadratic[best]); more <= se {
			return i
		}
	}
	return best
}

// difference returns the sum of a − b, and its standard error from the scatter of
// its parts; at least two parts are given.
func difference(a, b []float64) (sum, stdErr float64) {
	n := float64(len(a))
	for f := range a {
		sum += a[f] - b[f]
	}
	squares := 0.0
	for f := range a {
		d := a[f] - b[f] - sum/n
		squares += float64(d * d)
	}
	return sum, math.Sqrt(squares * n / (n - 1))
}
