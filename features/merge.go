package features

import (
	"bytes"
	"context"
	"errors"
	"math"

	"github.com/quintile-dev/quintile/datasets"
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
	over   bool // the stream has ended
}

func (a *head) before(b *head) bool {
	if a.key != b.key {
		return a.key < b.key
	}
	if a.over || b.over {
		return !a.over
	}
	return bytes.Compare(a.id, b.id) < 0
}

// advance takes the next customer of the stream.
func (a *head) advance(s stream) error {
	id, bucket, ok, err := s.next()
	if err != nil {
		return err
	}
	if !ok {
		*a = head{key: math.MaxUint64, over: true}
		return nil
	}
	a.key, _ = datasets.PackText(id)
	a.id, a.bucket = id, bucket
	return nil
}

// tournament finds the smallest id of several streams: a tree of losers (D. Knuth,
// The Art of Computer Programming, volume 3, section 5.4.1), with one match per
// level and customer, where a heap plays two.
type tournament struct {
	heads  []head
	losers []int32 // of the match at each node; the children of node i are 2i and 2i+1, the leaves come last
}

// play plays all matches at and below a node and returns the winner.
func (t *tournament) play(node int) int32 {
	n := len(t.heads)
	if node >= n {
		return int32(node - n)
	}
	winner, loser := t.play(2*node), t.play(2*node+1)
	if t.heads[loser].before(&t.heads[winner]) {
		winner, loser = loser, winner
	}
	t.losers[node] = loser
	return winner
}

// replay plays the matches of a stream whose customer is another, and returns the
// winner.
func (t *tournament) replay(winner int32) int32 {
	for node := (int(winner) + len(t.heads)) / 2; node > 0; node /= 2 {
		if loser := t.losers[node]; t.heads[loser].before(&t.heads[winner]) {
			winner, t.losers[node] = loser, winner
		}
	}
	return winner
}

var errTwice = errors.New("features: got one customer in two buckets, want each customer in one; partition the history by customer")

// mergeBuckets returns the bucket of each customer in the order of ids. Each
// worker merges a share of the buckets, and the results are merged again.
func (t *Table) mergeBuckets(ctx context.Context) ([]uint16, error) {
	if from, done, err := t.sortShortIDs(ctx); done || err != nil {
		return from, err
	}
	cursors := t.cursors()
	shares := min(t.config.Workers, len(cursors))
	streams := make([]stream, shares)
	customers := make([]int, shares)
	err := parallel(ctx, shares, shares, func(w int) error {
		lo, hi := w*len(cursors)/shares, (w+1)*len(cursors)/shares
		mine := make([]stream, hi-lo)
		for b := lo; b < hi; b++ {
			mine[b-lo] = &ofBucket{cursors[b], uint16(b)}
			customers[w] += t.customersOf(b)
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
	from := make([]uint16, 0, n)
	if len(streams) == 0 {
		return from, ctx.Err()
	}
	t := tournament{heads: make([]head, len(streams)), losers: make([]int32, len(streams))}
	for i, s := range streams {
		if err := t.heads[i].advance(s); err != nil {
			return nil, err
		}
	}
	var last []byte
	for winner := t.play(1); !t.heads[winner].over; winner = t.replay(winner) {
		if len(from)%(1<<14) == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		h := &t.heads[winner]
		if len(from) > 0 && bytes.Equal(h.id, last) {
			return nil, errTwice
		}
		last = append(last[:0], h.id...)
		from = append(from, h.bucket)
		if err := h.advance(streams[winner]); err != nil {
			return nil, err
		}
	}
	return from, ctx.Err()
}
