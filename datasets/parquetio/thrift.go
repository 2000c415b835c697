package parquetio

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go/encoding/thrift"
)

// The library decodes the thrift structures of a file, and trusts every length:
// a damaged list of 2³¹ row groups would be allocated before the first row
// group is read. So the bytes are walked first.

// The wire types of the compact protocol.
const (
	wireStop = iota
	wireTrue
	wireFalse
	wireByte
	wireInt16
	wireInt32
	wireInt64
	wireDouble
	wireBinary
	wireList
	wireSet
	wireMap
	wireStruct
)

const (
	maxThriftDepth = 32   // of nested structures; those of Parquet nest 7 deep
	structBytes    = 1024 // more than any structure of the format takes in memory
)

var (
	errThrift = errors.New("damaged metadata")
	errShort  = errors.New("metadata end too early")
)

// walker follows a thrift structure without decoding it.
type walker struct {
	data   []byte
	at     int
	budget int // bytes that decoding the lists met from here on may allocate
}

// structureLen returns the length of the structure at the beginning of data.
//
// Errors: errShort if data ends within the structure; errThrift if the
// structure is damaged or nested too deep, or if decoding would allocate more
// than budget bytes.
func structureLen(data []byte, budget int) (int, error) {
	w := walker{data: data, budget: budget}
	err := w.structure(0)
	return w.at, err
}

func (w *walker) structure(depth int) error {
	if depth > maxThriftDepth {
		return fmt.Errorf("%w: structures nest more than %d deep", errThrift, maxThriftDepth)
	}
	for {
		head, err := w.byte()
		if err != nil || head == wireStop {
			return err
		}
		if head>>4 == 0 { // the field's number follows
			if _, err := w.varint(); err != nil {
				return err
			}
		}
		if head&15 == wireTrue || head&15 == wireFalse {
			continue // the type is the value
		}
		if err := w.value(head&15, depth); err != nil {
			return err
		}
	}
}

func (w *walker) value(wire byte, depth int) error {
	switch wire {
	case wireTrue, wireFalse, wireByte:
		return w.skip(1)
	case wireInt16, wireInt32, wireInt64:
		_, err := w.varint()
		return err
	case wireDouble:
		return w.skip(8)
	case wireBinary:
		n, err := w.varint()
		if err != nil {
			return err
		}
		return w.skip(n)
	case wireList, wireSet:
		return w.list(depth)
	case wireMap:
		return w.pairs(depth)
	case wireStruct:
		return w.structure(depth + 1)
	}
	return fmt.Errorf("%w: unknown type %d", errThrift, wire)
}

func (w *walker) list(depth int) error {
	head, err := w.byte()
	if err != nil {
		return err
	}
	n, wire := uint64(head>>4), head&15
	if n == 15 {
		if n, err = w.varint(); err != nil {
			return err
		}
	}
	cost := uint64(16)
	if wire == wireStruct {
		cost = structBytes
	}
	return w.items(n, cost, func() error { return w.value(wire, depth+1) })
}

func (w *walker) pairs(depth int) error {
	n, err := w.varint()
	if err != nil || n == 0 {
		return err
	}
	types, err := w.byte()
	if err != nil {
		return err
	}
	return w.items(n, 2*structBytes, func() error {
		if err := w.value(types>>4, depth+1); err != nil {
			return err
		}
		return w.value(types&15, depth+1)
	})
}

func (w *walker) items(n, cost uint64, item func() error) error {
	if n > uint64(w.budget)/cost {
		return fmt.Errorf("%w: a list of %d entries", errThrift, n)
	}
	w.budget -= int(n * cost)
	for range n {
		if err := item(); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) byte() (byte, error) {
	if w.at >= len(w.data) {
		return 0, errShort
	}
	w.at++
	return w.data[w.at-1], nil
}

func (w *walker) varint() (uint64, error) {
	v, n := binary.Uvarint(w.data[w.at:])
	if n == 0 {
		return 0, errShort
	}
	if n < 0 {
		return 0, fmt.Errorf("%w: an integer of more than 64 bits", errThrift)
	}
	w.at += n
	return v, nil
}

func (w *walker) skip(n uint64) error {
	if n > uint64(len(w.data)-w.at) {
		w.at = len(w.data)
		return errShort
	}
	w.at += int(n)
	return nil
}

// decodeThrift decodes the structure in data, already walked by structureLen.
// Texts of v share the bytes of data.
func decodeThrift(data []byte, v any) error {
	protocol := new(thrift.CompactProtocol)
	if err := thrift.NewDecoder(protocol.NewReaderFromBytes(data)).Decode(v); err != nil {
		return fmt.Errorf("%w: %w", errThrift, err)
	}
	return nil
}
