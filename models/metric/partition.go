package metric

import (
	"cmp"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// contingency counts the rows by the group they have in two groupings.
type contingency struct {
	cells []float64 // len(a) × len(b), a row of the table per group of a
	a, b  []float64 // rows per group
	n     float64
}

func tabulate[A, B cmp.Ordered](a []A, b []B) (contingency, error) {
	if len(a) != len(b) {
		return contingency{}, &models.ShapeError{What: "second grouping", Got: len(b), Want: len(a)}
	}
	ca, groupsA := compact(a)
	cb, groupsB := compact(b)
	t := contingency{
		cells: make([]float64, groupsA*groupsB),
		a:     make([]float64, groupsA),
		b:     make([]float64, groupsB),
		n:     float64(len(a)),
	}
	for i, g := range ca {
		t.a[g]++
		t.b[cb[i]]++
		t.cells[int(g)*groupsB+int(cb[i])]++
	}
	return t, nil
}

// compact numbers the distinct labels from 0 in ascending order.
func compact[L cmp.Ordered](label []L) (code []int32, groups int) {
	distinct := slices.Clone(label)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	number := make(map[L]int32, len(distinct))
	for g, l := range distinct {
		number[l] = int32(g)
	}
	code = make([]int32, len(label))
	for i, l := range label {
		code[i] = number[l]
	}
	return code, len(distinct)
}

// AdjustedRand compares two groupings of the same rows: 1 for equal groupings
// up to the names of the groups, about 0 for unrelated groupings, and negative
// (at least −½) for less agreement than by chance (Hubert and Arabie [1]).
//
//	ARI = (Σ C(nᵢⱼ,2) − E) / (½[Σ C(aᵢ,2) + Σ C(bⱼ,2)] − E),  E = Σ C(aᵢ,2) Σ C(bⱼ,2) / C(n,2)
//
// Shape: one label per row in each grouping; labels may be numbers or names.
//
// Missing: 1 where both groupings are one single group, or all single rows.
//
// Errors: *models.ShapeError.
//
// Cost: O(n log n) time, O(n + |a|·|b|) memory.
//
// [1] L. Hubert, P. Arabie, "Comparing Partitions", J. Classification 2, 1985,
// pp. 193–218, doi:10.1007/BF01908075.
func AdjustedRand[A, B cmp.Ordered](a []A, b []B) (float64, error) {
	t, err := tabulate(a, b)
	if err != nil {
		return 0, err
	}
	return t.adjustedRand(), nil
}

// AdjustedRandOf is [AdjustedRand] of two groupings whose rows were counted: cells[i][j] rows are in group i of the
// one and in group j of the other.
//
// Shape: equally many cells in each row, none of them negative. Missing: 1 without rows.
//
// Errors: *models.ShapeError, *models.ValueError for a negative count.
//
// Cost: O(cells).
func AdjustedRandOf(cells [][]int64) (float64, error) {
	var t contingency
	if len(cells) > 0 {
		t.a, t.b = make([]float64, len(cells)), make([]float64, len(cells[0]))
	}
	for i, row := range cells {
		if len(row) != len(t.b) {
			return 0, &models.ShapeError{What: "cells of a row", Got: len(row), Want: len(t.b)}
		}
		for j, n := range row {
			if n < 0 {
				return 0, &models.ValueError{Row: i + 1, Column: j + 1, Name: "cells", Got: float64(n), Want: "a count ≥ 0"}
			}
			v := float64(n)
			t.cells = append(t.cells, v)
			t.a[i] += v
			t.b[j] += v
			t.n += v
		}
	}
	return t.adjustedRand(), nil
}

func (t *contingency) adjustedRand() float64 {
	sumSquares := func(v []float64) float64 {
		s := 0.0
		for _, x := range v {
			s += float64(x * x)
		}
		return s
	}
	// Ordered pairs that are together in both, in a only, in b only, in neither.
	cells := sumSquares(t.cells)
	both := cells - t.n
	onlyA, onlyB := sumSquares(t.a)-cells, sumSquares(t.b)-cells
	neither := float64(t.n*t.n) - cells - onlyA - onlyB
	if onlyA == 0 && onlyB == 0 {
		return 1
	}
	return 2 * (float64(both*neither) - float64(onlyA*onlyB)) /
		(float64((both+onlyA)*(onlyA+neither)) + float64((both+onlyB)*(onlyB+neither)))
}

// NMI is the mutual information of two groupings of the same rows over the mean
// of their entropies: 1 for equal groupings up to names, 0 for independent
// groupings. Unlike [AdjustedRand], NMI is not corrected for chance and grows
// with the number of groups.
//
// Missing: 1 where both groupings are one single group.
//
// Shape, errors and cost are as for [AdjustedRand].
func NMI[A, B cmp.Ordered](a []A, b []B) (float64, error) {
	t, err := tabulate(a, b)
	if err != nil {
		return 0, err
	}
	if len(t.a) <= 1 && len(t.b) <= 1 {
		return 1, nil
	}
	shared := 0.0
	for i, na := range t.a {
		for j, nb := range t.b {
			if nij := t.cells[i*len(t.b)+j]; nij > 0 {
				shared += float64(nij / t.n * (math.Log(nij) + math.Log(t.n) - math.Log(na) - math.Log(nb)))
			}
		}
	}
	if shared <= 0x1p-52 { // rounding of a sum that is 0
		return 0, nil
	}
	return shared / ((entropy(t.a, t.n) + entropy(t.b, t.n)) / 2), nil
}

func entropy(counts []float64, n float64) float64 {
	h := 0.0
	for _, c := range counts {
		h -= float64(c / n * (math.Log(c) - math.Log(n)))
	}
	return h
}
