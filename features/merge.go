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

// stream is a sequence of customers in the order of ids.
type stream interface {
	// next returns the next customer's id, valid until the next call, and bucket.
	next() (id []byte, bucket uint16, ok bool, err error)
}

// ofBucket is the stream of one bucket.
type ofBucket struct {
	idCursor
	bucket uint16
}

func (o *ofBucket) next() ([]byte, uint16, bool, error) {
	id, ok, err := o.idCursor.next()
	return id, o.bucket, ok, err
}

// ofBuckets is the stream of several buckets that have been merged.
type ofBuckets struct {
	from    []uint16 // bucket of each customer still to come
	cursors []idCursor
	first   int // bucket of the first cursor
}

func (o *ofBuckets) next() ([]byte, uint16, bool, error) {
	if len(o.from) == 0 {
		return nil, 0, false, nil
	}
	b := o.from[0]
	o.from = o.from[1:]
	id, ok, err := o.cursors[int(b)-o.first].next()
	return id, b, ok, err
}

// head is the next customer of a stream.
type head struct {
	key    uint64 // the first eight bytes of the id, which decide most comparisons
	id     []byte
	bucket uint16
	stream uint16
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

func (a *head) set(id []byte, bucket uint16) {
	var first [8]byte
	copy(first[:], id)
	a.key, a.id, a.bucket = binary.BigEndian.Uint64(first[:]), id, bucket
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

// mergeBuckets returns the bucket of each customer in the order of ids. Workers
// merge a share of the buckets each, and what comes of it is merged again.
func (t *Table) mergeBuckets(ctx context.Context) ([]uint16, error) {
	cursors := t.cursors()
	shares := min(t.config.Workers, len(cursors))
	streams := make([]stream, shares)
	customers := make([]int, shares)
	err := parallel(ctx, shares, shares, func(w int) error {
		lo, hi := w*len(cursors)/shares, (w+1)*len(cursors)/shares
		mine := make([]stream, hi-lo)
		for b := lo; b < hi; b++ {
			mine[b-lo] = &ofBucket{cursors[b], uint16(b)}
			for _, ch := range t.buckets[b] {
				customers[w] += ch.rows
			}
		}
		from, err := merge(ctx, mine, customers[w])
		streams[w] = &ofBuckets{from, cursors[lo:hi], lo}
		return err
	})
	if err != nil {
		return nil, err
	}
	if shares == 1 {
		return streams[0].(*ofBuckets).from, nil
	}
	n := 0
	for _, c := range customers {
		n += c
	}
	return merge(ctx, streams, n)
}

// merge returns the bucket of each of n customers in the order of ids.
func merge(ctx context.Context, streams []stream, n int) ([]uint16, error) {
	var h heads
	for i, s := range streams {
		id, bucket, ok, err := s.next()
		if err != nil {
			return nil, err
		}
		if ok {
			h = append(h, head{stream: uint16(i)})
			h[len(h)-1].set(id, bucket)
		}
	}
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.sift(i)
	}
	from := make([]uint16, 0, n)
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
		id, bucket, ok, err := streams[top.stream].next()
		switch {
		case err != nil:
			return nil, err
		case ok:
			top.set(id, bucket)
		default:
			h[0] = h[len(h)-1]
			h = h[:len(h)-1]
		}
		h.sift(0)
	}
	return from, ctx.Err()
}
