package prospect

import (
	"math"
	"slices"
	"sort"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/models"
)

// The levels of a category that are told apart.
const (
	fewestOfLevel = 10  // customers of a level; a rarer one counts as missing
	mostLevels    = 100 // the most frequent
)

// attribute is how an attribute becomes columns of a model.
type attribute struct {
	name     string
	category bool
	levels   []string       // of a category, sorted
	code     map[string]int // of each level
	shares   []float64      // of the levels among those that are known
	median   float64        // of a number
	missing  bool           // some customers have no value: a column says so
}

// encoding is how all attributes become columns.
type encoding []attribute

// values are the attributes of some people: numbers as they are, categories as codes of the
// levels of an encoding; NaN for a missing value.
type values [][]float64

// learnEncoding learns from the attributes of customers: columns holds the numbers, and the
// codes of texts.
func learnEncoding(list []datasets.Attribute, columns [][]float64, texts func(name string) *datasets.Strings) encoding {
	out := make(encoding, len(list))
	for k, a := range list {
		out[k] = attribute{name: a.Name, category: a.Category}
		if a.Category {
			out[k].learnLevels(columns[k], texts(a.Name))
			continue
		}
		present := mining.Present(columns[k])
		out[k].missing = len(present) < len(columns[k])
		if len(present) > 0 {
			out[k].median = mining.Quantile(present, 0.5)
		}
	}
	return out
}

// learnLevels keeps the levels that are frequent enough, sorted by text.
func (a *attribute) learnLevels(codes []float64, texts *datasets.Strings) {
	counts := make([]int, texts.Len())
	for _, c := range codes {
		if c == c {
			counts[int(c)]++
		}
	}
	kept := make([]int, 0, len(counts))
	for c, n := range counts {
		if n >= fewestOfLevel {
			kept = append(kept, c)
		}
	}
	sort.SliceStable(kept, func(i, j int) bool { return counts[kept[i]] > counts[kept[j]] })
	kept = kept[:min(len(kept), mostLevels)]
	slices.Sort(kept) // codes are ranks of the sorted texts
	known := 0
	a.code = map[string]int{}
	for level, c := range kept {
		text := string(texts.At(c))
		a.levels, a.code[text] = append(a.levels, text), level
		a.shares = append(a.shares, float64(counts[c]))
		known += counts[c]
	}
	for level := range a.shares {
		a.shares[level] /= float64(known)
	}
	a.missing = known < len(codes)
}

// translate turns codes of texts into codes of levels. It returns how many values have no
// level.
func (a *attribute) translate(codes []float64, texts *datasets.Strings) (unseen int) {
	to := make([]float64, texts.Len())
	for c := range to {
		to[c] = math.NaN()
		if level, known := a.code[string(texts.At(c))]; known {
			to[c] = float64(level)
		}
	}
	for i, c := range codes {
		if c == c {
			codes[i] = to[int(c)]
			if codes[i] != codes[i] {
				unseen++
			}
		}
	}
	return unseen
}

// trees returns the columns in the form for boosted trees, and marks the
// categories.
func (e encoding) trees(v values) (x models.Matrix, categorical []bool) {
	for k, a := range e {
		x.Names = append(x.Names, a.name)
		x.Cols = append(x.Cols, narrow(v[k]))
		categorical = append(categorical, a.category)
	}
	return x, categorical
}

func narrow(values []float64) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(v)
	}
	return out
}

// line returns the columns in the form for the regression, and the attribute of each
// column: numbers, with the median for a missing value; a column of 0 and 1 for each level
// but the first, with the shares of the levels for a missing value; a column that marks
// missing values, for attributes that some customers lack.
func (e encoding) line(v values) (x models.Matrix, from []int) {
	add := func(k int, name string, value func(v float64) float64) {
		column := make([]float32, len(v[k]))
		for i, raw := range v[k] {
			column[i] = float32(value(raw))
		}
		x.Names, x.Cols, from = append(x.Names, name), append(x.Cols, column), append(from, k)
	}
	for k, a := range e {
		if !a.category {
			add(k, a.name, func(v float64) float64 {
				if v != v {
					return a.median
				}
				return v
			})
		}
		for level := 1; level < len(a.levels); level++ {
			add(k, a.name+"="+a.levels[level], func(v float64) float64 {
				switch {
				case v != v:
					return a.shares[level]
				case int(v) == level:
					return 1
				}
				return 0
			})
		}
		if a.missing {
			add(k, a.name+" missing", func(v float64) float64 {
				if v != v {
					return 1
				}
				return 0
			})
		}
	}
	if len(from) == 0 && len(v) > 0 { // no attribute has two levels
		add(0, "nothing", func(float64) float64 { return 0 })
	}
	return x, from
}

// words says in words what the value of an attribute is, as a reason.
func (a *attribute) words(v float64, w *words.Words) string {
	if a.category && v == v {
		return w.Name(a.name) + ": " + a.levels[int(v)]
	}
	return w.Reason(a.name, v, a.median, nil)
}

// phrase returns an attribute with its value, as the code of a reason.
func (a *attribute) phrase(v float64) string {
	switch {
	case v != v:
		return a.name + "=missing"
	case a.category:
		return a.name + "=" + a.levels[int(v)]
	}
	return a.name + "=" + short(v)
}
