package filter

import (
	"math"
	"slices"
)

// test compares a column with values.
type test struct {
	column   string
	operator string // = != < <= > >= in, "not in", missing, present
	values   []value
}

// value is the right side of a comparison with a column.
type value struct {
	text    string
	number  float64
	numeral bool // the text is a number, and was not quoted
}

// kind returns the kind of column needed by the test.
func (t *test) kind() Kind {
	switch t.operator {
	case "<", "<=", ">", ">=":
		return Number
	case "missing", "present":
		return Any
	}
	if slices.ContainsFunc(t.values, func(v value) bool { return !v.numeral }) {
		return Text
	}
	return Any
}

func (t *test) matchTo(dst []bool, column func(name string) Column) {
	c := column(t.column)
	for i := range dst {
		switch {
		case c.Numbers != nil:
			dst[i] = t.number(c.Numbers[i])
		case c.Texts != nil:
			dst[i] = t.text(c.Texts[i])
		default:
			dst[i] = t.operator == "missing"
		}
	}
}

// number reports whether a number meets the test.
func (t *test) number(v float64) bool {
	if math.IsNaN(v) || t.operator == "missing" || t.operator == "present" {
		return math.IsNaN(v) == (t.operator == "missing") && (t.operator == "missing" || t.operator == "present")
	}
	found := slices.ContainsFunc(t.values, func(x value) bool { return x.numeral && x.number == v })
	switch t.operator {
	case "=", "in":
		return found
	case "!=", "not in":
		return !found
	case "<":
		return v < t.values[0].number
	case "<=":
		return v <= t.values[0].number
	case ">":
		return v > t.values[0].number
	}
	return v >= t.values[0].number
}

// text reports whether a text meets the test.
func (t *test) text(v string) bool {
	if v == "" || t.operator == "missing" || t.operator == "present" {
		return (v == "") == (t.operator == "missing") && (t.operator == "missing" || t.operator == "present")
	}
	found := slices.ContainsFunc(t.values, func(x value) bool { return x.text == v })
	switch t.operator {
	case "=", "in":
		return found
	case "!=", "not in":
		return !found
	}
	return false
}
