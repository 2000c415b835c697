// Package neighbour predicts the next items of a row from the items already in
// the row and from the other rows: EASE, a ridge regression of every item on all
// other items, and item-kNN by cosine.
//
// Both have the form of a sparse table of weights w: the score of item j for a
// row with the set of items H is
//
//	s_j = Σ_{i ∈ H} w_ij
//
// The package also has the other parts of a recommendation: the best k items of
// many rows at once with deterministic ties, the order of items by popularity,
// the trend of an item, and the rhythm of items already bought.
//
// Rows are sets of item codes. The caller decides the meaning of a row and of an
// item.
package neighbour

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// Rows holds n sets of item codes, without gaps.
//
// Row r is Items[Offsets[r]:Offsets[r+1]], ascending and each item once. A row
// may be empty. The zero value holds no rows. Rows are never modified here.
type Rows struct {
	Offsets   []int64  // n+1 ascending positions in Items; empty for n = 0
	Items     []uint32 // codes in [0, ItemCount)
	ItemCount int      // number of item codes, from 0 to 2³¹
}

// Len returns n, the number of rows.
func (r Rows) Len() int { return max(0, len(r.Offsets)-1) }

// Row returns the items of row i; a view.
func (r Rows) Row(i int) []uint32 { return r.Items[r.Offsets[i]:r.Offsets[i+1]] }

// Add appends a row. Add copies items; items must be ascending and distinct.
func (r *Rows) Add(items []uint32) {
	if len(r.Offsets) == 0 {
		r.Offsets = append(r.Offsets, 0)
	}
	r.Items = append(r.Items, items...)
	r.Offsets = append(r.Offsets, int64(len(r.Items)))
}

// Validate returns the first fault of r: offsets that do not ascend from 0 to
// len(Items), a code not below ItemCount, a row that does not ascend.
func (r Rows) Validate() error {
	if r.ItemCount < 0 || int64(r.ItemCount) > 1<<31 {
		return &models.ConfigError{Field: "item count", Got: r.ItemCount, Want: "a number from 0 to 2³¹"}
	}
	if uint64(r.Len()) > math.MaxUint32 {
		return &models.ConfigError{Field: "rows", Got: r.Len(), Want: "fewer than 2³² rows; learn from a sample"}
	}
	if len(r.Offsets) == 0 {
		if len(r.Items) > 0 {
			return &models.ShapeError{What: "items without offsets", Got: len(r.Items), Want: 0}
		}
		return nil
	}
	if r.Offsets[0] != 0 || r.Offsets[r.Len()] != int64(len(r.Items)) {
		return &models.ShapeError{What: "items between the first and the last offset",
			Got: int(r.Offsets[r.Len()] - r.Offsets[0]), Want: len(r.Items)}
	}
	for i := range r.Len() {
		if r.Offsets[i+1] < r.Offsets[i] || r.Offsets[i+1] > int64(len(r.Items)) {
			return &models.ValueError{Row: i + 1, Name: "offset", Got: float64(r.Offsets[i+1]),
				Want: "a position in Items no lower than the one before"}
		}
		if err := checkSet(r.Row(i), i, r.ItemCount); err != nil {
			return err
		}
	}
	return nil
}

// checkSet refuses a set that does not ascend or has a code not below items.
func checkSet(set []uint32, row, items int) error {
	for k, item := range set {
		if int64(item) >= int64(items) {
			return &models.ValueError{Row: row + 1, Name: "item", Got: float64(item), Want: "a code below the item count"}
		}
		if k > 0 && item <= set[k-1] {
			return &models.ValueError{Row: row + 1, Name: "item", Got: float64(item), Want: "ascending codes, each once"}
		}
	}
	return nil
}

// Counts returns how many rows hold each item: its popularity. r must be valid.
func (r Rows) Counts() []uint32 {
	counts := make([]uint32, r.ItemCount)
	for _, item := range r.Items {
		counts[item]++
	}
	return counts
}
