package features

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets/offheap"
)

// Where at least manyColumns are wanted, whole stripes are read, those of
// bucketsAhead buckets at a time: a read for each column and bucket takes the
// system a hundred times as long.
const (
	manyColumns  = 8
	bucketsAhead = 128
)

// stripes are the stripes of one bucket read from the file.
type stripes struct {
	pieces []piece
	all    []uint64
}

// piece is some stripes of one chunk in a row.
type piece struct {
	ch    *chunk
	first int // stripe
	at    int // where its words begin
}

// load reads the stripes with the given rows, in rising order.
func (s *stripes) load(t *Table, bucket int, rows []uint32) error {
	s.pieces, s.all = s.pieces[:0], s.all[:0]
	for len(rows) > 0 {
		k := int(rows[0]) / chunkRows
		n, _ := slices.BinarySearch(rows, uint32((k+1)*chunkRows))
		first, last := int(rows[0])%chunkRows/stripeRows, int(rows[n-1])%chunkRows/stripeRows
		rows = rows[n:]
		ch := t.buckets[bucket][k]
		if ch.data.blocks != nil {
			continue
		}
		at, words := len(s.all), (last+1-first)*ch.data.stripe
		s.all = slices.Grow(s.all, words)[:at+words]
		if err := t.readSpill(offheap.Bytes(s.all[at:]), ch, 8*int64(first*ch.data.stripe)); err != nil {
			return err
		}
		s.pieces = append(s.pieces, piece{ch, first, at})
	}
	return nil
}

// words returns a stripe that has been read.
func (s *stripes) words(ch *chunk, stripe int) []uint64 {
	for _, p := range s.pieces {
		if p.ch == ch {
			return s.all[p.at+(stripe-p.first)*ch.data.stripe:][:ch.data.stripe]
		}
	}
	panic("features: BUG: a stripe that has not been read")
}
