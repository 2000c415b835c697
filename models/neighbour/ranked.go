package neighbour

import (
	"cmp"
	"context"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// ranked holds rows with items named by rank: 0 is the item in most rows, among
// equals the lowest code.
type ranked struct {
	rows   Rows     // of ranks
	codes  []uint32 // of each rank
	counts []uint32 // rows that hold each rank; descending
}

// span is the number of rows translated by one task.
const span = 4096

// rank names the items of x by rank.
func rank(ctx context.Context, x Rows, workers int) (ranked, error) {
	held := x.Counts()
	codes := make([]uint32, x.ItemCount)
	for i := range codes {
		codes[i] = uint32(i)
	}
	slices.SortFunc(codes, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(held[b], held[a]), cmp.Compare(a, b))
	})
	ranks, counts := make([]uint32, len(codes)), make([]uint32, len(codes))
	for r, code := range codes {
		ranks[code], counts[r] = uint32(r), held[code]
	}
	out := ranked{
		rows:  Rows{Offsets: x.Offsets, Items: make([]uint32, len(x.Items)), ItemCount: x.ItemCount},
		codes: codes, counts: counts,
	}
	n := x.Len()
	err := models.Parallel(ctx, workers, (n+span-1)/span, func(task int) error {
		for i := task * span; i < min(n, (task+1)*span); i++ {
			row := out.rows.Row(i)
			for k, code := range x.Row(i) {
				row[k] = ranks[code]
			}
			slices.Sort(row)
		}
		return nil
	})
	return out, err
}

// block is the number of items counted by one task, with companions.
const block = side

// companions calls visit for each item from to to (excluded), in blocks shared
// by workers, with the number of rows shared by the item and each item in its
// window. Counts beyond the window are undefined, and the slice is the caller's
// only until visit returns.
func (x ranked) companions(ctx context.Context, from, to, workers int, window func(item int) (low, high int),
	visit func(item int, counts []uint32)) error {
	blocks := max(0, (to-from+block-1)/block)
	items := x.rows.ItemCount
	free := make(chan []uint32, workers)
	return models.Parallel(ctx, workers, blocks, func(task int) error {
		first := from + task*block
		last := min(to, first+block)
		var counts []uint32
		select {
		case counts = <-free:
			clear(counts)
		default:
			counts = make([]uint32, block*items)
		}
		for i := range x.rows.Len() {
			if i%span == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			x.count(counts, x.rows.Row(i), first, last, window)
		}
		for item := first; item < last; item++ {
			visit(item, counts[(item-first)*items:][:items])
		}
		free <- counts
		return nil
	})
}

// count adds one row to the counts of the items from first to last.
func (x ranked) count(counts, row []uint32, first, last int, window func(item int) (low, high int)) {
	at, _ := slices.BinarySearch(row, uint32(first))
	for ; at < len(row) && int(row[at]) < last; at++ {
		item := int(row[at])
		low, high := window(item)
		companions := row
		if high < x.rows.ItemCount {
			end, _ := slices.BinarySearch(row, uint32(high))
			companions = companions[:end]
		}
		if low > 0 {
			start, _ := slices.BinarySearch(companions, uint32(low))
			companions = companions[start:]
		}
		own := counts[(item-first)*x.rows.ItemCount:][:x.rows.ItemCount]
		for _, j := range companions {
			own[j]++
		}
	}
}
