package features

import (
	"bytes"
	"fmt"
	"slices"
)

// chunkRows is the number of customers in a chunk, tileRows the number whose
// rows are turned into columns at once: eight values fill a cache line.
const (
	chunkRows = 1024
	tileRows  = 16
)

// Builder fills one bucket of a table, customer by customer.
type Builder struct {
	t      *Table
	bucket int
	last   []byte // id of the customer before
	err    error
	*buffers
}

// buffers is the memory of a builder, handed on from one to the next.
type buffers struct {
	tile  []float64 // row by row
	tiled int       // rows in tile
	part  []float64 // column by column, chunkRows apart
	rows  int       // rows in part
	text  []byte
	ends  []uint32
	bytes []byte
}

// Bucket returns the builder of a bucket, which must be closed before the table
// is sealed. Each bucket has one builder, used by one goroutine at a time.
func (t *Table) Bucket(bucket int) *Builder {
	buf, _ := t.scratch.Get().(*buffers)
	if buf == nil {
		d := len(t.config.Names)
		buf = &buffers{tile: make([]float64, tileRows*d), part: make([]float64, chunkRows*d)}
	}
	return &Builder{t: t, bucket: bucket, buffers: buf}
}

// Next begins a customer and returns its row, to be filled before the next call
// of Next or Close. It has one entry per column and unspecified contents.
//
// Errors: where id does not rise above the one before, and an I/O error of the
// temporary file. Every later call returns the same error.
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
		b.turnTile()
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

// Close stores what is left. It returns the error of the building, if any.
func (b *Builder) Close() error {
	if b.buffers == nil {
		return b.err
	}
	if b.err == nil {
		b.turnTile()
		if b.rows > 0 {
			b.err = b.flush()
		}
	}
	b.tiled, b.rows, b.text, b.ends = 0, 0, b.text[:0], b.ends[:0]
	b.t.scratch.Put(b.buffers)
	b.buffers = nil
	return b.err
}

// turnTile moves the rows of the tile to the columns of the part.
func (b *Builder) turnTile() {
	d := len(b.t.config.Names)
	for j := range d {
		column := b.part[j*chunkRows+b.rows:][:b.tiled]
		for i := range column {
			column[i] = b.tile[i*d+j]
		}
	}
	b.rows += b.tiled
	b.tiled = 0
}

// flush stores the part as a chunk, in memory if the budget allows.
func (b *Builder) flush() error {
	d := len(b.t.config.Names)
	for j := 1; j < d && b.rows < chunkRows; j++ {
		copy(b.part[j*b.rows:][:b.rows], b.part[j*chunkRows:])
	}
	ch := &chunk{rows: b.rows, textLen: len(b.text)}
	data := b.part[:b.rows*d]
	size := ch.bytes(d)
	if b.t.used.Add(size) <= b.t.config.Memory {
		ch.data, ch.text, ch.ends = slices.Clone(data), slices.Clone(b.text), slices.Clone(b.ends)
	} else {
		b.t.used.Add(-size)
		if err := b.t.spillChunk(ch, data, b.buffers); err != nil {
			return err
		}
	}
	b.t.buckets[b.bucket] = append(b.t.buckets[b.bucket], ch)
	b.rows, b.text, b.ends = 0, b.text[:0], b.ends[:0]
	return nil
}
