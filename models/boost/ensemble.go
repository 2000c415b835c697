package boost

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
)

// Ensemble is a fitted sum of trees. An Ensemble is immutable and safe for use
// by several goroutines at once.
type Ensemble struct {
	loss      Loss
	parameter float64 // the quantile of Quantile, else 0
	names     []string
	base      float64
	trees     []tree

	categories []categories // by column, nil for a number; nil where all are numbers

	scorer    *scorer
	explainer func() *explainer // made when first asked for
}

// newEnsemble keeps the parts, after checking them, and prepares them for
// scoring.
func newEnsemble(
	loss Loss, parameter float64, names []string, base float64, known []categories, trees []tree,
) (*Ensemble, error) {
	switch {
	case !loss.known():
		return nil, fmt.Errorf("loss: got %q, want logistic, squared, poisson or quantile", loss)
	case loss == Quantile && !(parameter > 0 && parameter < 1):
		return nil, fmt.Errorf("quantile_prob: got %v, want a number in (0,1)", parameter)
	case len(names) == 0:
		return nil, errors.New("columns: got none, want at least one")
	case !finite(base):
		return nil, fmt.Errorf("base_score: got %v, want a finite number", base)
	}
	if err := checkCategories(known, len(names)); err != nil {
		return nil, err
	}
	for i, t := range trees {
		if err := t.check(len(names), known); err != nil {
			return nil, fmt.Errorf("trees[%d]: %w", i, err)
		}
	}
	m := &Ensemble{loss: loss, parameter: parameter, names: names, base: base, categories: known, trees: trees}
	m.scorer = newScorer(m)
	m.explainer = sync.OnceValue(func() *explainer { return newExplainer(trees) })
	return m, nil
}

func finite(v float64) bool { return v-v == 0 }

// check reports the first fault of a tree over the given number of columns.
func (t tree) check(columns int, known []categories) error {
	if len(t) == 0 || len(t)%2 == 0 || len(t) > mostNodes {
		return fmt.Errorf("got %d nodes, want an odd number up to %d", len(t), mostNodes)
	}
	depth := make([]int, len(t))
	for i := range depth[1:] {
		depth[i+1] = -1
	}
	for i, n := range t {
		switch {
		case depth[i] < 0:
			return fmt.Errorf("node %d: got no parent before it, want one", i)
		case depth[i] > mostDepth:
			return fmt.Errorf("node %d: got depth %d, want at most %d", i, depth[i], mostDepth)
		case n.rows < 0 || !finite(n.value) || !(n.gain >= 0 && finite(n.gain)):
			return fmt.Errorf("node %d: got rows %d, value %v, gain %v, want finite numbers, rows and gain ≥ 0", i, n.rows, n.value, n.gain)
		case n.isLeaf() && (n.left != 0 || n.right != 0):
			return fmt.Errorf("node %d: got children of a leaf, want none", i)
		case n.isLeaf():
			continue
		case n.column < 0 || int(n.column) >= columns:
			return fmt.Errorf("node %d: got column %d, want one in [0,%d), or -1 for a leaf", i, n.column, columns)
		case !finite(float64(n.threshold)):
			return fmt.Errorf("node %d: got threshold %v, want a finite number", i, n.threshold)
		}
		if err := n.checkSet(known); err != nil {
			return fmt.Errorf("node %d: %w", i, err)
		}
		if err := t.checkChildren(i, depth); err != nil {
			return err
		}
	}
	return nil
}

// checkSet reports a set of a column of numbers, a threshold of a categorical
// column, or a set of categories that the column does not have.
func (n *node) checkSet(known []categories) error {
	var c categories
	if known != nil {
		c = known[n.column]
	}
	switch {
	case (n.set != nil) != (c != nil):
		return errors.New("got a set for a number or a threshold for a category, want what the column has")
	case n.set == nil:
		return nil
	case n.threshold != 0:
		return fmt.Errorf("got threshold %v beside a set of categories, want 0", n.threshold)
	}
	if in := n.set.members(); len(in) > 0 && in[len(in)-1] >= len(c) {
		return fmt.Errorf("got category %d in a set, want one of %d", in[len(in)-1], len(c))
	}
	return nil
}

// checkCategories reports the first fault of the codes of the columns.
func checkCategories(known []categories, columns int) error {
	if known != nil && len(known) != columns {
		return fmt.Errorf("categories: got %d lists, want one for each of %d columns", len(known), columns)
	}
	for j, c := range known {
		if len(c) > maxBins {
			return fmt.Errorf("categories[%d]: got %d codes, want at most %d", j, len(c), maxBins)
		}
		for k, v := range c {
			if !(v >= 0 && v < mostCode && v == float32(int32(v))) || k > 0 && v <= c[k-1] {
				return fmt.Errorf("categories[%d]: got code %v, want rising whole numbers from 0 to 16777215", j, v)
			}
		}
	}
	return nil
}

// checkChildren reports the first fault of inner node i's links, and sets the
// depth of its children.
func (t tree) checkChildren(i int, depth []int) error {
	n := t[i]
	for _, child := range []int32{n.left, n.right} {
		if int(child) <= i || int(child) >= len(t) || depth[child] >= 0 {
			return fmt.Errorf("node %d: got child %d, want a later node with no other parent", i, child)
		}
		depth[child] = depth[i] + 1
	}
	if l, r := t[n.left].rows, t[n.right].rows; n.rows < 1 || l < 0 || r != n.rows-l {
		return fmt.Errorf("node %d: got %d rows above %d and %d, want at least one, and their sum", i, n.rows, l, r)
	}
	return nil
}

// Loss returns the loss that the ensemble minimises.
func (m *Ensemble) Loss() Loss { return m.loss }

// Names returns the names of the columns read by the ensemble, in the expected
// order.
func (m *Ensemble) Names() []string { return slices.Clone(m.names) }

// Trees returns the number of trees.
func (m *Ensemble) Trees() int { return len(m.trees) }

// BaseScore returns the score before any tree.
func (m *Ensemble) BaseScore() float64 { return m.base }

// ExpectedScore returns the mean score over the rows each tree was fitted to:
// the base from which the parts of [Ensemble.ShapTo] depart.
func (m *Ensemble) ExpectedScore() float64 {
	sum := m.base
	for _, t := range m.trees {
		sum += t.mean()
	}
	return sum
}

// Importance is the contribution of one column to an ensemble.
type Importance struct {
	Column string
	Splits int     // at which the column was used
	Gain   float64 // ≥ 0: the sum of what they gained, as in Config.Fit
}

// Importances returns the importance of every column, in the order of the columns.
func (m *Ensemble) Importances() []Importance {
	out := make([]Importance, len(m.names))
	for j, name := range m.names {
		out[j].Column = name
	}
	for _, t := range m.trees {
		for i := range t {
			if !t[i].isLeaf() {
				out[t[i].column].Splits++
				out[t[i].column].Gain += t[i].gain
			}
		}
	}
	return out
}

// response turns a score into the units of the target.
func (m *Ensemble) response(score float64) float64 {
	switch m.loss {
	case Logistic:
		return sigmoid(score)
	case Poisson:
		return math.Exp(min(score, mostScore))
	}
	return score
}
