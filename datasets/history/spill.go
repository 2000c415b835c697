package history

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/offheap"
)

// segment is the piece of a spill file that one flush wrote for one partition:
// slips, then the long ids of its customers, then the texts of its long orders.
type segment struct {
	part    uint32
	words   int   // of slips
	at      int64 // where they begin
	ids     int64 // bytes of the ids, which follow
	members int   // ids
	orders  int64 // bytes of the long orders, which follow the ids
	longs   int   // long orders
}

// flush moves all slips of the appender to its spill file and forgets the
// customers, so that memory use starts again from nearly nothing.
func (a *Appender) flush() error {
	if err := a.spill.open(); err != nil {
		return err
	}
	w := &countingWriter{w: bufio.NewWriterSize(a.spill.file, 1<<20), n: a.spill.size}
	for p := range a.parts {
		if err := a.flushPart(w, uint32(p)); err != nil {
			return err
		}
	}
	a.longIDs.Reset()
	a.places = a.places[:0]
	a.used = 0
	a.spill.size = w.n
	return w.w.Flush()
}

func (a *Appender) flushPart(w *countingWriter, p uint32) error {
	a.close(p)
	part := &a.parts[p]
	if len(part.full) == 0 {
		return nil
	}
	s := segment{part: p, at: w.n, members: len(part.members), longs: part.orders.Len()}
	for _, block := range part.full {
		s.words += len(block)
		if _, err := w.Write(offheap.Bytes(block)); err != nil {
			return err
		}
	}
	a.builder.blocks.Reuse(part.full...)
	from := w.n
	for _, code := range part.members {
		if err := writeText(w, a.longIDs.Text(code)); err != nil {
			return err
		}
	}
	s.ids, from = w.n-from, w.n
	for i := range part.orders.Len() {
		if err := writeText(w, part.orders.At(i)); err != nil {
			return err
		}
	}
	s.orders = w.n - from
	part.full, part.members = part.full[:0], part.members[:0]
	part.orders.Reset()
	a.segments = append(a.segments, s)
	return nil
}

// countingWriter knows the offset at which it writes.
type countingWriter struct {
	w *bufio.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func writeText(w io.Writer, text []byte) error {
	var length [binary.MaxVarintLen64]byte
	if _, err := w.Write(length[:binary.PutUvarint(length[:], uint64(len(text)))]); err != nil {
		return err
	}
	_, err := w.Write(text)
	return err
}

// readTexts appends n texts that writeText wrote to dst and returns the rest.
func readTexts(dst *datasets.Strings, data []byte, n int) ([]byte, error) {
	for range n {
		length, size := binary.Uvarint(data)
		if size <= 0 || uint64(len(data)-size) < length {
			return nil, fmt.Errorf("the spill file is damaged: a text runs past its segment")
		}
		dst.Append(data[size : size+int(length)])
		data = data[size+int(length):]
	}
	return data, nil
}
