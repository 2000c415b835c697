package history

import (
	"encoding/binary"
	"errors"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/datasets/spill"
)

// segment is the result of one flush for one partition: slips, then the long ids of
// its customers, then the texts of its long orders.
type segment struct {
	part    uint32
	words   int // of slips
	at      spill.Extent
	texts   int // bytes of the ids and the orders, which follow
	members int // ids
	longs   int // long orders
}

// flushedAtOnce is the part of its share that an appender moves to disk at a time:
// small enough to continue soon, and to leave the memory nearly full at the end.
const flushedAtOnce = 16

// blockBytes and orderBytes are what a block and the text of a long order take.
const blockBytes = 8 * offheap.BlockWords

func orderBytes(order []byte) int64 { return int64(len(order)) + 8 }

// flush moves slips of the appender to disk until the memory in use is within the
// given bytes: partition by partition, beginning with the partition moved longest
// ago. With long ids, all slips are moved and the ids forgotten, since long ids are
// numbered across partitions.
func (a *Appender) flush(most int64) error {
	if a.longIDs.Len() > 0 {
		most = -1
	}
	for n := 0; n < partitions && a.used > most; n++ {
		if err := a.flushPart(uint32(a.next)); err != nil {
			return err
		}
		a.next = (a.next + 1) % partitions
	}
	if a.longIDs.Len() > 0 {
		a.longIDs.Reset()
		a.places = nil // what it takes counts, and later stretches may need none
	}
	return nil
}

// flushPart moves those of a partition.
func (a *Appender) flushPart(p uint32) (err error) {
	a.close(p)
	part := &a.parts[p]
	if len(part.full) == 0 {
		return nil
	}
	out := a.out[:0]
	s := segment{part: p, members: len(part.members), longs: part.orders.Len()}
	for _, block := range part.full {
		s.words += len(block)
		out = append(out, offheap.Bytes(block)...)
		a.used -= blockBytes
	}
	a.builder.blocks.Reuse(part.full...)
	slips := len(out)
	for _, code := range part.members {
		out = appendText(out, a.longIDs.Text(code))
	}
	for i := range part.orders.Len() {
		out = appendText(out, part.orders.At(i))
		a.used -= orderBytes(part.orders.At(i))
	}
	s.texts = len(out) - slips
	a.out = out
	if s.at, err = a.builder.spill.Write(a.worker, out); err != nil {
		return err
	}
	a.spilled += int64(len(out))
	part.full, part.members = part.full[:0], part.members[:0]
	part.orders.Reset()
	a.segments = append(a.segments, s)
	return nil
}

func appendText(out, text []byte) []byte {
	return append(binary.AppendUvarint(out, uint64(len(text))), text...)
}

// readTexts appends n texts that appendText wrote to dst and returns the rest.
func readTexts(dst *datasets.Strings, data []byte, n int) ([]byte, error) {
	for range n {
		length, size := binary.Uvarint(data)
		if size <= 0 || uint64(len(data)-size) < length {
			return nil, errors.New("a text that runs past its segment")
		}
		dst.Append(data[size : size+int(length)])
		data = data[size+int(length):]
	}
	return data, nil
}
