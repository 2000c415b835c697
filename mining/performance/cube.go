package performance

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
	"unsafe"

	"github.com/quintile-dev/quintile/datasets/spill"
)

// cube adds up values by key. A cube belongs to one worker. Few keys are kept in an
// array; many keys are kept in a table, and a full table is written to disk as a sorted
// run. V holds no pointers.
type cube[V any] struct {
	dense []V // by key; nil: as follows

	index map[uint64]int32 // of a key in keys and values
	keys  []uint64
	value []V
	most  int // entries before they are spilled

	runs   []spilledRun
	spill  *spill.Space
	worker int
}

// spilledRun is entries in rising order of keys, in blocks of runBlock.
type spilledRun struct {
	blocks []spill.Extent
	n      int
}

// The number of keys up to which a cube has an array, and of the entries of a block.
const (
	denseKeys = 1 << 14
	runBlock  = 1 << 10
)

// newCube returns a cube for keys below bound with so many bytes before spilling.
func newCube[V any](bound uint64, memory int64, space *spill.Space, worker int) *cube[V] {
	var v V
	size := int64(unsafe.Sizeof(v)) + 24 // with the key and its place in the index
	c := &cube[V]{spill: space, worker: worker, most: int(max(runBlock, memory/size))}
	if bound <= denseKeys && int64(bound)*size <= max(memory, 1<<18) {
		c.dense = make([]V, bound)
	} else {
		c.index = map[uint64]int32{}
	}
	return c
}

// at returns the value of a key, for use before the next call.
func (c *cube[V]) at(key uint64) (*V, error) {
	if c.dense != nil {
		return &c.dense[key], nil
	}
	i, has := c.index[key]
	if !has {
		if len(c.keys) >= c.most {
			if err := c.flush(); err != nil {
				return nil, err
			}
		}
		i = int32(len(c.keys))
		var zero V
		c.index[key], c.keys, c.value = i, append(c.keys, key), append(c.value, zero)
	}
	return &c.value[i], nil
}

// sorted returns the positions of the entries in rising order of their keys.
func (c *cube[V]) sorted() []int32 {
	order := make([]int32, len(c.keys))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int { return cmp.Compare(c.keys[i], c.keys[j]) })
	return order
}

// flush writes the entries to disk as a run, and forgets them.
func (c *cube[V]) flush() error {
	run := spilledRun{n: len(c.keys)}
	for block := range slices.Chunk(c.sorted(), runBlock) {
		keys, values := make([]uint64, len(block)), make([]V, len(block))
		for k, i := range block {
			keys[k], values[k] = c.keys[i], c.value[i]
		}
		extent, err := c.spill.Write(c.worker, append(slices.Clone(bytesOf(keys)), bytesOf(values)...))
		if err != nil {
			return fmt.Errorf("spilling totals: %w", err)
		}
		run.blocks = append(run.blocks, extent)
	}
	c.runs = append(c.runs, run)
	clear(c.index)
	c.keys, c.value = c.keys[:0], c.value[:0]
	return nil
}

// free lets go of memory and of the room on disk.
func (c *cube[V]) free() {
	for _, run := range c.runs {
		for _, e := range run.blocks {
			c.spill.Free(e)
		}
	}
	*c = cube[V]{}
}

// bytesOf views values as bytes in the byte order of the machine.
func bytesOf[T any](values []T) []byte {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), len(values)*int(unsafe.Sizeof(values[0])))
}

// each calls do with the sum of each key over the cubes of all workers, in rising order of
// keys. The value is good until do returns.
func each[V any](cubes []*cube[V], merge func(dst, src *V), do func(key uint64, v *V) error) error {
	var sources cursors[V]
	for _, c := range cubes {
		if c == nil {
			continue
		}
		for _, s := range c.cursors() {
			more, err := s.next()
			if err != nil {
				return err
			}
			if more {
				sources = append(sources, s)
			}
		}
	}
	heap.Init(&sources)
	for len(sources) > 0 {
		key := sources[0].key
		var sum V
		for len(sources) > 0 && sources[0].key == key {
			s := sources[0]
			merge(&sum, s.v)
			more, err := s.next()
			if err != nil {
				return err
			}
			if more {
				heap.Fix(&sources, 0)
			} else {
				heap.Pop(&sources)
			}
		}
		if err := do(key, &sum); err != nil {
			return err
		}
	}
	return nil
}

// cursor reads entries in rising order of keys.
type cursor[V any] struct {
	key  uint64
	v    *V
	next func() (bool, error)
}

// cursors returns one cursor for the memory, and one for each run.
func (c *cube[V]) cursors() []*cursor[V] {
	var out []*cursor[V]
	held := &cursor[V]{}
	at := 0
	if c.dense != nil {
		held.next = func() (bool, error) {
			if at == len(c.dense) {
				return false, nil
			}
			held.key, held.v = uint64(at), &c.dense[at]
			at++
			return true, nil
		}
	} else {
		order := c.sorted()
		held.next = func() (bool, error) {
			if at == len(order) {
				return false, nil
			}
			held.key, held.v = c.keys[order[at]], &c.value[order[at]]
			at++
			return true, nil
		}
	}
	out = append(out, held)
	for _, run := range c.runs {
		out = append(out, c.runCursor(run))
	}
	return out
}

// runCursor reads a run from disk, a block at a time.
func (c *cube[V]) runCursor(run spilledRun) *cursor[V] {
	s := &cursor[V]{}
	keys, values := make([]uint64, 0, runBlock), make([]V, 0, runBlock)
	at, block := 0, 0
	s.next = func() (bool, error) {
		if at == len(keys) {
			if block == len(run.blocks) {
				return false, nil
			}
			n := min(runBlock, run.n-block*runBlock)
			keys, values = keys[:n], values[:n]
			if err := c.spill.Read(bytesOf(keys), run.blocks[block], 0); err != nil {
				return false, fmt.Errorf("reading back totals: %w", err)
			}
			if err := c.spill.Read(bytesOf(values), run.blocks[block], int64(len(bytesOf(keys)))); err != nil {
				return false, fmt.Errorf("reading back totals: %w", err)
			}
			at, block = 0, block+1
		}
		s.key, s.v = keys[at], &values[at]
		at++
		return true, nil
	}
	return s
}

// cursors is a heap by key.
type cursors[V any] []*cursor[V]

func (h cursors[V]) Len() int           { return len(h) }
func (h cursors[V]) Less(i, j int) bool { return h[i].key < h[j].key }
func (h cursors[V]) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *cursors[V]) Push(x any)        { *h = append(*h, x.(*cursor[V])) }
func (h *cursors[V]) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	*h = (*h)[:last]
	return c
}
