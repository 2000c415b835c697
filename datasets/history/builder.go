// Package history keeps the transactions by customer: line items arrive in any
// order and are returned customer by customer, in time order for each customer.
//
// Line items are scattered into partitions by a hash of the customer's id, in
// memory within the budget and on disk beyond. Scan then sorts the partitions,
// each worker one at a time. The results do not depend on the order of rows, on
// the number of workers or on spilling: customers are sorted by id, events by
// all their columns, and codes are ranks of sorted texts.
//
// A kept history is a folder that holds the same line items as Parquet files,
// so that a later run needs only new line items: see Folder.
package history

import (
	"errors"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/datasets/spill"
)

// Customers are hashed into partitions, so many that, with a few ten million
// lines, each partition fits the cache while being sorted. Partitions are grouped
// into the buckets of a kept history; the number of buckets is part of its
// format. Both are powers of two.
const (
	partitionBits       = 10
	partitions          = 1 << partitionBits
	Buckets             = 64
	partitionsPerBucket = partitions / Buckets
)

// Config says how a history is built.
type Config struct {
	Columns datasets.Columns // what the lines hold; the union over all inputs
	Workers int              // appenders, and goroutines of a scan; ≥ 1
	Memory  int64            // bytes that slips may take before they are spilled; ≤ 0: no bound
	// Identities are the aliases, settled: line items go to the customer behind
	// their id. nil: no id is an alias.
	Identities *datasets.Identities
	Blocks     *offheap.Blocks // where slips lie; they are given back as they are scanned. nil: the history has its own
	Spill      *spill.Space    // and where those lie that are spilled, likewise
}

// ownKeep bounds what a history keeps of its own blocks until it is closed, as
// does half of Memory.
const ownKeep = 512 << 20

// Builder collects the line items. Each worker appends through an Appender of
// its own.
type Builder struct {
	config    Config
	layout    layout
	appenders []*Appender
	room
	folder *Folder // set by Replay
}

// room is where slips lie.
type room struct {
	blocks   *offheap.Blocks
	own      bool // the blocks are the history's own
	spill    *spill.Space
	ownSpill bool // likewise
}

func (r *room) release() error {
	var errs []error
	if r.own {
		errs = append(errs, r.blocks.Close())
	}
	if r.ownSpill {
		errs = append(errs, r.spill.Close())
	}
	return errors.Join(errs...)
}

// NewBuilder returns an empty builder.
func NewBuilder(c Config) *Builder {
	b := &Builder{config: c, layout: newLayout(c.Columns), room: room{blocks: c.Blocks, spill: c.Spill}}
	if b.blocks == nil {
		keep := int64(ownKeep)
		if c.Memory > 0 {
			keep = min(keep, c.Memory/2)
		}
		b.blocks, b.own = offheap.NewBlocks(keep), true
	}
	if b.spill == nil {
		b.spill, b.ownSpill = spill.New("", c.Workers), true
	}
	for w := range max(1, c.Workers) {
		b.appenders = append(b.appenders, newAppender(b, w))
	}
	return b
}

// Appender returns the appender of a worker in [0, Workers). One goroutine at a
// time may use it.
func (b *Builder) Appender(worker int) *Appender { return b.appenders[worker] }

// Close releases the memory and the temporary files. Close is needed only where
// Seal was not called. Memory and files of another owner are left alone.
func (b *Builder) Close() error { return b.release() }

// Seal ends the collection and returns the history. The builder and its
// appenders are then spent.
func (b *Builder) Seal() (*Store, error) {
	s := &Store{layout: b.layout, workers: max(1, b.config.Workers), room: b.room, folder: b.folder}
	for _, a := range b.appenders {
		s.sources = append(s.sources, a.sources()...)
		s.spilled += a.spilled
		s.observe(a)
	}
	s.mergeDictionaries(b.appenders)
	return s, nil
}
