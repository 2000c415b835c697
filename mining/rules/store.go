package rules

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/models/itemset"
)

// basketStore collects the baskets of a scan, bucket by bucket: in memory within a budget,
// on disk beyond it.
type basketStore struct {
	budget int64
	spill  *spill.Space

	blocks []basketBlock // by bucket; each is put by one worker
	held   atomic.Int64  // bytes in memory
}

// basketBlock is the baskets of one bucket, in turn: the number of items, then
// the items.
type basketBlock struct {
	words   []uint32 // none if they are spilled
	baskets int
	n       int // words
	spilled spill.Extent
}

// basketWriter cuts one bucket's events into baskets. A basketWriter belongs to
// one worker.
type basketWriter struct {
	words   []uint32
	baskets int
	open    int // where the length of the open basket stands
}

// add appends the baskets of one customer: the distinct products of each order,
// returns left out. The events are sorted by time, so that the lines of an
// order are mostly, but not always, neighbours.
func (w *basketWriter) add(e *datasets.Events) { w.cut(e, math.MaxInt64) }

// addUntil appends the baskets of lines without a customer, leaving out lines
// after a day. The lines are sorted by order and product, so that lines to
// leave out are mixed with the rest.
func (w *basketWriter) addUntil(e *datasets.Events, last datasets.Day) {
	w.cut(e, datasets.Moment(last+1)*datasets.FullDay)
}

// cut appends the baskets of lines before a moment.
func (w *basketWriter) cut(e *datasets.Events, end datasets.Moment) {
	if e.Product == nil {
		return
	}
	first := len(w.words)
	for i := 0; i < e.Len(); {
		order := e.Order[i]
		w.begin()
		for ; i < e.Len() && e.Order[i] == order; i++ {
			if !e.Return[i] && e.Product[i] != datasets.NoCode && e.Time[i] < end {
				w.words = append(w.words, e.Product[i])
			}
		}
		w.end(order)
	}
	w.mergeSplit(first)
}

// begin opens a basket with its length and, for a while, its order.
func (w *basketWriter) begin() {
	w.open = len(w.words)
	w.words = append(w.words, 0, 0)
}

func (w *basketWriter) end(order uint32) {
	n := len(w.words) - w.open - 2
	if n == 0 {
		w.words = w.words[:w.open]
		return
	}
	w.words[w.open], w.words[w.open+1] = uint32(n), order
}

// mergeSplit joins the pieces of orders with scattered lines, and drops the
// order numbers of the customer's baskets, which begin at first.
func (w *basketWriter) mergeSplit(first int) {
	pieces := w.words[first:]
	seen := uint32(0) // one more than the highest order so far: orders rise by first occurrence
	split := false
	for at := 0; at < len(pieces); at += int(pieces[at]) + 2 {
		split = split || pieces[at+1] < seen
		seen = max(seen, pieces[at+1]+1)
	}
	if !split {
		out := 0
		for at := 0; at < len(pieces); {
			n := int(pieces[at])
			pieces[out] = pieces[at]
			copy(pieces[out+1:], pieces[at+2:at+2+n])
			out, at = out+n+1, at+n+2
			w.baskets++
		}
		w.words = w.words[:first+out]
		return
	}
	w.joinSplit(first, seen)
}

// joinSplit is the rare case of mergeSplit.
func (w *basketWriter) joinSplit(first int, orders uint32) {
	pieces := append([]uint32(nil), w.words[first:]...)
	items := make([][]uint32, orders)
	for at := 0; at < len(pieces); {
		n := int(pieces[at])
		items[pieces[at+1]] = append(items[pieces[at+1]], pieces[at+2:at+2+n]...)
		at += n + 2
	}
	w.words = w.words[:first]
	for _, basket := range items {
		if len(basket) > 0 {
			w.words = append(append(w.words, uint32(len(basket))), basket...)
			w.baskets++
		}
	}
}

// put hands a bucket's baskets over for a worker and empties the writer.
func (s *basketStore) put(bucket, worker int, w *basketWriter) (err error) {
	block := basketBlock{baskets: w.baskets, n: len(w.words)}
	size := 4 * int64(len(w.words))
	if held := s.held.Add(size); s.budget > 0 && held > s.budget {
		s.held.Add(-size)
		if block.spilled, err = s.spill.Write(worker, wordBytes(w.words)); err != nil {
			return fmt.Errorf("spilling baskets: %w", err)
		}
	} else {
		block.words = slices.Clone(w.words)
	}
	w.words, w.baskets = w.words[:0], 0
	s.blocks[bucket] = block
	return nil
}

// wordBytes views words as bytes in the byte order of the machine.
func wordBytes(words []uint32) []byte {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*4)
}

// baskets returns all baskets in the order of buckets, with only the products
// in at least minShare of the baskets: no other product can be in a frequent
// set.
func (s *basketStore) baskets(products int, minShare float64) (itemset.Baskets, error) {
	total := 0
	counts := make([]int, products)
	err := s.each(func(block []uint32, n int) {
		total += n
		eachBasket(block, func(items []uint32) {
			for _, item := range items {
				counts[item]++ // a product twice in a basket counts twice: never too low
			}
		})
	})
	if err != nil {
		return itemset.Baskets{}, err
	}
	floor := int(minShare * float64(total) * 0.999) // below any rounding of the miner's own threshold
	room := 0
	for _, n := range counts {
		if n >= floor {
			room += n
		}
	}
	b := &itemset.Builder{}
	b.Grow(total, room)
	var kept []uint32
	err = s.each(func(block []uint32, _ int) {
		eachBasket(block, func(items []uint32) {
			kept = kept[:0]
			for _, item := range items {
				if counts[item] >= floor {
					kept = append(kept, item)
				}
			}
			b.Add(kept)
		})
	})
	return b.Baskets(), err
}

// each calls do with every block in turn.
func (s *basketStore) each(do func(words []uint32, baskets int)) error {
	most := 0 // words of a block that is spilled
	for i := range s.blocks {
		if block := &s.blocks[i]; block.words == nil {
			most = max(most, block.n)
		}
	}
	scratch := make([]uint32, most)
	for i := range s.blocks {
		block := &s.blocks[i]
		words := block.words
		if words == nil && block.n > 0 {
			words = scratch[:block.n]
			if err := s.spill.Read(wordBytes(words), block.spilled, 0); err != nil {
				return fmt.Errorf("reading back baskets: %w", err)
			}
		}
		do(words, block.baskets)
	}
	return nil
}

func eachBasket(words []uint32, do func(items []uint32)) {
	for len(words) > 0 {
		n := int(words[0])
		do(words[1 : n+1])
		words = words[n+1:]
	}
}

// close lets go of the memory and of the room on disk.
func (s *basketStore) close() {
	for i := range s.blocks {
		s.spill.Free(s.blocks[i].spilled)
	}
	s.blocks = nil
}
