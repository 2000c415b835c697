package tree

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

const (
	jsonFormat  = "quintile.tree"
	jsonVersion = 1
)

// treeJSON is a tree on paper. Nodes are in the order root, "yes" subtree, "no"
// subtree.
type treeJSON struct {
	Format    string       `json:"format"`
	Version   int          `json:"version"`
	Task      string       `json:"task"` // classification or regression
	Classes   int          `json:"classes,omitempty"`
	Criterion string       `json:"criterion"` // gini, entropy or variance
	Columns   []columnJSON `json:"columns"`
	Nodes     []nodeJSON   `json:"nodes"`
}

type columnJSON struct {
	Name    string  `json:"name,omitempty"`
	Kind    string  `json:"kind"`            // numeric or categorical
	Codes   []int32 `json:"codes,omitempty"` // told apart; all others are "others"
	Pooled  int     `json:"pooled,omitempty"`
	Missing bool    `json:"missing,omitempty"`
}

type nodeJSON struct {
	Rows     int       `json:"rows"`
	Weight   float64   `json:"weight"`
	Impurity float64   `json:"impurity"`
	Mass     []float64 `json:"mass,omitempty"` // classification: the weight of each class
	Mean     *float64  `json:"mean,omitempty"` // regression
	Ask      *askJSON  `json:"ask,omitempty"`  // absent for a leaf
}

// askJSON is the question of an inner node: is the value of the column at most
// so much, or present at all, or in the list of codes? "Yes" is the next node.
type askJSON struct {
	Column  int      `json:"column"`
	AtMost  *float64 `json:"at_most,omitempty"`
	Present bool     `json:"present,omitempty"`
	In      []int32  `json:"in,omitempty"`
	Others  bool     `json:"others,omitempty"`
	Missing bool     `json:"missing"` // a missing value counts as yes
	No      int      `json:"no"`      // the node for "no", from 0
}

// MarshalJSON writes all of t, readably: loaded again it predicts the same bits.
func (t *Tree) MarshalJSON() ([]byte, error) {
	out := treeJSON{Format: jsonFormat, Version: jsonVersion, Task: "classification", Classes: t.classes, Criterion: "gini"}
	switch {
	case t.classes == 0:
		out.Task, out.Criterion = "regression", "variance"
	case t.criterion == Entropy:
		out.Criterion = "entropy"
	}
	for _, c := range t.columns {
		col := columnJSON{Name: c.name, Kind: "numeric", Missing: c.missing}
		if c.kind == Categorical {
			col.Kind, col.Codes, col.Pooled = "categorical", c.listed, c.pooled
		}
		out.Columns = append(out.Columns, col)
	}
	for i := range t.nodes {
		n := &t.nodes[i]
		q := nodeJSON{Rows: n.rows, Weight: n.weight, Impurity: n.impurity, Mass: n.mass, Ask: n.ask(t)}
		if t.classes == 0 {
			q.Mean = &n.mean
		}
		out.Nodes = append(out.Nodes, q)
	}
	return json.Marshal(out)
}

func (n *node) ask(t *Tree) *askJSON {
	if n.isLeaf() {
		return nil
	}
	a := &askJSON{Column: n.column, Missing: n.missingLeft, No: n.right}
	switch {
	case n.presentOnly():
		a.Present = true
	case n.set == nil:
		a.AtMost = &n.threshold
	default:
		listed := t.columns[n.column].listed
		for bin, code := range listed {
			if n.set.has(bin) {
				a.In = append(a.In, code)
			}
		}
		a.Others = len(listed) < missingCode && n.set.has(len(listed))
	}
	return a
}

// UnmarshalJSON reads the output of MarshalJSON. Anything but a whole tree is
// refused; t is then unchanged.
func (t *Tree) UnmarshalJSON(b []byte) error {
	var in treeJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return fmt.Errorf("reading a tree: %w", err)
	}
	loaded, err := in.tree()
	if err != nil {
		return fmt.Errorf("reading a tree: %w", err)
	}
	*t = *loaded
	return nil
}

func (in *treeJSON) tree() (*Tree, error) {
	if in.Format != jsonFormat || in.Version != jsonVersion {
		return nil, fmt.Errorf("got format %q version %d, want %q version %d", in.Format, in.Version, jsonFormat, jsonVersion)
	}
	t := &Tree{classes: in.Classes}
	switch task := in.Task + "/" + in.Criterion; {
	case task == "regression/variance" && in.Classes == 0:
	case task == "classification/gini" && in.Classes >= 1 && in.Classes <= maxClasses:
	case task == "classification/entropy" && in.Classes >= 1 && in.Classes <= maxClasses:
		t.criterion = Entropy
	default:
		return nil, fmt.Errorf("got task %q by %q with %d classes, want classification by gini or entropy with classes, or regression by variance without", in.Task, in.Criterion, in.Classes)
	}
	if len(in.Columns) == 0 || len(in.Nodes) == 0 {
		return nil, errors.New("got no columns or no nodes, want at least one of each")
	}
	for j := range in.Columns {
		c, err := in.Columns[j].info()
		if err != nil {
			return nil, fmt.Errorf("column %d: %w", j+1, err)
		}
		t.columns = append(t.columns, c)
	}
	for i := range in.Nodes {
		n, err := in.Nodes[i].node(t)
		if err != nil {
			return nil, fmt.Errorf("node %d: %w", i, err)
		}
		t.nodes = append(t.nodes, n)
	}
	if err := t.checkOrder(); err != nil {
		return nil, err
	}
	t.index()
	return t, nil
}

func (c *columnJSON) info() (columnInfo, error) {
	info := columnInfo{name: c.Name, missing: c.Missing, listed: c.Codes, pooled: c.Pooled}
	switch {
	case c.Kind == "categorical":
		info.kind = Categorical
	case c.Kind != "numeric":
		return info, fmt.Errorf("got kind %q, want numeric or categorical", c.Kind)
	case len(c.Codes) > 0 || c.Pooled != 0:
		return info, errors.New("got codes for a numeric column, want none")
	}
	if len(c.Codes) > maxValueBins || c.Pooled < 0 {
		return info, fmt.Errorf("got %d codes and %d pooled, want at most %d and none below 0", len(c.Codes), c.Pooled, maxValueBins)
	}
	for i, code := range c.Codes {
		if code < 0 || code >= maxCategory || i > 0 && code <= c.Codes[i-1] {
			return info, errors.New("want codes from 0, ascending, below 2^24")
		}
	}
	return info, nil
}

func (q *nodeJSON) node(t *Tree) (node, error) {
	n := node{column: -1, rows: q.Rows, weight: q.Weight, impurity: q.Impurity, mass: q.Mass}
	if q.Rows < 1 || !(q.Weight > 0) || !(q.Impurity >= 0) {
		return n, errors.New("want at least one row, a weight above 0 and an impurity of at least 0")
	}
	if t.classes == 0 {
		if q.Mean == nil || q.Mass != nil {
			return n, errors.New("want a mean and no mass in a regression tree")
		}
		n.mean = *q.Mean
	} else {
		if q.Mean != nil || len(q.Mass) != t.classes {
			return n, fmt.Errorf("want a mass for each of %d classes and no mean in a classification tree", t.classes)
		}
		for _, m := range q.Mass {
			if m < 0 {
				return n, errors.New("want no mass below 0")
			}
		}
		n.label = heaviest(n.mass)
	}
	if q.Ask == nil {
		return n, nil
	}
	err := q.Ask.take(t, &n)
	return n, err
}

func (a *askJSON) take(t *Tree, n *node) error {
	if a.Column < 0 || a.Column >= len(t.columns) {
		return fmt.Errorf("asks for column %d, want one from 0 to %d", a.Column, len(t.columns)-1)
	}
	n.column, n.right, n.missingLeft = a.Column, a.No, a.Missing
	info := &t.columns[a.Column]
	if info.kind == Numeric {
		switch {
		case a.In != nil || a.Others || a.Present == (a.AtMost != nil) || a.Present && a.Missing:
			return errors.New("want either at_most or present (without missing) for a numeric column")
		case a.Present:
			n.threshold = math.Inf(1)
		default:
			n.threshold = *a.AtMost
		}
		return nil
	}
	if a.AtMost != nil || a.Present {
		return errors.New("want in, others and missing only for a categorical column")
	}
	n.set = new(bitset)
	for _, code := range a.In {
		bin := categoryBin(info.listed, float32(code))
		if int(bin) >= len(info.listed) {
			return fmt.Errorf("asks for code %d, want one of the column's codes", code)
		}
		n.set.add(int(bin))
	}
	if a.Others && len(info.listed) < missingCode {
		n.set.add(len(info.listed))
	}
	if a.Missing {
		n.set.add(missingCode)
	}
	return nil
}

// checkOrder reports whether the nodes are one tree, in the required order.
func (t *Tree) checkOrder() error {
	var ends []int // of the subtrees that are open, the innermost last
	end := len(t.nodes)
	for i := range t.nodes {
		n := &t.nodes[i]
		if !n.isLeaf() {
			if n.right <= i+1 || n.right >= end {
				return fmt.Errorf("node %d: its \"no\" is node %d, want one after its \"yes\" and before node %d", i, n.right, end)
			}
			ends = append(ends, end)
			end = n.right
			continue
		}
		if i+1 != end {
			return fmt.Errorf("node %d: a leaf, want an inner node: %d nodes follow in its subtree", i, end-i-1)
		}
		if len(ends) > 0 {
			end = ends[len(ends)-1]
			ends = ends[:len(ends)-1]
		}
	}
	return nil
}
