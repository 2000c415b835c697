package features

import (
	"encoding/binary"
	"fmt"

	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/features/internal/narrow"
)

// chunk is up to chunkRows customers of a bucket. For a spilled chunk, the stripes,
// the ends and the text are on disk.
type chunk struct {
	rows    int
	textLen int
	data    packedColumns
	text    []byte   // the ids
	ends    []uint32 // where each id ends in text
	spilled spill.Extent
	ids     int64 // in it, the offset of ends
}

// bytes returns the size of the chunk in memory.
func (ch *chunk) bytes() int64 {
	return 8*offheap.BlockWords*int64(len(ch.data.blocks)) + 4*int64(ch.rows) + int64(ch.textLen)
}

// stripeRows is the number of customers with neighbouring columns in the file: so
// many that some columns of a chunk are few reads, and so few that all columns of
// some customers are one read.
const stripeRows = 128

// spillChunk writes the chunk to disk. b.words holds the columns, in turn; on disk
// the columns are in stripes, each filled up to stripeRows.
func (t *Table) spillChunk(ch *chunk, worker int, b *buffers) (err error) {
	out := b.bytes[:0]
	for from := 0; from < ch.rows; from += stripeRows {
		for _, c := range ch.data.columns {
			words := b.words[c.at:][c.form.Words(from):min(c.form.Words(from+stripeRows), c.form.Words(ch.rows))]
			out = append(out, offheap.Bytes(words)...)
			out = append(out, make([]byte, 8*(c.form.Words(stripeRows)-len(words)))...)
		}
	}
	for j := range ch.data.columns {
		c := &ch.data.columns[j]
		c.at = uint32(ch.data.stripe)
		ch.data.stripe += c.form.Words(stripeRows)
	}
	ch.ids = int64(len(out))
	for _, end := range b.ends {
		out = binary.LittleEndian.AppendUint32(out, end)
	}
	out = append(out, b.text...)
	b.bytes = out
	if ch.spilled, err = t.spill.Write(worker, out); err != nil {
		return fmt.Errorf("spilling features: %w", err)
	}
	t.spilled.Add(int64(len(out)))
	return nil
}

// segment returns rows from to to (excluded) of column j of the chunk, valid until
// the scratch memory is used again. ahead holds the stripes of a spilled chunk, or
// is nil.
func (t *Table) segment(ch *chunk, j, from, to int, ahead *stripes, s *scratch) ([]float64, error) {
	c := ch.data.columns[j]
	if ch.data.blocks != nil && c.form == narrow.Floats {
		return offheap.Floats(ch.data.column(j, ch.rows))[from:to], nil
	}
	if s.values == nil {
		s.values = make([]float64, chunkRows)
	}
	values := s.values[:to-from]
	if ch.data.blocks != nil {
		c.form.Unpack(values, ch.data.column(j, ch.rows), from)
		return values, nil
	}
	for rest := values; len(rest) > 0; {
		stripe, row := from/stripeRows, from%stripeRows
		n := min(len(rest), stripeRows-row)
		words, err := t.stripeColumn(ch, j, stripe, row, row+n, ahead, s)
		if err != nil {
			return nil, err
		}
		c.form.Unpack(rest[:n], words, row%(64/c.form.Bits()))
		rest, from = rest[n:], from+n
	}
	return values, nil
}

// stripeColumn returns the words with rows from to to (excluded) of column j of a
// stripe, beginning with the word of the first row.
func (t *Table) stripeColumn(ch *chunk, j, stripe, from, to int, ahead *stripes, s *scratch) ([]uint64, error) {
	c := ch.data.columns[j]
	first, end := from*c.form.Bits()/64, c.form.Words(to)
	if ahead != nil {
		return ahead.words(ch, stripe)[c.at:][first:end], nil
	}
	words := s.room(end - first)
	return words, t.readSpill(offheap.Bytes(words), ch, 8*int64(stripe*ch.data.stripe+int(c.at)+first))
}

// readIDs returns the ids of the chunk, which are valid until the scratch memory
// is used again.
func (t *Table) readIDs(ch *chunk, s *scratch) (text []byte, ends []uint32, err error) {
	if ch.data.blocks != nil {
		return ch.text, ch.ends, nil
	}
	raw := s.raw(4*ch.rows + ch.textLen)
	if err := t.readSpill(raw, ch, ch.ids); err != nil {
		return nil, nil, err
	}
	if s.ends == nil {
		s.ends = make([]uint32, chunkRows)
	}
	ends = s.ends[:ch.rows]
	for i := range ends {
		ends[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	return raw[4*ch.rows:], ends, nil
}

func (t *Table) readSpill(raw []byte, ch *chunk, offset int64) error {
	if err := t.spill.Read(raw, ch.spilled, offset); err != nil {
		return fmt.Errorf("reading spilled features: %w", err)
	}
	return nil
}

// scratch is memory to read chunks into.
type scratch struct {
	bytes  []byte
	words  []uint64
	values []float64
	ends   []uint32
}

func (s *scratch) raw(n int) []byte {
	if cap(s.bytes) < n {
		s.bytes = make([]byte, max(n, 8*chunkRows))
	}
	return s.bytes[:n]
}

func (s *scratch) room(words int) []uint64 {
	if cap(s.words) < words {
		s.words = make([]uint64, chunkRows)
	}
	return s.words[:words]
}
