package forecast

import (
	"cmp"
	"fmt"
	"slices"
	"unsafe"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/spill"
)

// The slots of a tally. Dimensions have the slots from firstDimension on.
const (
	slotSales      = iota // money and units of everything
	slotOrders            // orders and active customers
	slotNew               // new customers
	firstDimension        // money and units by member
)

// key says what a cell counts: a slot, a member of the slot's dimension, and a period.
type key uint64

func newKey(slot int, member uint32, period int) key {
	return key(slot)<<56 | key(member)<<24 | key(period)
}

func (k key) slot() int      { return int(k >> 56) }
func (k key) member() uint32 { return uint32(k >> 24) }
func (k key) period() int    { return int(k & (1<<24 - 1)) }

// cell holds two sums. A sum that would reach widest goes on in a further cell of the same
// key.
type cell struct {
	key           key
	first, second int64
}

// The bytes that a cell takes in memory, with the index of cells, and on disk.
const (
	cellMemory = 64
	cellBytes  = int(unsafe.Sizeof(cell{}))
)

// fewestCells is the number of cells that a tally holds whatever the budget.
const fewestCells = 1024

// tally adds up the sales seen by one worker, by key: only existing keys have a cell.
// Beyond the budget cells are sorted, and written to disk as a run.
type tally struct {
	worker int
	spill  *spill.Space
	most   int // cells
	cells  []cell
	index  index
	last   [firstDimension + datasets.Slots]place // of each slot
	runs   []run
}

// place is a cell that was found.
type place struct {
	key  key
	at   int32
	held bool
}

// run is sorted cells on disk.
type run struct {
	extent spill.Extent
	cells  int
}

// newTally returns a tally for so many periods, with so many members in each dimension.
func newTally(worker int, space *spill.Space, memory int64, periods int, members []int) *tally {
	x := newIndex(periods, members, memory/4)
	cells := (memory - x.bytes()) / cellMemory
	return &tally{worker: worker, spill: space, index: x, most: int(min(max(cells, fewestCells), 1<<30))}
}

// add adds to the sums of a key.
func (t *tally) add(k key, first, second int64) error {
	c := &t.last[k.slot()]
	if !c.held || c.key != k {
		at, found := t.index.get(k)
		if !found {
			return t.put(cell{k, first, second})
		}
		*c = place{k, at, true}
	}
	sums := &t.cells[c.at]
	a, b := sums.first+first, sums.second+second
	if max(a, b) >= widest || min(a, b) <= -widest {
		return t.put(cell{k, first, second})
	}
	sums.first, sums.second = a, b
	return nil
}

// widest leaves room for two sums to be added. One amount is below 10^18.
const widest = 1 << 62

// put makes a cell, found by its key from now on.
func (t *tally) put(c cell) error {
	if len(t.cells) >= t.most {
		if err := t.write(); err != nil {
			return err
		}
	}
	at := int32(len(t.cells))
	t.cells = append(t.cells, c)
	t.index.set(c.key, at)
	t.last[c.key.slot()] = place{c.key, at, true}
	return nil
}

// write moves the cells to disk.
func (t *tally) write() error {
	t.sort()
	extent, err := t.spill.Write(t.worker, cellsAsBytes(t.cells))
	if err != nil {
		return fmt.Errorf("spilling sales by period: %w", err)
	}
	t.runs = append(t.runs, run{extent, len(t.cells)})
	t.cells = t.cells[:0]
	t.index.clear()
	clear(t.last[:])
	return nil
}

// sort sorts the cells in memory by key. The index is of no use afterwards.
func (t *tally) sort() {
	slices.SortFunc(t.cells, func(a, b cell) int { return cmp.Compare(a.key, b.key) })
}

// free lets go of the memory and of the room on disk.
func (t *tally) free() {
	for _, r := range t.runs {
		t.spill.Free(r.extent)
	}
	t.runs, t.cells, t.index = nil, nil, index{}
}

// cellsAsBytes views cells as bytes in the byte order of the machine.
func cellsAsBytes(cells []cell) []byte {
	if len(cells) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&cells[0])), len(cells)*cellBytes)
}
