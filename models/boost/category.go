package boost

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sort"

	"github.com/quintile-dev/quintile/models"
)

// mostCode is the first number above all codes: float32 holds every whole number
// up to here.
const mostCode = 1 << 24

// categories are the codes of a categorical column, rising. The fit and the
// ensemble work with places: the index of a code in this list.
type categories []float32

// place returns the place of a code, or NaN for a missing or an unknown code.
func (c categories) place(code float32) float32 {
	if k := sort.Search(len(c), func(k int) bool { return c[k] >= code }); k < len(c) && c[k] == code {
		return float32(k)
	}
	return float32(math.NaN())
}

// cuts returns one bin a category.
func (c categories) cuts() cuts {
	var out cuts
	for k := range len(c) - 1 {
		out = append(out, float32(k)+0.5)
	}
	if len(c) > 0 {
		out = append(out, math.MaxFloat32)
	}
	return out
}

// placed returns x with places for codes. The numeric columns are shared with x.
func placed(x models.Matrix, known []categories) models.Matrix {
	if known == nil {
		return x
	}
	out := models.Matrix{Names: x.Names, Cols: slices.Clone(x.Cols)}
	for j, c := range known {
		if c == nil {
			continue
		}
		col := make([]float32, len(x.Cols[j]))
		for i, v := range x.Cols[j] {
			col[i] = c.place(v)
		}
		out.Cols[j] = col
	}
	return out
}

// learnCategories returns the categories by column, nil for a numeric column, or
// nil where every column is numeric. Rows of weight 0 are not counted. Where a
// column has more codes than c.Bins, the most frequent codes are kept, of equally
// frequent codes the lowest; pooled is the number of codes left out, by column.
func (c Config) learnCategories(ctx context.Context, s Set) (known []categories, pooled []int, err error) {
	if !slices.Contains(c.Categorical, true) {
		return nil, nil, nil
	}
	known, pooled = make([]categories, len(c.Categorical)), make([]int, len(c.Categorical))
	err = models.Parallel(ctx, c.Workers, len(known), func(j int) error {
		if !c.Categorical[j] {
			return nil
		}
		count := map[float32]float64{}
		for i, v := range s.X.Cols[j] {
			if v == v && (s.Weights == nil || s.Weights[i] > 0) {
				count[v]++
			}
		}
		codes := make([]float32, 0, len(count))
		for code := range count {
			codes = append(codes, code)
		}
		slices.SortFunc(codes, func(a, b float32) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
		kept := min(len(codes), c.Bins)
		pooled[j] = len(codes) - kept
		known[j] = slices.Sorted(slices.Values(codes[:kept]))
		if known[j] == nil {
			known[j] = categories{} // no code at all, and still no number
		}
		return nil
	})
	return known, pooled, err
}

// checkCodes refuses a value of a categorical column outside the range of codes.
func (c Config) checkCodes(x models.Matrix) error {
	for j, categorical := range c.Categorical {
		if !categorical {
			continue
		}
		for i, v := range x.Cols[j] {
			if v == v && !(v >= 0 && v < mostCode && v == float32(int32(v))) {
				return &models.ValueError{
					Row: i + 1, Column: j + 1, Name: x.Name(j), Got: float64(v),
					Want: "a code: a whole number from 0 to 16777215",
				}
			}
		}
	}
	return nil
}

// categorySet is a set of places.
type categorySet [4]uint64

func (s *categorySet) add(k int)      { s[k>>6] |= 1 << (k & 63) }
func (s *categorySet) has(k int) bool { return s[k>>6]>>(k&63)&1 == 1 }

// holds reports whether v, a place, is in the set. A NaN is not.
func (s *categorySet) holds(v float32) bool {
	return v >= 0 && s.has(int(v)&255)
}

// within returns the intersection of s with o, or with out the difference s − o. A
// nil s holds every place.
func (s *categorySet) within(o *categorySet, out bool) *categorySet {
	r := new(categorySet)
	for w := range r {
		mask := o[w]
		if out {
			mask = ^mask
		}
		r[w] = mask
		if s != nil {
			r[w] &= s[w]
		}
	}
	return r
}

// members returns the places, rising.
func (s *categorySet) members() []int {
	var out []int
	for k := range 256 {
		if s.has(k) {
			out = append(out, k)
		}
	}
	return out
}
