package features

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/datasets/spill"
)

// TableConfig says how a table keeps its columns.
type TableConfig struct {
	Names   []string // columns, each name once
	Buckets int      // in [1,65535]
	Memory  int64    // bytes of columns and ids to hold in memory; what goes beyond is spilled to disk
	Workers int      // ≥ 1; never changes a result

	Blocks *offheap.Blocks // where columns lie; nil: the table has its own
	Spill  *spill.Space    // and where those that are spilled lie, likewise
}

// ownKeep bounds the free memory that a table keeps in its own pool until
// closed.
const ownKeep = 512 << 20

// DefaultTable returns the configuration of a table of these columns with 1 GiB
// of memory.
func DefaultTable(names []string, buckets int) TableConfig {
	return TableConfig{Names: names, Buckets: buckets, Memory: 1 << 30, Workers: runtime.GOMAXPROCS(0)}
}

// Validate returns every fault of the configuration.
func (c TableConfig) Validate() error {
	var f faults
	if len(c.Names) == 0 {
		f.add("names", len(c.Names), "at least one column")
	}
	for i, name := range c.Names {
		if slices.Index(c.Names, name) < i {
			f.add(fmt.Sprintf("names[%d]", i), name, "each name once")
		}
	}
	if c.Buckets < 1 || c.Buckets > math.MaxUint16 {
		f.add("buckets", c.Buckets, "an integer from 1 to 65535")
	}
	if c.Memory < 0 {
		f.add("memory", c.Memory, "a size ≥ 0")
	}
	if c.Workers < 1 {
		f.add("workers", c.Workers, "an integer ≥ 1")
	}
	return f.join()
}

// Table holds columns of numbers for all customers. A table is filled bucket by
// bucket, by one Builder per bucket, and then sealed; afterwards it is read in
// the order of the customers' ids, compared byte by byte, whatever the buckets.
//
// The customers of a bucket are stored in chunks of 1,024, each chunk column by
// column, with whole numbers in 16 bits and hundredths in 32 bits where the
// values of the chunk fit. A chunk stays in memory within the budget and goes to
// disk otherwise, and any number of columns can be read back. Beyond its budget a
// table keeps two bytes a customer and eight a column of a chunk.
//
// Building with several builders at once is safe. So is reading a sealed table
// from several goroutines.
type Table struct {
	config  TableConfig
	buckets [][]*chunk
	used    atomic.Int64 // bytes of chunks in memory
	full    atomic.Bool  // the budget is used: chunks are spilled
	spilled atomic.Int64 // bytes of chunks on disk
	blocks  *offheap.Blocks
	own     bool // the blocks are the table's own

	mu   sync.Mutex
	idle []*buffers // by worker: of its last builder that was closed

	spill    *spill.Space
	ownSpill bool     // likewise
	from     []uint16 // of each customer, in the order of ids: the bucket; nil until sealed
}

// NewTable returns an empty table. Close the table to release the memory, which
// the collector does not see, and the space on disk.
//
// Errors: a *ConfigError for each fault of c.
func NewTable(c TableConfig) (*Table, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	t := &Table{config: c, buckets: make([][]*chunk, c.Buckets), blocks: c.Blocks, spill: c.Spill}
	if t.blocks == nil {
		t.blocks, t.own = offheap.NewBlocks(ownKeep), true
	}
	if t.spill == nil {
		t.spill, t.ownSpill = spill.New("", c.Workers), true
	}
	t.full.Store(c.Memory < 8*offheap.BlockWords) // less than any chunk takes
	return t, nil
}

// Names returns the columns.
func (t *Table) Names() []string { return t.config.Names }

// Len returns the number of customers. The table must be sealed.
func (t *Table) Len() int { return len(t.from) }

// MemoryBytes and SpilledBytes return the size of the chunks held in memory and
// on disk.
func (t *Table) MemoryBytes() int64 { return t.used.Load() }

// SpilledBytes returns the size of the chunks on disk.
func (t *Table) SpilledBytes() int64 { return t.spilled.Load() }

// Close releases the memory and the space on disk. Blocks of another owner keep their
// memory until the owner decides. A closed table can neither be built nor read.
func (t *Table) Close() error {
	for _, bucket := range t.buckets {
		for _, ch := range bucket {
			t.blocks.Reuse(ch.data.blocks...)
			t.spill.Free(ch.spilled)
		}
	}
	for _, b := range t.idle {
		if b != nil {
			t.blocks.Reuse(b.part.blocks...)
		}
	}
	t.buckets, t.from, t.idle = nil, nil, nil
	var errs []error
	if t.own {
		errs = append(errs, t.blocks.Close())
	}
	if t.ownSpill {
		errs = append(errs, t.spill.Close())
	}
	return errors.Join(errs...)
}

// Seal ends the building and brings the customers of all buckets into the order
// of their ids. All builders must be closed.
//
// Errors: ctx.Err(), an I/O error of what is spilled, and an error where two
// buckets hold the same customer.
//
// Cost: O(n log b) comparisons for n customers in b buckets; the ids of one
// chunk per bucket in memory, and two bytes a customer.
func (t *Table) Seal(ctx context.Context) error {
	from, err := t.mergeBuckets(ctx)
	if err != nil {
		return err
	}
	t.from = from
	return nil
}

// columns returns the indices of the named columns.
func (t *Table) columns(names []string) ([]int, error) {
	if t.from == nil {
		panic("features: BUG: reading a table that is not sealed")
	}
	out := make([]int, len(names))
	for i, name := range names {
		if out[i] = slices.Index(t.config.Names, name); out[i] < 0 {
			return nil, fmt.Errorf("features: got no column %q in the table, want one of its %d; select it before the scan", name, len(t.config.Names))
		}
	}
	return out, nil
}
