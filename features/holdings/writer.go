package holdings

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// Writer collects the customers partition by partition. One goroutine uses a Writer.
type Writer struct {
	store     *Store
	worker    int
	words     []uint32
	customers int
	keys      []uint64 // code and position of each line
	orders    []uint32 // of the item at hand
}

// Writer returns a writer for the worker of that number.
func (s *Store) Writer(worker int) *Writer { return &Writer{store: s, worker: worker} }

// Add takes the events of the next customer of the partition, sorted as datasets.Events
// requires. Returned lines hold nothing. An order counts once for an item, on the day of
// its first line with the item.
//
// Cost: a sort of the customer's lines.
func (w *Writer) Add(ev *datasets.Events) {
	w.customers++
	start := len(w.words)
	w.words = append(w.words, 0)
	w.keys = w.keys[:0]
	codes := w.store.config.Codes(ev)
	for i, code := range codes {
		if code != datasets.NoCode && !ev.Return[i] {
			w.keys = append(w.keys, uint64(code)<<32|uint64(i))
		}
	}
	slices.Sort(w.keys)
	for from := 0; from < len(w.keys); {
		to := from + 1
		for to < len(w.keys) && w.keys[to]>>32 == w.keys[from]>>32 {
			to++
		}
		w.item(ev, w.keys[from:to])
		from = to
	}
	w.words[start] = uint32(len(w.words) - start - 1)
}

// item appends one item from its lines, in the order of time.
func (w *Writer) item(ev *datasets.Events, lines []uint64) {
	w.words = append(w.words, uint32(lines[0]>>32), 0)
	count := len(w.words) - 1
	w.orders = w.orders[:0]
	most := uint32(0)
	for k, key := range lines {
		i := uint32(key)
		order := ev.Order[i]
		// The lines of an order need not be neighbours where orders overlap in time.
		if k > 0 && order <= most && slices.Contains(w.orders, order) {
			continue
		}
		most = max(most, order)
		w.orders = append(w.orders, order)
		w.words = append(w.words, uint32(ev.Time[i].Day()))
	}
	w.words[count] = uint32(len(w.orders))
}

// End stores the customers added since the last call as a partition.
//
// Errors: those of the disk.
func (w *Writer) End(partition int) error {
	err := w.store.put(partition, w.worker, w.words, w.customers)
	w.words, w.customers = w.words[:0], 0
	return err
}
