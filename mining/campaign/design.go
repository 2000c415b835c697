package campaign

import (
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// source is a number known of a customer before a contact: a feature, or an
// attribute.
type source struct {
	name      string
	attribute int // place among the attributes of the run; −1: a feature
	category  bool
}

// The levels of a category with a separate column.
const (
	fewestOfLevel = 20
	mostLevels    = 20
)

// design maps sources to columns of a model, learned from the contacts of a campaign.
type design []column

// column is a column of a model.
type column struct {
	name    string
	from    int     // source
	kind    byte    // logarithmic, plain, indicator or gap
	level   float64 // code of a category
	missing float64 // what stands for a missing value
}

const (
	logarithmic = 'l' // sign(v)·ln(1+|v|): money and counts have long tails
	plain       = 'p'
	indicator   = 'c' // 1 where a category has the level
	gap         = 'm' // 1 where the value is missing
)

// learnDesign looks at the sources of contacts, column by column. A number that is missing,
// or not finite, becomes the median and is marked in a separate column.
func learnDesign(sources []source, values [][]float64) design {
	var d design
	for k, s := range sources {
		present := make([]float64, 0, len(values[k]))
		for _, v := range values[k] {
			if v-v == 0 {
				present = append(present, v)
			}
		}
		switch {
		case len(present) == 0:
			continue
		case s.category:
			d = append(d, levelsOf(s.name, k, present)...)
		default:
			c := column{name: s.name, from: k, kind: logarithmic}
			if s.attribute >= 0 {
				c.kind = plain
			}
			slices.Sort(present)
			c.missing = c.of(present[len(present)/2])
			d = append(d, c)
		}
		if len(present) < len(values[k]) {
			d = append(d, column{name: s.name + " missing", from: k, kind: gap, missing: 1})
		}
	}
	return d
}

// levelsOf returns a column for each frequent level but the first.
func levelsOf(name string, from int, codes []float64) (d design) {
	counts := map[float64]int{}
	for _, c := range codes {
		counts[c]++
	}
	var kept []float64
	for c, n := range counts {
		if n >= fewestOfLevel {
			kept = append(kept, c)
		}
	}
	slices.SortFunc(kept, func(x, y float64) int {
		if counts[x] != counts[y] {
			return counts[y] - counts[x]
		}
		return int(x - y)
	})
	kept = kept[:min(len(kept), mostLevels)]
	slices.Sort(kept)
	for _, c := range kept[min(1, len(kept)):] {
		d = append(d, column{name: fmt.Sprintf("%s %g", name, c), from: from, kind: indicator, level: c})
	}
	return d
}

// of returns a value in the column.
func (c *column) of(v float64) float64 {
	switch {
	case v-v != 0:
		return c.missing
	case c.kind == plain:
		return v
	case c.kind == logarithmic:
		return math.Copysign(math.Log1p(math.Abs(v)), v)
	case c.kind == indicator && v == c.level:
		return 1
	}
	return 0
}

// matrix returns the columns of customers with the given values of sources.
func (d design) matrix(values [][]float64) models.Matrix {
	var x models.Matrix
	for i := range d {
		c := &d[i]
		column := make([]float32, len(values[c.from]))
		for k, v := range values[c.from] {
			column[k] = float32(c.of(v))
		}
		x.Names, x.Cols = append(x.Names, c.name), append(x.Cols, column)
	}
	return x
}
