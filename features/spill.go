package features

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/features/internal/narrow"
)

// chunk is up to chunkRows customers of a bucket. If it is spilled, there lie in
// file, at offset, its stripes, ends and text.
type chunk struct {
	rows    int
	textLen int
	data    packedColumns
	text    []byte   // the ids
	ends    []uint32 // where each id ends in text
	file    *os.File // nil unless it is spilled
	offset  int64
	ids     int64 // the offset of ends
}

// bytes returns the size of the chunk in memory.
func (ch *chunk) bytes() int64 {
	return 8*offheap.BlockWords*int64(len(ch.data.blocks)) + 4*int64(ch.rows) + int64(ch.textLen)
}

// stripeRows is the number of customers whose columns lie together in the file: so
// many that some columns of a chunk are few reads, and so few that all columns of
// some customers are one.
const stripeRows = 128

// spillFile is the temporary file of a worker. Each has its own, because systems
// let one write to a file at a time.
type spillFile struct {
	file *os.File
	name string // "" once the file has none
	size int64
}

// newSpillFile creates the file. Where the system allows it, it has no name, so that
// a killed run leaves nothing behind.
func newSpillFile(dir string) (*spillFile, error) {
	file, err := os.CreateTemp(dir, "quintile-features-*")
	if err != nil {
		return nil, fmt.Errorf("spilling features: %w", err)
	}
	s := &spillFile{file: file, name: file.Name()}
	if os.Remove(s.name) == nil { // refused by some systems as long as the file is open
		s.name = ""
	}
	return s, nil
}

func (s *spillFile) close() error {
	err := s.file.Close()
	if s.name != "" {
		err = errors.Join(err, os.Remove(s.name))
	}
	return err
}

// spillOf returns the file of a worker, which is created when first needed.
func (t *Table) spillOf(worker int) (*spillFile, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.spills) <= worker {
		t.spills = append(t.spills, nil)
	}
	if t.spills[worker] == nil {
		file, err := newSpillFile(t.config.Dir)
		if err != nil {
			return nil, err
		}
		t.spills[worker] = file
	}
	return t.spills[worker], nil
}

// spillChunk writes the chunk to the file of a worker. b.words has its columns, one after the
// other; in the file they lie in stripes, each filled up to stripeRows.
func (t *Table) spillChunk(ch *chunk, b *buffers, worker int) error {
	file, err := t.spillOf(worker)
	if err != nil {
		return err
	}
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
	ids := int64(len(out))
	for _, end := range b.ends {
		out = binary.LittleEndian.AppendUint32(out, end)
	}
	out = append(out, b.text...)
	b.bytes = out
	ch.file, ch.offset, ch.ids = file.file, file.size, file.size+ids
	if _, err := file.file.WriteAt(out, file.size); err != nil {
		return fmt.Errorf("spilling features: %w; free some space, or raise the memory budget", err)
	}
	file.size += int64(len(out))
	t.spilled.Add(int64(len(out)))
	return nil
}

// segment returns rows from to to (excluded) of column j of the chunk, which
// are valid until the scratch memory is used again. ahead holds the stripes of the
// chunk if it is spilled, or is nil.
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

// stripeColumn returns the words that hold rows from to to (excluded) of column j
// of a stripe, from that of the first row on.
func (t *Table) stripeColumn(ch *chunk, j, stripe, from, to int, ahead *stripes, s *scratch) ([]uint64, error) {
	c := ch.data.columns[j]
	first, end := from*c.form.Bits()/64, c.form.Words(to)
	if ahead != nil {
		return ahead.words(ch, stripe)[c.at:][first:end], nil
	}
	words := s.room(end - first)
	return words, ch.readSpill(offheap.Bytes(words), ch.offset+8*int64(stripe*ch.data.stripe+int(c.at)+first))
}

// readIDs returns the ids of the chunk, which are valid until the scratch memory
// is used again.
func (t *Table) readIDs(ch *chunk, s *scratch) (text []byte, ends []uint32, err error) {
	if ch.data.blocks != nil {
		return ch.text, ch.ends, nil
	}
	raw := s.raw(4*ch.rows + ch.textLen)
	if err := ch.readSpill(raw, ch.ids); err != nil {
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

// readSpill reads from the file of a chunk that is spilled.
func (ch *chunk) readSpill(raw []byte, offset int64) error {
	if _, err := ch.file.ReadAt(raw, offset); err != nil {
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
