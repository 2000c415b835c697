package features

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/features/internal/tiles"
)

// chunkRows is the number of customers in a chunk, tileRows the number whose
// rows are turned into columns at once: eight values fill a cache line.
const (
	chunkRows = 1024
	tileRows  = tiles.Rows
)

// Builder fills one bucket of a table, customer by customer.
type Builder struct {
	t      *Table
	bucket int
	worker int
	shelf  *offheap.Shelf // of the worker
	expect int            // customers still to come, as far as is known
	last   []byte         // id of the customer before
	err    error
	*buffers
}

// buffers is the memory of a builder, handed on from one to the next.
type buffers struct {
	tile  []float64    // row by row
	tiled int          // rows in tile
	part  columnBlocks // column by column
	rows  int          // rows in part
	row   []uint64     // scratch: a word for each row
	words []uint64     // of a chunk that is spilled
	text  []byte
	ends  []uint32
	bytes []byte
}

// Bucket returns the builder of a bucket, which must be closed before the table is
// sealed. Each bucket has one builder. worker, from 0 without gaps, is the user: one
// goroutine at a time uses the builders of a worker, and the memory passes from
// builder to builder, as it is in the caches near the worker.
func (t *Table) Bucket(bucket, worker int) *Builder {
	return &Builder{t: t, bucket: bucket, worker: worker, shelf: t.blocks.Shelf(worker), buffers: t.takeBuffers(worker)}
}

func (t *Table) takeBuffers(worker int) *buffers {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.idle) <= worker {
		t.idle = append(t.idle, nil)
	}
	b := t.idle[worker]
	if b == nil {
		return &buffers{tile: make([]float64, tileRows*len(t.config.Names))}
	}
	t.idle[worker] = nil
	return b
}

func (t *Table) giveBuffers(worker int, b *buffers) {
	b.tiled, b.rows, b.text, b.ends = 0, 0, b.text[:0], b.ends[:0]
	t.mu.Lock()
	defer t.mu.Unlock()
	if other := t.idle[worker]; other != nil { // of two builders that were open at once
		t.blocks.Give(other.part.blocks...)
	}
	t.idle[worker] = b
}

// Expect announces the greatest number of customers to come, which avoids
// moving earlier customers when their space is full.
func (b *Builder) Expect(customers int) { b.expect = customers }

// Next begins a customer and returns its row, to be filled before the next call
// of Next or Close. The row has one entry per column and unspecified contents.
//
// Errors: where id does not rise above the one before, and an I/O error of the
// disk. Every later call returns the same error.
func (b *Builder) Next(id []byte) ([]float64, error) {
	if b.err != nil {
		return nil, b.err
	}
	if b.rows+b.tiled > 0 || len(b.t.buckets[b.bucket]) > 0 {
		if bytes.Compare(id, b.last) <= 0 {
			b.err = fmt.Errorf("features: bucket %d: got a customer id that does not rise above the one before, want ids in bytewise order", b.bucket)
			return nil, b.err
		}
	}
	b.last = append(b.last[:0], id...)
	if b.tiled == tileRows {
		if b.err = b.turnTile(); b.err != nil {
			return nil, b.err
		}
	}
	if b.rows == chunkRows {
		if b.err = b.flush(); b.err != nil {
			return nil, b.err
		}
	}
	d := len(b.t.config.Names)
	row := b.tile[b.tiled*d : b.tiled*d+d]
	b.tiled++
	b.text = append(b.text, id...)
	b.ends = append(b.ends, uint32(len(b.text)))
	return row, nil
}

// Close stores the remaining customers. The result is the error of the
// building, if any.
func (b *Builder) Close() error {
	if b.buffers == nil {
		return b.err
	}
	if b.err == nil {
		b.err = b.turnTile()
	}
	if b.err == nil && b.rows > 0 {
		b.err = b.flush()
	}
	b.t.giveBuffers(b.worker, b.buffers)
	b.buffers = nil
	return b.err
}

// turnTile moves the rows of the tile to the columns of the part.
func (b *Builder) turnTile() error {
	if b.tiled == 0 {
		return nil
	}
	if b.t.buckets == nil {
		panic("features: BUG: building a table that is closed")
	}
	if b.rows+b.tiled > b.part.stride {
		if err := b.makeRoom(strideOf(max(b.rows+b.tiled, min(b.expect, chunkRows), 2*b.part.stride))); err != nil {
			return err
		}
	}
	d := len(b.t.config.Names)
	if b.tiled == tileRows {
		b.part.turnRows(b.rows, b.tile, d)
	} else {
		for j := range d {
			column := b.part.column(j)[b.rows:][:b.tiled]
			for i := range column {
				column[i] = b.tile[i*d+j]
			}
		}
	}
	b.rows += b.tiled
	b.expect -= b.tiled
	b.tiled = 0
	return nil
}

// makeRoom moves the part to columns of another stride.
func (b *Builder) makeRoom(stride int) error {
	d := len(b.t.config.Names)
	part, err := takeColumns(b.shelf, d, stride)
	if err != nil {
		return fmt.Errorf("features: bucket %d: %w", b.bucket, err)
	}
	if b.rows > 0 {
		for j := range d {
			copy(part.column(j), b.part.column(j)[:b.rows])
		}
	}
	b.shelf.Give(b.part.blocks...)
	b.part = part
	return nil
}

// turnRows turns a whole tile of d columns into rows from row on.
func (c *columnBlocks) turnRows(row int, tile []float64, d int) {
	for j := 0; j < d; j += c.per {
		tiles.Turn(offheap.Floats(c.blocks[j/c.per])[row:], c.stride, tile[j:], d, min(c.per, d-j))
	}
}

// flush packs the part into a chunk, and stores it, in memory while the budget
// lasts.
func (b *Builder) flush() error {
	t := b.t
	b.row = slices.Grow(b.row[:0], chunkRows)[:b.rows]
	ch := &chunk{rows: b.rows, textLen: len(b.text)}
	if !t.full.Load() {
		var err error
		if ch.data, err = t.packInBlocks(b.shelf, &b.part, b.rows, b.row); err != nil {
			return fmt.Errorf("features: bucket %d: %w", b.bucket, err)
		}
		size := ch.bytes()
		if t.used.Add(size) > t.config.Memory {
			t.used.Add(-size)
			t.full.Store(true)
			b.shelf.Give(ch.data.blocks...)
		} else {
			ch.text, ch.ends = slices.Clone(b.text), slices.Clone(b.ends)
		}
	}
	if ch.ends == nil {
		ch.data, b.words = t.packInto(b.words, &b.part, b.rows, b.row)
		if err := t.spillChunk(ch, b.worker, b.buffers); err != nil {
			return err
		}
	}
	t.buckets[b.bucket] = append(t.buckets[b.bucket], ch)
	b.rows, b.text, b.ends = 0, b.text[:0], b.ends[:0]
	return nil
}
