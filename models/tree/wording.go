package tree

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// wording puts rules into words for people.
type wording struct {
	tree       *Tree
	names      []string
	classes    []string
	categories [][]string
}

func (w wording) rule(r *Rule) string {
	parts := make([]string, len(r.Conditions))
	for i := range r.Conditions {
		parts[i] = w.condition(&r.Conditions[i])
	}
	left := strings.Join(parts, " and ")
	if left == "" {
		left = "always"
	}
	if w.tree.classes == 0 {
		return left + " ⇒ " + number(r.Value)
	}
	return left + " ⇒ " + w.class(r.Class)
}

func (w wording) class(k int32) string {
	if int(k) < len(w.classes) {
		return w.classes[k]
	}
	return fmt.Sprintf("class %d", k)
}

func (w wording) column(j int) string {
	switch {
	case j < len(w.names):
		return w.names[j]
	case w.tree.columns[j].name != "":
		return w.tree.columns[j].name
	}
	return fmt.Sprintf("column %d", j+1)
}

func (w wording) category(j int, code int32) string {
	if j < len(w.categories) && int(code) < len(w.categories[j]) {
		return w.categories[j][code]
	}
	return strconv.Itoa(int(code))
}

// condition speaks of missing values only where the sample had some.
func (w wording) condition(c *Condition) string {
	name, info := w.column(c.Column), &w.tree.columns[c.Column]
	text := w.interval(name, c)
	if info.kind == Categorical {
		text = w.set(name, c)
	}
	switch {
	case text == "" && c.Missing:
		return name + " missing"
	case c.Missing && info.missing:
		return "(" + text + " or missing)"
	}
	return text
}

func (w wording) interval(name string, c *Condition) string {
	switch {
	case c.Above != nil && c.AtMost != nil:
		return number(*c.Above) + " < " + name + " ≤ " + number(*c.AtMost)
	case c.Above != nil:
		return name + " > " + number(*c.Above)
	case c.AtMost != nil:
		return name + " ≤ " + number(*c.AtMost)
	case c.Present:
		return name + " present"
	}
	return ""
}

// set names the codes admitted by a condition, or the codes not admitted,
// whichever are fewer. Codes not admitted are named only where the wording is
// complete: a missing value is not "not north".
func (w wording) set(name string, c *Condition) string {
	info := &w.tree.columns[c.Column]
	others := c.Others && info.pooled > 0
	switch {
	case len(c.Codes) == 0 && !others:
		return ""
	case len(c.Codes) == len(info.listed) && others == (info.pooled > 0):
		return name + " present"
	}
	is, verb, more := c.Codes, "in", others
	if 2*len(c.Codes) > len(info.listed) && (c.Missing || !info.missing) {
		is, verb, more = without(info.listed, c.Codes), "not in", info.pooled > 0 && !others
	}
	labels := make([]string, 0, len(is)+1)
	for _, code := range is {
		labels = append(labels, w.category(c.Column, code))
	}
	if more {
		labels = append(labels, "others")
	}
	switch {
	case len(labels) > 1:
		return name + " " + verb + " {" + strings.Join(labels, ", ") + "}"
	case verb == "in":
		return name + " is " + labels[0]
	}
	return name + " is not " + labels[0]
}

// without returns what is in all but not in some, both ascending.
func without(all, some []int32) []int32 {
	var rest []int32
	for _, v := range all {
		if len(some) > 0 && some[0] == v {
			some = some[1:]
			continue
		}
		rest = append(rest, v)
	}
	return rest
}

// number writes v in six digits, and in more digits where the whole part is
// longer, so that 1234567.5, halfway between two whole numbers, is not rounded.
func number(v float64) string {
	size := math.Abs(v)
	if size != 0 && (size < 1e-4 || size >= 1e12) {
		return strconv.FormatFloat(v, 'g', 6, 64)
	}
	decimals := 6
	for ; size >= 1 && decimals > 1; size /= 10 {
		decimals--
	}
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}
