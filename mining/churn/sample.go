package churn

import "context"

// Streams of the seed, so that no two samples are drawn alike.
const (
	streamSplit uint64 = iota + 1
	streamLogistic
	streamImportance
	streamBoost
	streamStop
)

// rowHash returns a number that depends on seed, stream and row only, evenly
// spread over [0,1). The hash is the finaliser of SplitMix64 [1].
//
// [1] G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number
// generators", OOPSLA 2014, pp. 453–472, doi:10.1145/2660193.2660195.
func rowHash(seed, stream uint64, row int) float64 {
	return float64(mix(mix(seed+stream*golden)+uint64(row)*golden)>>11) / (1 << 53)
}

const golden = 0x9e3779b97f4a7c15

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// split deals n rows into two parts, the first of about the given share.
func split(n int, share float64, seed, stream uint64) (first, second []int32) {
	for i := range n {
		if rowHash(seed, stream, i) < share {
			first = append(first, int32(i))
		} else {
			second = append(second, int32(i))
		}
	}
	return first, second
}

// draw returns about most rows of s, or s where it has no more.
func (s set) draw(ctx context.Context, most int, seed, stream uint64, workers int) (set, error) {
	n := len(s.target)
	if n <= most {
		return s, nil
	}
	rows, _ := split(n, float64(most)/float64(n), seed, stream)
	return s.gather(ctx, rows, workers)
}

// balanced draws at most about most rows, half of each class, and returns the
// number of rows represented by each. A class of no more than half of most is
// kept whole.
func balanced(target []float64, most int, seed uint64) (rows []int32, weight []float64) {
	var count, kept [2]int
	for _, y := range target {
		count[int(y)]++
	}
	if len(target) <= most {
		for i := range target {
			rows = append(rows, int32(i))
		}
		return rows, nil
	}
	for i, y := range target {
		k := int(y)
		if float64(count[k])*rowHash(seed, streamLogistic, i) < float64(most)/2 {
			rows = append(rows, int32(i))
			kept[k]++
		}
	}
	weight = make([]float64, len(rows))
	for i, r := range rows {
		k := int(target[r])
		weight[i] = float64(count[k]) / float64(kept[k])
	}
	return rows, weight
}
