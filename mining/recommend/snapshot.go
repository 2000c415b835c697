package recommend

import (
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features/holdings"
	"github.com/quintile-dev/quintile/models/neighbour"
)

// recentDays is the length of the window of popularity, in days.
const recentDays = 30

// snapshot is what all customers held at the end of a day.
type snapshot struct {
	day    datasets.Day
	rows   neighbour.Rows // of the customers who held something
	recent []uint32       // customers by item, of the last 30 days
	ever   []uint32
	last   []datasets.Day // on which anybody bought the item
	row    []uint32       // of the customer at hand
}

func newSnapshot(day datasets.Day, items int) *snapshot {
	s := &snapshot{day: day, rows: neighbour.Rows{ItemCount: items}, recent: make([]uint32, items), ever: make([]uint32, items),
		last: make([]datasets.Day, items)}
	for i := range s.last {
		s.last[i] = math.MinInt32 / 2
	}
	return s
}

// add takes one customer, and reports whether the customer held an item.
func (s *snapshot) add(items []holdings.Item) bool {
	s.row = s.row[:0]
	for _, it := range items {
		h, ok := it.On(s.day)
		if !ok {
			continue
		}
		s.row = append(s.row, h.Code)
		s.ever[h.Code]++
		if h.Last > s.day-recentDays {
			s.recent[h.Code]++
		}
		s.last[h.Code] = max(s.last[h.Code], h.Last)
	}
	if len(s.row) == 0 {
		return false
	}
	s.rows.Add(s.row)
	return true
}

// each calls do with the items of every customer, partition by partition.
func each(ctx context.Context, store *holdings.Store, do func(items []holdings.Item)) error {
	var part holdings.Part
	var items []holdings.Item
	for p := range store.Partitions() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := store.Read(&part, p); err != nil {
			return err
		}
		for i := range part.Len() {
			items = part.Items(items[:0], i)
			do(items)
		}
	}
	return nil
}

// holder is a customer on a day: the items held, and the habits of buying.
type holder struct {
	held  []holdings.Held
	row   []uint32 // their codes
	since float64  // days since the last purchase, ≥ 0
	days  float64  // on which something was bought, ≥ 1
	room  []datasets.Day
}

// set describes a customer at the end of a day. The result is false where nothing was
// held.
func (h *holder) set(items []holdings.Item, day datasets.Day) bool {
	h.held, h.row, h.room = h.held[:0], h.row[:0], h.room[:0]
	for _, it := range items {
		held, ok := it.On(day)
		if !ok {
			continue
		}
		h.held, h.row = append(h.held, held), append(h.row, held.Code)
		for k := range held.Times {
			h.room = append(h.room, it.Day(k))
		}
	}
	if len(h.held) == 0 {
		return false
	}
	slices.Sort(h.room)
	h.since = float64(day - h.room[len(h.room)-1])
	h.days = float64(len(slices.Compact(h.room)))
	return true
}

// sample is customers on the day before the horizon, with the purchases within the
// horizon.
type sample struct {
	holders      []holder
	rows         neighbour.Rows
	truth, fresh [][]uint32 // bought in the horizon: all, and what was not held
	share        float64    // of the customers who held something by then
}

// maxSample bounds the customers on whom methods are judged and probabilities learned.
const maxSample = 20_000

// draw returns the customers of a snapshot, or every k-th of them where there are too many.
func (s *snapshot) draw(ctx context.Context, store *holdings.Store, end datasets.Day) (*sample, error) {
	n := s.rows.Len()
	step := max(1, (n+maxSample-1)/maxSample)
	out := &sample{rows: neighbour.Rows{ItemCount: s.rows.ItemCount}, share: 1}
	number := 0
	var scratch holder
	err := each(ctx, store, func(items []holdings.Item) {
		if !scratch.set(items, s.day) {
			return
		}
		number++
		if (number-1)%step != 0 {
			return
		}
		h := holder{slices.Clone(scratch.held), slices.Clone(scratch.row), scratch.since, scratch.days, nil}
		var truth, fresh []uint32
		for _, it := range items {
			before := it.Until(s.day)
			if it.Until(end) > before {
				truth = append(truth, it.Code)
				if before == 0 {
					fresh = append(fresh, it.Code)
				}
			}
		}
		out.holders = append(out.holders, h)
		out.rows.Add(h.row)
		out.truth, out.fresh = append(out.truth, truth), append(out.fresh, fresh)
	})
	if n > 0 {
		out.share = float64(len(out.holders)) / float64(n)
	}
	return out, err
}
