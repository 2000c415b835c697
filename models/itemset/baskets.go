package itemset

import (
	"fmt"
	"math"
)

// Baskets holds n baskets of item codes, one behind the other.
//
// Basket b is Items[Offsets[b]:Offsets[b+1]]. An item may stand in a basket
// several times and counts once; the order of items means nothing. Empty
// baskets are baskets: they count in n, and so in every support.
//
// The zero value holds no baskets. Baskets are never modified here.
type Baskets struct {
	Offsets   []int64  // n+1 ascending positions in Items; empty for n = 0
	Items     []uint32 // codes in [0, ItemCount)
	ItemCount int      // number of item codes
}

// Len returns n, the number of baskets.
func (b Baskets) Len() int { return max(0, len(b.Offsets)-1) }

// Basket returns the items of basket i as they were given; a view.
func (b Baskets) Basket(i int) []uint32 { return b.Items[b.Offsets[i]:b.Offsets[i+1]] }

// Validate checks that the offsets ascend from 0 to len(Items) and that every
// code is below ItemCount. It returns the first fault found.
func (b Baskets) Validate() error {
	if uint64(b.Len()) >= math.MaxUint32 {
		return fmt.Errorf("itemset: got %d baskets, want fewer than %d; mine a sample", b.Len(), uint32(math.MaxUint32))
	}
	if uint64(len(b.Items)) >= math.MaxUint32 {
		return fmt.Errorf("itemset: got %d items in baskets, want fewer than %d; mine a sample", len(b.Items), uint32(math.MaxUint32))
	}
	if b.ItemCount < 0 || uint64(b.ItemCount) > 1<<31 {
		return fmt.Errorf("itemset: item count: got %d, want 0 to %d", b.ItemCount, int64(1)<<31)
	}
	if len(b.Offsets) == 0 {
		if len(b.Items) > 0 {
			return fmt.Errorf("itemset: got %d items without offsets, want one offset more than baskets", len(b.Items))
		}
		return nil
	}
	if err := b.checkOffsets(); err != nil {
		return err
	}
	for p, item := range b.Items {
		if int64(item) >= int64(b.ItemCount) {
			return fmt.Errorf("itemset: item at position %d: got code %d, want a code below the item count %d", p+1, item, b.ItemCount)
		}
	}
	return nil
}

func (b Baskets) checkOffsets() error {
	if b.Offsets[0] != 0 {
		return fmt.Errorf("itemset: offset of basket 1: got %d, want 0", b.Offsets[0])
	}
	for i := range b.Len() {
		if b.Offsets[i+1] < b.Offsets[i] {
			return fmt.Errorf("itemset: offset of basket %d: got %d, want %d or more, where the basket before it starts",
				i+2, b.Offsets[i+1], b.Offsets[i])
		}
	}
	if end := b.Offsets[b.Len()]; end != int64(len(b.Items)) {
		return fmt.Errorf("itemset: last offset: got %d, want %d, the number of items", end, len(b.Items))
	}
	return nil
}

// A Builder collects baskets one at a time. The zero value is ready for use. A
// Builder is not safe for concurrent use.
type Builder struct {
	offsets []int64
	items   []uint32
	count   int
}

// Grow makes room for so many further baskets, with so many items among them. A
// caller that knows the final numbers avoids copies during growth.
func (b *Builder) Grow(baskets, items int) {
	b.offsets, b.items = grown(b.offsets, baskets+1), grown(b.items, items)
}

// grown returns s with capacity for n more entries. Unlike slices.Grow, grown does
// not clear the new memory in one go, which would stop all goroutines while the
// collector waits.
func grown[T any](s []T, n int) []T {
	if cap(s)-len(s) >= n {
		return s
	}
	return append(make([]T, 0, len(s)+n), s...)
}

// Add appends one basket. The slice is copied and may be reused.
func (b *Builder) Add(basket []uint32) {
	if len(b.offsets) == 0 {
		b.offsets = append(b.offsets, 0)
	}
	b.items = append(b.items, basket...)
	b.offsets = append(b.offsets, int64(len(b.items)))
	for _, item := range basket {
		b.count = max(b.count, int(item)+1)
	}
}

// Baskets returns the baskets added so far. The item count is the highest code
// plus one. Later calls of Add do not change the result.
func (b *Builder) Baskets() Baskets {
	return Baskets{
		Offsets:   b.offsets[:len(b.offsets):len(b.offsets)],
		Items:     b.items[:len(b.items):len(b.items)],
		ItemCount: b.count,
	}
}
