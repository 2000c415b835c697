package features

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// binning learns limits. members holds the customers to rank, grouped by cell:
// all customers for R, the customers of each R score for F, the customers of
// each pair for M.
type binning struct {
	config  RFMConfig
	in      RFMInput
	members []uint32
	swap    []uint32
	keys    []uint64
	tmp     []uint64
}

// newBinning returns an error where a value to rank is infinite.
func newBinning(c RFMConfig, in RFMInput) (*binning, error) {
	b := &binning{config: c, in: in}
	n := 0
	for i := range in.Recency {
		if !in.scored(i) {
			continue
		}
		n++
		for _, v := range [...]float64{in.Recency[i], in.Frequency[i], in.money(i)} {
			if math.IsInf(v, 0) {
				return nil, fmt.Errorf("features: row %d: got recency %v, frequency %v, money %v, want finite numbers",
					i+1, in.Recency[i], in.Frequency[i], in.money(i))
			}
		}
	}
	b.members = make([]uint32, 0, n)
	for i := range in.Recency {
		if in.scored(i) {
			b.members = append(b.members, uint32(i))
		}
	}
	b.keys, b.tmp = make([]uint64, n), make([]uint64, n)
	return b, nil
}

// learn fills in the limits of the model.
func (b *binning) learn(ctx context.Context, m *RFMModel) error {
	whole := []int{0, len(b.members)}
	r, err := b.cells(ctx, b.in.Recency, whole, true)
	if err != nil {
		return err
	}
	m.R = r[0]
	cells := whole
	if b.config.Method == Nested {
		cells = b.split(whole, func(_ int, i uint32) uint8 { return m.R.score(b.in.Recency[i], b.in.hash(i), true) })
	}
	if m.F, err = b.cells(ctx, b.in.Frequency, cells, false); err != nil {
		return err
	}
	if b.config.Monetary == NoMoney {
		return nil
	}
	if b.config.Method == Nested {
		cells = b.split(cells, func(cell int, i uint32) uint8 {
			return m.F[cell].score(b.in.Frequency[i], b.in.hash(i), false)
		})
	}
	m.M, err = b.cells(ctx, b.in.Monetary, cells, false)
	return err
}

// split divides every cell by score: cell c with score s becomes cell
// c·bins + s − 1. bounds and the result hold where the cells begin and end.
func (b *binning) split(bounds []int, score func(cell int, i uint32) uint8) []int {
	k := b.config.Bins
	if b.swap == nil {
		b.swap = make([]uint32, len(b.members))
	}
	out := make([]int, 1, len(bounds)*k)
	for c := range len(bounds) - 1 {
		cell := b.members[bounds[c]:bounds[c+1]]
		var counts, next [10]int
		for _, i := range cell {
			counts[score(c, i)]++
		}
		at := bounds[c]
		for s := 1; s <= k; s++ {
			next[s] = at
			at += counts[s]
			out = append(out, at)
		}
		for _, i := range cell {
			s := score(c, i)
			b.swap[next[s]] = i
			next[s]++
		}
	}
	b.members, b.swap = b.swap, b.members
	return out
}

// cells learns the limits of values in each cell.
func (b *binning) cells(ctx context.Context, values []float64, bounds []int, falling bool) ([]Limits, error) {
	out := make([]Limits, len(bounds)-1)
	err := parallel(ctx, b.config.Workers, len(out), func(c int) error {
		from, to := bounds[c], bounds[c+1]
		members, keys := b.members[from:to], b.keys[from:to]
		for j, i := range members {
			keys[j] = sortKey(values[i], falling)
		}
		keys = sortKeys(keys, b.tmp[from:to])
		out[c] = b.limits(keys, members, values, falling)
		return nil
	})
	return out, err
}

// cuts walks the sorted keys, tie by tie. A score begins above the best value
// that is strictly worse than the first value with the score, so that a later
// value in between counts as the better.
func (b *binning) cuts(keys []uint64, falling bool) Limits {
	k, n := uint64(b.config.Bins), uint64(len(keys))
	if n == 0 {
		return nil
	}
	out := Limits{{Score: 1, Value: keyValue(keys[0], falling)}}
	for i := uint64(1); i <= n; i++ {
		if i < n && keys[i] == keys[i-1] {
			continue
		}
		// i customers are strictly worse than the next value, or than any beyond.
		if score := uint8(min(k, k*i/n+1)); score > out[len(out)-1].Score {
			out = append(out, Limit{Score: score, Value: keyValue(keys[i-1], falling), Open: true})
		}
	}
	return out
}

// limits walks the sorted keys, tie by tie.
func (b *binning) limits(keys []uint64, members []uint32, values []float64, falling bool) Limits {
	if b.config.Ties == Lowest {
		return b.cuts(keys, falling)
	}
	k, n := uint64(b.config.Bins), uint64(len(keys))
	var out Limits
	add := func(score uint64, value float64, hash uint64) {
		if len(out) == 0 || int(out[len(out)-1].Score) != int(score) {
			out = append(out, Limit{Score: uint8(score), Value: value, Hash: hash})
		}
	}
	for from := uint64(0); from < n; {
		to := from + 1
		for to < n && keys[to] == keys[from] {
			to++
		}
		value := keyValue(keys[from], falling)
		first, last := from+1, to // ranks
		if b.config.Ties == Shared {
			add(k*(first+last)/(2*(n+1))+1, value, 0)
		} else {
			score := k*first/(n+1) + 1
			add(score, value, 0)
			if end := k*last/(n+1) + 1; end > score {
				hashes := b.hashesOf(members, values, value)
				for ; score < end; score++ {
					rank := (score*(n+1) + k - 1) / k // the smallest with the next score
					add(score+1, value, hashes[rank-first])
				}
			}
		}
		from = to
	}
	return out
}

// hashesOf returns the hashes of the members with this value, rising.
func (b *binning) hashesOf(members []uint32, values []float64, value float64) []uint64 {
	var out []uint64
	for _, i := range members {
		if values[i] == value {
			out = append(out, b.in.Hash[i])
		}
	}
	slices.Sort(out)
	return out
}

func (in RFMInput) hash(i uint32) uint64 {
	if in.Hash == nil {
		return 0
	}
	return in.Hash[i]
}

// sortKey maps a value to a number in the same order as the value, or in
// reverse order where falling. −0 counts as 0.
func sortKey(v float64, falling bool) uint64 {
	u := math.Float64bits(v + 0)
	if u>>63 == 1 {
		u = ^u
	} else {
		u |= 1 << 63
	}
	if falling {
		return ^u
	}
	return u
}

// keyValue is the inverse of sortKey.
func keyValue(u uint64, falling bool) float64 {
	if falling {
		u = ^u
	}
	if u>>63 == 1 {
		return math.Float64frombits(u &^ (1 << 63))
	}
	return math.Float64frombits(^u)
}

// smallSort is the size from which the radix sort pays.
const smallSort = 512

// sortKeys sorts keys, using tmp of the same length, and returns the sorted
// keys, in either of the two. The sort goes byte by byte, the least significant
// first, and leaves out bytes common to all keys.
func sortKeys(keys, tmp []uint64) []uint64 {
	if len(keys) < smallSort {
		slices.Sort(keys)
		return keys
	}
	var counts [8][256]int
	for _, k := range keys {
		for d := range counts {
			counts[d][byte(k>>(8*d))]++
		}
	}
	for d := range counts {
		count := &counts[d]
		if count[byte(keys[0]>>(8*d))] == len(keys) {
			continue
		}
		at := 0
		for v := range count {
			count[v], at = at, at+count[v]
		}
		for _, k := range keys {
			v := byte(k >> (8 * d))
			tmp[count[v]] = k
			count[v]++
		}
		keys, tmp = tmp, keys
	}
	return keys
}
