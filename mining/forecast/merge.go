package forecast

import (
	"container/heap"
	"fmt"

	"github.com/quintile-dev/quintile/datasets/spill"
)

// cursor reads sorted cells: those in memory, or a run on disk through a buffer.
type cursor struct {
	cells []cell // in memory, or in the buffer
	at    int
	run   run
	read  int // cells of the run that were read
	spill *spill.Space
}

// next goes on to the next cell; false at the end.
func (c *cursor) next() (bool, error) {
	if c.at++; c.at < len(c.cells) {
		return true, nil
	}
	return c.fill()
}

// fill fills the buffer of a run.
func (c *cursor) fill() (bool, error) {
	n := min(cap(c.cells), c.run.cells-c.read)
	if n <= 0 {
		return false, nil
	}
	c.cells, c.at = c.cells[:n], 0
	if err := c.spill.Read(cellsAsBytes(c.cells), c.run.extent, int64(c.read)*int64(cellBytes)); err != nil {
		return false, fmt.Errorf("reading back sales by period: %w", err)
	}
	c.read += n
	return true, nil
}

// cursors is a heap: the cursor with the least key first.
type cursors []*cursor

func (h cursors) Len() int           { return len(h) }
func (h cursors) Less(i, j int) bool { return h[i].cells[h[i].at].key < h[j].cells[h[j].at].key }
func (h cursors) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *cursors) Push(x any)        { *h = append(*h, x.(*cursor)) }
func (h *cursors) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// fewestRead is the number of cells that are read from a run at once, whatever the budget.
const fewestRead = 16

// eachMember calls do with the cells of each member of each slot, in the order of slots,
// members and periods. A period may have several cells. The cells are good until do
// returns.
func eachMember(tallies []*tally, memory int64, do func(cells []cell) error) error {
	runs := 0
	for _, t := range tallies {
		runs += len(t.runs)
	}
	buffer := max(fewestRead, int(memory)/cellBytes/max(1, runs))
	var h cursors
	for _, t := range tallies {
		t.sort()
		if len(t.cells) > 0 {
			h = append(h, &cursor{cells: t.cells})
		}
		for _, r := range t.runs {
			c := &cursor{cells: make([]cell, 0, min(buffer, r.cells)), run: r, spill: t.spill}
			if _, err := c.fill(); err != nil {
				return err
			}
			h = append(h, c)
		}
	}
	heap.Init(&h)
	var group []cell
	for len(h) > 0 {
		c := h[0]
		one := c.cells[c.at]
		if len(group) > 0 && one.key>>24 != group[0].key>>24 {
			if err := do(group); err != nil {
				return err
			}
			group = group[:0]
		}
		group = append(group, one)
		more, err := c.next()
		switch {
		case err != nil:
			return err
		case more:
			heap.Fix(&h, 0)
		default:
			heap.Pop(&h)
		}
	}
	if len(group) == 0 {
		return nil
	}
	return do(group)
}
