package features

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
)

// idCursor walks the ids of one bucket.
type idCursor struct {
	t      *Table
	chunks []*chunk
	text   []byte
	ends   []uint32
	row    int // next row of the chunk read last
	s      scratch
}

// next returns the next id, or false after the last. The id is valid until the
// next call.
func (c *idCursor) next() (id []byte, ok bool, err error) {
	if c.row == len(c.ends) {
		if len(c.chunks) == 0 {
			return nil, false, nil
		}
		if c.text, c.ends, err = c.t.readIDs(c.chunks[0], &c.s); err != nil {
			return nil, false, err
		}
		c.chunks, c.row = c.chunks[1:], 0
	}
	from := uint32(0)
	if c.row > 0 {
		from = c.ends[c.row-1]
	}
	id = c.text[from:c.ends[c.row]]
	c.row++
	return id, true, nil
}

// cursors returns one cursor per bucket.
func (t *Table) cursors() []idCursor {
	out := make([]idCursor, len(t.buckets))
	for b := range out {
		out[b] = idCursor{t: t, chunks: t.buckets[b]}
	}
	return out
}

// head is the next customer of a bucket.
type head struct {
	key    uint64 // the first eight bytes of the id, which decide most comparisons
	id     []byte
	bucket uint16
}

func (a *head) compare(b *head) int {
	switch {
	case a.key < b.key:
		return -1
	case a.key > b.key:
		return 1
	}
	return bytes.Compare(a.id, b.id)
}

func (a *head) set(id []byte) {
	var first [8]byte
	copy(first[:], id)
	a.key, a.id = binary.BigEndian.Uint64(first[:]), id
}

// heads is a heap of the next customers, the smallest id first.
type heads []head

func (h heads) sift(i int) {
	for {
		least := i
		for _, c := range [...]int{2*i + 1, 2*i + 2} {
			if c < len(h) && h[c].compare(&h[least]) < 0 {
				least = c
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}

var errTwice = errors.New("features: got one customer in two buckets, want each customer in one; partition the history by customer")

// mergeBuckets returns the bucket of each customer in the order of ids.
func (t *Table) mergeBuckets(ctx context.Context) ([]uint16, error) {
	cursors := t.cursors()
	var h heads
	customers := 0
	for b := range cursors {
		for _, ch := range t.buckets[b] {
			customers += ch.rows
		}
		id, ok, err := cursors[b].next()
		if err != nil {
			return nil, err
		}
		if ok {
			h = append(h, head{bucket: uint16(b)})
			h[len(h)-1].set(id)
		}
	}
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.sift(i)
	}
	from := make([]uint16, 0, customers)
	for len(h) > 0 {
		if len(from)%(1<<14) == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		top := &h[0]
		for c := 1; c < min(3, len(h)); c++ {
			if h[c].compare(top) == 0 {
				return nil, errTwice
			}
		}
		from = append(from, top.bucket)
		id, ok, err := cursors[top.bucket].next()
		switch {
		case err != nil:
			return nil, err
		case ok:
			top.set(id)
		default:
			h[0] = h[len(h)-1]
			h = h[:len(h)-1]
		}
		h.sift(0)
	}
	return from, ctx.Err()
}
