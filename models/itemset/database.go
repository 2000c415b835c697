package itemset

import "context"

// database is a set of weighted transactions over k local items, held both ways:
// the items of a transaction, ascending, and the transactions of an item,
// ascending. Local item 0 is the most frequent of the whole data, so the items
// before an item in a transaction are the candidates to join it.
type database struct {
	items  []uint32
	start  []uint32 // transaction t is items[start[t]:start[t+1]]
	weight []uint32 // of the first len(weight) transactions; the others weigh 1

	spans     []span
	spanStart []uint32 // item j is in spans[spanStart[j]:spanStart[j+1]]
	heavy     []uint32 // weights, parallel to the spans of weighted transactions
	heavyFrom []uint32 // item j has those of heavy[heavyFrom[j]:heavyFrom[j+1]]

	label []uint32 // ordinal by local item

	// In a database to find closed sets in, spans may be empty, and tails, where
	// the transactions of spans end, is filled.
	closed bool
	tails  []uint32
}

// span is one occurrence of an item: the items before it in the transaction are
// items[from:to], never empty. Both ends are known without reading the items,
// so a processor can fetch several transactions at once.
type span struct{ from, to uint32 }

// reset empties the database and keeps its memory.
func (d *database) reset() {
	d.items = d.items[:0]
	d.start = append(d.start[:0], 0)
	d.weight = d.weight[:0]
	d.label = d.label[:0]
}

// add appends a transaction. Transactions of weight above one must be added
// first.
func (d *database) add(tx []uint32, weight uint32) {
	d.items = append(d.items, tx...)
	d.start = append(d.start, uint32(len(d.items)))
	if weight > 1 {
		d.weight = append(d.weight, weight)
	}
}

// index builds the lists of occurrences of the k items. Once ctx is done, index
// stops with the lists unfinished; a small database does not check.
func (d *database) index(ctx context.Context, k int) error {
	skip := uint32(1) // nothing stands before the first item of a transaction
	if d.closed {
		skip = 0
	}
	if err := d.countSpans(ctx, k, skip); err != nil {
		return err
	}
	d.spans = grow(d.spans, int(d.spanStart[k+1]))
	d.heavy = grow(d.heavy, int(d.heavyFrom[k+1]))
	if d.closed {
		d.tails = grow(d.tails, len(d.spans))
	}
	for t := range len(d.start) - 1 {
		if rareStop(t) && ctx.Err() != nil {
			return ctx.Err()
		}
		from, to := d.start[t], d.start[t+1]
		for p := from + skip; p < to; p++ {
			r := d.items[p]
			at := d.spanStart[r+1]
			d.spanStart[r+1]++
			d.spans[at] = span{from, p}
			if d.closed {
				d.tails[at] = to
			}
			if t < len(d.weight) {
				d.heavy[d.heavyFrom[r+1]] = d.weight[t]
				d.heavyFrom[r+1]++
			}
		}
	}
	return nil
}

// rareStop reports whether to look at the context at transaction t.
func rareStop(t int) bool { return t%(1<<16) == 1<<16-1 }

// countSpans sets spanStart[j+1] and heavyFrom[j+1] to the start of the lists of
// item j; filling the lists then moves both to the start of the next lists.
func (d *database) countSpans(ctx context.Context, k int, skip uint32) error {
	d.spanStart = grow(d.spanStart, k+2)
	d.heavyFrom = grow(d.heavyFrom, k+2)
	clear(d.spanStart)
	clear(d.heavyFrom)
	for t := range len(d.start) - 1 {
		if rareStop(t) && ctx.Err() != nil {
			return ctx.Err()
		}
		tx := d.items[d.start[t]+skip : d.start[t+1]]
		for _, r := range tx {
			d.spanStart[r+2]++
		}
		if t < len(d.weight) {
			for _, r := range tx {
				d.heavyFrom[r+2]++
			}
		}
	}
	for j := 2; j < len(d.spanStart); j++ {
		d.spanStart[j] += d.spanStart[j-1]
		d.heavyFrom[j] += d.heavyFrom[j-1]
	}
	return nil
}

// tailsOf returns where the transactions of item j end.
func (d *database) tailsOf(j int) []uint32 { return d.tails[d.spanStart[j]:d.spanStart[j+1]] }

// before returns the items before item j, transaction by transaction, and the
// weights of the first transactions; the rest weigh 1.
func (d *database) before(j int) (spans []span, heavy []uint32) {
	return d.spans[d.spanStart[j]:d.spanStart[j+1]], d.heavy[d.heavyFrom[j]:d.heavyFrom[j+1]]
}

// grow returns s with length n, and unspecified contents.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}
