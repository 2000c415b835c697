package tree

import "math"

// Rule is one leaf of a tree as a statement: rows that meet all conditions are
// expected to be of the class, or to have the value.
type Rule struct {
	Leaf       int         `json:"leaf"` // as from LeafTo
	Conditions []Condition `json:"conditions"`

	Rows   int     `json:"rows"`   // of the sample in the leaf; ≥ 1
	Weight float64 `json:"weight"` // of those rows; > 0
	Share  float64 `json:"share"`  // of the sample's weight; in (0,1]

	// For classification: the class, the share of the class in the leaf's
	// weight, in (0,1], and the ratio of this share to the share in the whole
	// sample.
	Class      int32   `json:"class"`
	Confidence float64 `json:"confidence"`
	Lift       float64 `json:"lift"`

	// For regression: the mean target in the leaf, and the standard deviation
	// of the target there, ≥ 0.
	Value  float64 `json:"value"`
	StdDev float64 `json:"std_dev"`

	// Text is the whole rule in one line, such as "recency_days ≤ 42.5 and
	// frequency > 3 ⇒ loyal".
	Text string `json:"text"`
}

// Condition is the part of a rule about one column.
type Condition struct {
	Column int `json:"column"`

	// Numeric: a value above Above and at most AtMost; nil is no bound. The
	// sample had no values between a bound and the next value outside.
	Above  *float64 `json:"above,omitempty"`
	AtMost *float64 `json:"at_most,omitempty"`

	// Categorical: the admitted codes; with Others, also any code unknown to
	// the tree.
	Codes  []int32 `json:"codes,omitempty"`
	Others bool    `json:"others,omitempty"`

	// Present: a value is there, whatever it is. Missing: or none is. If
	// Missing alone is set, none may be.
	Present bool `json:"present,omitempty"`
	Missing bool `json:"missing,omitempty"`
}

// Rules returns the rules of t, one per leaf in the order of leaf numbers.
// Every row meets exactly one rule.
//
// Questions about one column are merged into one condition. For the text, names
// holds the names of columns (nil: the names in the fitted matrix), classes the
// names of the classes (nil: numbers), and categories[j] the names of the codes
// of column j (nil, or too short: numbers). The text rounds bounds to six
// digits; Conditions have all digits.
func (t *Tree) Rules(names, classes []string, categories [][]string) []Rule {
	w := wording{tree: t, names: names, classes: classes, categories: categories}
	rules := make([]Rule, 0, len(t.leaves))
	var walk func(at int, path []scope)
	walk = func(at int, path []scope) {
		n := &t.nodes[at]
		if n.isLeaf() {
			rules = append(rules, t.rule(n, path, w))
			return
		}
		walk(at+1, t.narrow(path, n, true))
		walk(n.right, t.narrow(path, n, false))
	}
	walk(0, nil)
	return rules
}

func (t *Tree) rule(n *node, path []scope, w wording) Rule {
	root := &t.nodes[0]
	r := Rule{Leaf: n.leaf, Rows: n.rows, Weight: n.weight, Share: n.weight / root.weight}
	if t.classes > 0 {
		r.Class = n.label
		r.Confidence = n.mass[n.label] / n.weight
		r.Lift = r.Confidence / (root.mass[n.label] / root.weight)
	} else {
		r.Value, r.StdDev = n.mean, math.Sqrt(n.impurity)
	}
	for i := range path {
		r.Conditions = append(r.Conditions, path[i].condition(t))
	}
	r.Text = w.rule(&r)
	return r
}

// scope is the part of a column's values that a path of questions admits.
type scope struct {
	column        int
	above, atMost float64
	set           bitset // categorical
	missing       bool
}

// narrow returns path with one more answer. The columns come in the order of
// the first question about each.
func (t *Tree) narrow(path []scope, n *node, yes bool) []scope {
	path = append([]scope(nil), path...)
	at := 0
	for at < len(path) && path[at].column != n.column {
		at++
	}
	if at == len(path) {
		everything := bitset{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
		path = append(path, scope{column: n.column, above: math.Inf(-1), atMost: math.Inf(1), set: everything, missing: true})
	}
	s := &path[at]
	if n.set != nil {
		for i, w := range n.set {
			if !yes {
				w = ^w
			}
			s.set[i] &= w
		}
		s.missing = s.set.has(missingCode)
		return path
	}
	if yes {
		s.atMost = min(s.atMost, n.threshold)
	} else {
		s.above = max(s.above, n.threshold)
	}
	s.missing = s.missing && n.missingLeft == yes
	return path
}

// condition puts s into words for machines.
func (s *scope) condition(t *Tree) Condition {
	c := Condition{Column: s.column, Missing: s.missing}
	info := &t.columns[s.column]
	if info.kind == Categorical {
		for bin, code := range info.listed {
			if s.set.has(bin) {
				c.Codes = append(c.Codes, code)
			}
		}
		c.Others = len(info.listed) < missingCode && s.set.has(len(info.listed))
		return c
	}
	if !math.IsInf(s.above, 0) {
		c.Above = &s.above
	}
	if !math.IsInf(s.atMost, 0) {
		c.AtMost = &s.atMost
	}
	c.Present = c.Above == nil && c.AtMost == nil && s.above < s.atMost
	return c
}
