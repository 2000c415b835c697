package features

import (
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
)

// perValue ends the description of each feature of a custom dimension. Where all
// lines of an order have the same value, such as the payment method, the rule is
// the same as for stores and regions; where lines have several values, such as
// brands, every value counts.
const perValue = " An order counts once for each value among its purchase lines."

// furtherFeatures returns the features of further dimension k of a history.
func furtherFeatures(k int, name string) []Feature {
	list := mixFeatures(mixOf{
		group: "Custom dimensions", many: "values of " + name, one: "value of " + name, unit: "orders by value",
		distinct: name + "_distinct", name: name,
		counted: "orders with a known " + name,
		of:      datasets.Dimension(datasets.Dimensions + k), needs: Further(k),
		mix: func(v *values) *mixValues { return &v.further.values[k] },
	})
	for i := range list {
		list[i].Meaning += perValue
	}
	return list
}

// furtherEndings are the endings of the names of these features.
func furtherEndings() []string {
	var out []string
	const name = "x"
	for _, f := range furtherFeatures(0, name) {
		out = append(out, f.Name[len(name):])
	}
	return out
}

// Clash returns the feature of the catalogue that a further dimension of this name
// would take the name of; false where there is none.
func Clash(name string) (feature string, clashes bool) {
	if _, taken := Lookup(name); taken {
		return name, true
	}
	for _, f := range furtherFeatures(0, name) {
		if _, taken := Lookup(f.Name); taken {
			return f.Name, true
		}
	}
	return "", false
}

// looksFurther returns the name of the dimension that a feature of this name would
// be of, or "".
func looksFurther(feature string) string {
	for _, ending := range furtherEndings() {
		if name, ok := strings.CutSuffix(feature, ending); ok {
			return name
		}
	}
	return ""
}

// isCode reports whether a feature of this name is a code: of the catalogue, or of
// a further dimension.
func isCode(name string) bool {
	if f, ok := Lookup(name); ok {
		return f.Kind == Code
	}
	return strings.HasSuffix(name, "_main")
}

// furtherValues are the mixes of the custom dimensions, and the values of their
// features. Most histories have no custom dimensions, so these values are kept
// apart from the rest.
type furtherValues struct {
	mixes  [datasets.MaxFurther]mix
	values [datasets.MaxFurther]mixValues
}

// scanFurther counts the values of the further dimensions by order. It needs the
// orders of the lines.
func (c *Calculator) scanFurther(ev *datasets.Events) {
	for k := range datasets.MaxFurther {
		if c.needs.Has(Further(k)) {
			c.mixOfOrderValues(&c.values.further.mixes[k], ev.FurtherCodes(k))
		}
	}
}

// mixOfOrderValues counts the codes of the purchase lines, each once an order.
//
// Cost: one pass over the lines where each order has one code; where some
// orders have several codes, the pairs of code and order are also sorted.
func (c *Calculator) mixOfOrderValues(m *mix, codes []uint32) {
	c.occurrences = slices.Grow(c.occurrences[:0], len(codes))
	rising, last := true, occurrence(0)
	for i, code := range codes {
		order := c.lineOrders[i]
		if order < 0 || code == datasets.NoCode {
			continue
		}
		o := occurrenceOf(code, order)
		if o == last && len(c.occurrences) > 0 {
			continue
		}
		// Orders rise as a rule; only within one may a value come back.
		rising = rising && (o.order() > last.order() || len(c.occurrences) == 0)
		c.occurrences = append(c.occurrences, o)
		last = o
	}
	if !rising {
		slices.Sort(c.occurrences)
		c.occurrences = slices.Compact(c.occurrences)
	}
	c.startCodes(len(c.occurrences))
	for _, o := range c.occurrences {
		c.addCode(o.code(), int32(o.order()))
	}
	c.mixOfCodes(m)
}
