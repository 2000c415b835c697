package arrowio

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The metadata of Arrow IPC are flatbuffers, and the library trusts every
// length: a damaged vector of 2³¹ fields would be allocated before the first
// field is read. So the tables that matter are walked first. The walk needs
// only a few rules of flatbuffers: a table begins with the distance back to its
// vtable, the vtable holds the distance of each field from the table, and
// vectors, texts and other tables are at a distance forward from the field.

var errMetadata = errors.New("damaged metadata")

// table is one table of a flatbuffer.
type table struct {
	data []byte
	at   int
}

// root returns the outermost table.
func root(data []byte) (table, error) {
	t := table{data: data}
	return t.follow(0)
}

// follow returns the table to which the distance at the given place leads.
func (t table) follow(at int) (table, error) {
	to, err := t.forward(at)
	if err != nil {
		return table{}, err
	}
	next := table{t.data, to}
	if _, _, err := next.vtable(); err != nil {
		return table{}, err
	}
	return next, nil
}

func (t table) forward(at int) (int, error) {
	if at < 0 || at > len(t.data)-4 {
		return 0, errMetadata
	}
	to := int64(at) + int64(binary.LittleEndian.Uint32(t.data[at:]))
	if to > int64(len(t.data)-4) {
		return 0, errMetadata
	}
	return int(to), nil
}

// vtable returns the beginning of the vtable and its size in bytes. An odd size
// is refused: it ends in the middle of an entry, and readers differ in the
// treatment of that entry.
func (t table) vtable() (at, size int, err error) {
	from := int64(t.at) - int64(int32(binary.LittleEndian.Uint32(t.data[t.at:])))
	if from < 0 || from > int64(len(t.data)-4) {
		return 0, 0, errMetadata
	}
	at = int(from)
	size = int(binary.LittleEndian.Uint16(t.data[at:]))
	if size < 4 || size%2 != 0 || size > len(t.data)-at {
		return 0, 0, errMetadata
	}
	return at, size, nil
}

// field returns the place of field i, with size bytes; 0 if the table lacks the
// field.
func (t table) field(i, size int) (int, error) {
	at, n, err := t.vtable()
	if err != nil || 4+2*i+2 > n {
		return 0, err
	}
	offset := int(binary.LittleEndian.Uint16(t.data[at+4+2*i:]))
	if offset == 0 {
		return 0, nil
	}
	if t.at+offset > len(t.data)-size {
		return 0, errMetadata
	}
	return t.at + offset, nil
}

func (t table) uint8(i int) (uint8, error) {
	at, err := t.field(i, 1)
	if err != nil || at == 0 {
		return 0, err
	}
	return t.data[at], nil
}

func (t table) uint16(i int) (uint16, error) {
	at, err := t.field(i, 2)
	if err != nil || at == 0 {
		return 0, err
	}
	return binary.LittleEndian.Uint16(t.data[at:]), nil
}

func (t table) uint64At(at int) uint64 { return binary.LittleEndian.Uint64(t.data[at:]) }

func (t table) int64(i int) (int64, error) {
	at, err := t.field(i, 8)
	if err != nil || at == 0 {
		return 0, err
	}
	return int64(binary.LittleEndian.Uint64(t.data[at:])), nil
}

// table returns the table in field i; ok is false if it is not there.
func (t table) table(i int) (inner table, ok bool, err error) {
	at, err := t.field(i, 4)
	if err != nil || at == 0 {
		return table{}, false, err
	}
	inner, err = t.follow(at)
	return inner, err == nil, err
}

// vector returns the place of the first of n entries of size bytes in field i.
func (t table) vector(i, size int) (at, n int, err error) {
	field, err := t.field(i, 4)
	if err != nil || field == 0 {
		return 0, 0, err
	}
	if at, err = t.forward(field); err != nil {
		return 0, 0, err
	}
	length := binary.LittleEndian.Uint32(t.data[at:])
	at += 4
	if int64(length) > int64((len(t.data)-at)/size) {
		return 0, 0, fmt.Errorf("%w: a list of %d entries", errMetadata, length)
	}
	return at, int(length), nil
}

// tables calls do for every table of the vector in field i.
func (t table) tables(i int, do func(table) error) error {
	at, n, err := t.vector(i, 4)
	if err != nil {
		return err
	}
	for k := range n {
		inner, err := t.follow(at + 4*k)
		if err != nil {
			return err
		}
		if err := do(inner); err != nil {
			return err
		}
	}
	return nil
}
