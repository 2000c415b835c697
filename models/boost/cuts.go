package boost

import (
	"math"
	"math/rand/v2"
	"slices"
)

const (
	missingBin = 255     // the bin of NaN; other bins count from 0
	cutRows    = 200_000 // the rows that bins are cut from
)

// cuts are the upper bounds of the bins of a column, rising: x lies in the first
// bin b with x ≤ cuts[b]. The last bound is math.MaxFloat32.
type cuts []float32

// cutColumn chooses at most bins bins for the given values, without the NaNs: a
// bin for each distinct value if the bins suffice, otherwise bins of as equal a
// number of rows as possible. A column without a value gives nil. values is
// overwritten.
func cutColumn(values []float32, bins int) cuts {
	values = sortFinite(values)
	distinct, counts := runs(values)
	switch {
	case len(distinct) == 0:
		return nil
	case len(distinct) <= bins:
		return between(distinct, func(int) bool { return true })
	}
	return between(distinct, equalShares(counts, len(values), bins))
}

// runs returns the distinct values of a sorted slice, and how often each occurs.
func runs(sorted []float32) (distinct []float32, counts []int32) {
	n := 0
	for i, v := range sorted {
		if i == 0 || v != sorted[i-1] {
			n++
		}
	}
	distinct, counts = make([]float32, 0, n), make([]int32, 0, n)
	for i, v := range sorted {
		if i == 0 || v != sorted[i-1] {
			distinct = append(distinct, v)
			counts = append(counts, 0)
		}
		counts[len(counts)-1]++
	}
	return distinct, counts
}

// between makes a cut after each distinct value for which end is true, halfway
// to the next value, and a cut at the end. end is called in rising order.
func between(distinct []float32, end func(k int) bool) cuts {
	var c cuts
	for k, v := range distinct[:len(distinct)-1] {
		if end(k) {
			c = append(c, middle(v, distinct[k+1]))
		}
	}
	return append(c, math.MaxFloat32)
}

// middle returns a number m with a ≤ m < b, halfway where float32 has one.
func middle(a, b float32) float32 {
	m := float32((float64(a) + float64(b)) / 2)
	if m >= b {
		return a
	}
	return m
}

// equalShares marks the distinct values at which a bin ends, so that a value
// with as many rows as a fair share has a bin of its own and the remaining
// values share the remaining bins evenly.
func equalShares(counts []int32, rows, bins int) func(k int) bool {
	fair := float64(rows) / float64(bins)
	heavy := func(k int) bool { return float64(counts[k]) >= fair }
	restRows, restBins := rows, bins
	for k := range counts {
		if heavy(k) {
			restRows -= int(counts[k])
			restBins--
		}
	}
	share := float64(restRows) / float64(max(restBins, 1))
	used, inBin := 0, 0
	return func(k int) bool {
		inBin += int(counts[k])
		if !heavy(k) {
			restRows -= int(counts[k])
		}
		full := float64(inBin) >= share || (heavy(k+1) && float64(inBin) >= share/2)
		if used == bins-1 || !(heavy(k) || full) {
			return false
		}
		used++
		inBin = 0
		if !heavy(k) {
			restBins--
			share = float64(restRows) / float64(max(restBins, 1))
		}
		return true
	}
}

// sampleRows returns the rows to cut bins from: all rows, or a random row from
// each of cutRows equal ranges.
func sampleRows(rows int, seed uint64) []int32 {
	n := min(rows, cutRows)
	index := make([]int32, n)
	rng := rand.New(rand.NewPCG(seed, streamCuts))
	for i := range index {
		from, to := i*rows/n, (i+1)*rows/n
		index[i] = int32(from + rng.IntN(to-from))
	}
	return index
}

// sortFinite sorts values by radix and drops the NaN; −0 becomes 0.
func sortFinite(values []float32) []float32 {
	const bits, passes = 11, 3
	keys := make([]uint32, 0, len(values))
	for _, v := range values {
		if v == v {
			keys = append(keys, sortKey(v))
		}
	}
	if len(keys) < 256 {
		slices.Sort(keys)
	} else {
		other := make([]uint32, len(keys))
		for p := range passes {
			radixPass(other, keys, p*bits, 1<<bits)
			keys, other = other, keys
		}
	}
	values = values[:len(keys)]
	for i, k := range keys {
		values[i] = fromSortKey(k)
	}
	return values
}

// radixPass sorts src into dst, stably, by the size values at shift.
func radixPass(dst, src []uint32, shift, size int) {
	start := make([]int, size)
	for _, k := range src {
		start[int(k>>shift)&(size-1)]++
	}
	sum := 0
	for d, n := range start {
		start[d] = sum
		sum += n
	}
	for _, k := range src {
		d := int(k>>shift) & (size - 1)
		dst[start[d]] = k
		start[d]++
	}
}
