package mining

import (
	"fmt"
	"math"
	"slices"
)

// Ranks are the percentile ranks of the values of a column, in a form for storing in a
// model: the distinct values, or a selection where there are many, with the rank of each.
// Ranks of values in between are interpolated.
type Ranks struct {
	N      int       `json:"n"`      // number of values that were ranked
	Values []float64 `json:"values"` // rising, each once
	Ranks  []float64 `json:"ranks"`  // the percentile rank of each, in (0,1)
}

// NewRanks returns the percentile ranks of values, (mean rank − ½)/n. Missing values have
// none. At most most ≥ 2 values are kept: values at evenly spaced ranks, the ends included,
// so that a rank is off by less than 1/(most − 1), and a value with a larger share is always
// kept.
func NewRanks(values []float64, most int) Ranks {
	sorted := Present(values)
	n := len(sorted)
	r := Ranks{N: n, Values: []float64{}, Ranks: []float64{}}
	kept := 0 // evenly spaced ranks that were passed
	distinct := countDistinct(sorted)
	for from := 0; from < n; {
		to := from + 1
		for to < n && sorted[to] == sorted[from] {
			to++
		}
		keep := distinct <= most
		for kept < most && kept*(n-1)/(most-1) < to {
			kept, keep = kept+1, true
		}
		if keep {
			r.Values = append(r.Values, sorted[from])
			r.Ranks = append(r.Ranks, float64(from+to)/2/float64(n)) // ranks from+1 to to: their mean is (from+1+to)/2
		}
		from = to
	}
	return r
}

func countDistinct(sorted []float64) int {
	n := 0
	for i, v := range sorted {
		if i == 0 || v != sorted[i-1] {
			n++
		}
	}
	return n
}

// Of returns the percentile rank of a value: NaN for a missing value, and where nothing was
// ranked. A value outside has the rank of the nearest.
func (r *Ranks) Of(v float64) float64 {
	if math.IsNaN(v) || len(r.Values) == 0 {
		return math.NaN()
	}
	at, exact := slices.BinarySearch(r.Values, v)
	switch {
	case exact:
		return r.Ranks[at]
	case at == 0:
		return r.Ranks[0]
	case at == len(r.Values):
		return r.Ranks[at-1]
	}
	part := (v - r.Values[at-1]) / (r.Values[at] - r.Values[at-1])
	return r.Ranks[at-1] + float64(part*(r.Ranks[at]-r.Ranks[at-1]))
}

// Validate returns an error for unusable ranks, such as from a file. what is the name
// of the ranks in the error.
func (r *Ranks) Validate(what string) error {
	rise := slices.IsSorted(r.Values) && slices.IsSorted(r.Ranks)
	if len(r.Values) != len(r.Ranks) || !rise || slices.ContainsFunc(r.Values, math.IsNaN) || slices.ContainsFunc(r.Ranks, math.IsNaN) {
		return fmt.Errorf("got ranks of %s that do not rise with its values", what)
	}
	return nil
}
