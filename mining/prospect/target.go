package prospect

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/filter"
	"github.com/quintile-dev/quintile/mining/setting"
)

// Target says who the best customers are: the first by a column, or those who meet a
// condition.
type Target struct {
	text      string
	share     float64 // of the customers with a value of by; 0: the condition counts
	by        string
	condition filter.Filter
}

// money is the column of the default target, which every customer has.
const money = "monetary"

// Set reads a target.
func (t *Target) Set(text string) (want string, ok bool) {
	want = "top 20% by monetary, or a condition such as rfm_segment = champions"
	*t = Target{text: strings.TrimSpace(text)}
	words := strings.Fields(text)
	if len(words) == 0 {
		return want, false
	}
	if words[0] != "top" {
		inner, ok := t.condition.Set(text)
		if !ok {
			return "top 20% by monetary, or " + inner, false
		}
		return want, true
	}
	var share setting.Share
	if len(words) != 4 || words[2] != "by" {
		return want, false
	}
	if _, ok := share.Set(words[1]); !ok || share <= 0 || share >= 1 {
		return "top with a share above 0 and below 100 %, such as top 20% by monetary", false
	}
	t.share, t.by = float64(share), words[3]
	return want, true
}

// Schema describes the target to editors.
func (t *Target) Schema() map[string]any { return map[string]any{"type": "string"} }

// String returns the target as it was written.
func (t *Target) String() string { return t.text }

// uses returns the columns that the target reads.
func (t *Target) uses() []filter.Use {
	if t.share > 0 {
		return []filter.Use{{Column: t.by, Kind: filter.Number}}
	}
	return t.condition.Uses()
}

// columns returns their names.
func (t *Target) columns() []string {
	if t.share > 0 {
		return []string{t.by}
	}
	return t.condition.Columns()
}

// label says of each customer, in the order of ids, whether the customer is among the best.
// Customers who never bought are not.
func (t *Target) label(ctx context.Context, in *mining.Input, each func(b *mining.Batch)) ([]bool, error) {
	n := in.Table.Len()
	best := make([]bool, n)
	var values []float64
	if t.share > 0 {
		values = make([]float64, n)
	}
	for b, err := range in.Scores(ctx, t.columns()) {
		if err != nil {
			return nil, err
		}
		each(b)
		if t.share > 0 {
			copy(values[b.First:], in.ColumnOf(b, t.by).Numbers)
			continue
		}
		t.condition.MatchTo(best[b.First:b.First+b.Rows], func(name string) filter.Column { return in.ColumnOf(b, name) })
	}
	buyers := in.Buyers
	if buyers == nil {
		buyers = positions(n)
	}
	if t.share > 0 {
		markTop(best, values, buyers, t.share)
		return best, nil
	}
	bought := make([]bool, n)
	for _, i := range buyers {
		bought[i] = true
	}
	for i := range best {
		best[i] = best[i] && bought[i]
	}
	return best, nil
}

// markTop marks the first share of the customers chosen by value, among customers with a
// value. Among equal values at the cut, the lowest ids are taken.
func markTop(best []bool, values []float64, chosen []uint32, share float64) {
	order := slices.DeleteFunc(slices.Clone(chosen), func(i uint32) bool { return math.IsNaN(values[i]) })
	slices.SortStableFunc(order, func(i, j uint32) int {
		switch {
		case values[i] > values[j]:
			return -1
		case values[i] < values[j]:
			return 1
		}
		return 0
	})
	for _, i := range order[:int(math.Ceil(share*float64(len(order))-1e-12))] {
		best[i] = true
	}
}

// positions returns 0, 1, … n−1.
func positions(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		out[i] = uint32(i)
	}
	return out
}
