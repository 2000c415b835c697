// Package filter reads a condition on customers from a job file, such as
//
//	churn_prob >= 0.5 and rfm_segment in [at_risk, cant_lose]
//
// and finds the customers who meet it. Steps that choose customers by columns of
// segments.parquet, by features or by attributes use the package.
package filter

import (
	"slices"
	"strings"
)

// Filter is a condition. The zero value is met by everybody.
type Filter struct {
	text  string
	root  expression
	tests []*test
}

// Kind is the kind of column needed by a test.
type Kind uint8

// The kinds of columns.
const (
	Any Kind = iota
	Number
	Text
)

// Use is a column read by a condition.
type Use struct {
	Column string
	Kind   Kind
}

// Column holds the values of a column for some customers: numbers, NaN for a missing one, or
// texts, "" for a missing one. The other slice is nil.
type Column struct {
	Numbers []float64
	Texts   []string
}

// want is the form of a condition, for messages.
const want = "a condition such as: churn_prob >= 0.5 and rfm_segment in [at_risk, cant_lose]"

// Set reads a condition. The empty text is met by everybody.
func (f *Filter) Set(text string) (string, bool) {
	*f = Filter{text: strings.TrimSpace(text)}
	if f.text == "" {
		return want, true
	}
	root, tests, err := parse(f.text)
	if err != nil {
		return want + " (" + err.Error() + ")", false
	}
	f.root, f.tests = root, tests
	return want, true
}

// Schema describes the condition to editors.
func (f *Filter) Schema() map[string]any { return map[string]any{"type": "string"} }

// String returns the condition as written.
func (f *Filter) String() string { return f.text }

// Empty reports whether everybody meets the condition.
func (f *Filter) Empty() bool { return f.root == nil }

// Uses returns the columns read by the condition, in order, with the requirements of
// each test. A column may occur several times.
func (f *Filter) Uses() []Use {
	var all []Use
	for _, t := range f.tests {
		if u := (Use{t.column, t.kind()}); !slices.Contains(all, u) {
			all = append(all, u)
		}
	}
	return all
}

// Columns returns the names of the columns, each once.
func (f *Filter) Columns() []string {
	var all []string
	for _, t := range f.tests {
		if !slices.Contains(all, t.column) {
			all = append(all, t.column)
		}
	}
	return all
}

// MatchTo sets dst[i] to whether customer i meets the condition. column returns the values
// of a column named by Columns, one for each customer.
//
// Missing: a test of a missing value is never met, not even a test of difference; "is
// missing" is met.
func (f *Filter) MatchTo(dst []bool, column func(name string) Column) {
	if f.root == nil {
		for i := range dst {
			dst[i] = true
		}
		return
	}
	f.root.matchTo(dst, column)
}

// expression is a part of a condition.
type expression interface {
	matchTo(dst []bool, column func(name string) Column)
}

// both is met where both sides are met; with either, where at least one side is
// met.
type both struct {
	left, right expression
	either      bool
}

func (b *both) matchTo(dst []bool, column func(name string) Column) {
	b.left.matchTo(dst, column)
	other := make([]bool, len(dst))
	b.right.matchTo(other, column)
	for i, v := range other {
		if b.either {
			dst[i] = dst[i] || v
		} else {
			dst[i] = dst[i] && v
		}
	}
}

// negation is met where its part is not.
type negation struct{ part expression }

func (n *negation) matchTo(dst []bool, column func(name string) Column) {
	n.part.matchTo(dst, column)
	for i := range dst {
		dst[i] = !dst[i]
	}
}
