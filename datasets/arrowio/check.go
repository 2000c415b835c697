package arrowio

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The kinds of messages.
const (
	schemaMessage     = 1
	dictionaryMessage = 2
	batchMessage      = 3
)

const (
	maxFields = 1 << 17 // of a schema, nested ones included
	maxDepth  = 64      // to which fields nest; the library reads no deeper
)

// message holds the findings of the check of a message.
type message struct {
	kind  uint8
	body  int64 // bytes
	rows  int64
	id    int64 // of a dictionary
	delta bool  // a dictionary that extends the one before

	version uint16
	layout  *layout // of a schema
}

// frame is a message as it is on the wire.
type frame struct {
	meta, body []byte
}

// header reads the outermost table of a message.
func header(meta []byte) (message, table, error) {
	outer, err := root(meta)
	if err != nil {
		return message{}, table{}, err
	}
	var m message
	if m.version, err = outer.uint16(0); err != nil {
		return m, table{}, err
	}
	if m.kind, err = outer.uint8(1); err != nil {
		return m, table{}, err
	}
	if m.body, err = outer.int64(3); err != nil {
		return m, table{}, err
	}
	if m.body < 0 {
		return m, table{}, fmt.Errorf("%w: a body of %d bytes", errMetadata, m.body)
	}
	if err := metadata(outer, 4, newAllowance(meta)); err != nil {
		return m, table{}, err
	}
	inner, ok, err := outer.table(2)
	if err == nil && !ok {
		err = fmt.Errorf("%w: a message without content", errMetadata)
	}
	return m, inner, err
}

// check compares every length in the metadata of a message with the actual
// bytes and with the layout of the schema (empty for the message of the schema
// itself). The returned message is safe for the library: its buffers are not
// compressed.
//
// The library could expand the buffers too, but trusts their claims about sizes
// and windows.
func check(raw frame, l *layout, e *expander) (message, frame, error) {
	m, inner, err := header(raw.meta)
	if err != nil {
		return m, raw, err
	}
	if m.body != int64(len(raw.body)) {
		return m, raw, fmt.Errorf("%w: a body of %d bytes, want %d", errMetadata, len(raw.body), m.body)
	}
	switch m.kind {
	case schemaMessage:
		m.layout, err = schemaLayout(inner)
		return m, raw, err
	case dictionaryMessage:
		data, ok, err := inner.table(1)
		if err != nil || !ok {
			return m, raw, errors.Join(errMetadata, err)
		}
		delta, err := inner.uint8(2)
		if err != nil || delta > 1 {
			return m, raw, errors.Join(errMetadata, err)
		}
		if m.id, err = inner.int64(0); err != nil {
			return m, raw, err
		}
		want, ok := l.dictionaries[m.id]
		if !ok {
			return m, raw, fmt.Errorf("%w: a dictionary that no column has", errMetadata)
		}
		m.delta = delta != 0
		m.version = 0 // the library reads dictionaries as those of the oldest version
		raw, err = m.checkBatch(data, raw, want, e)
		return m, raw, err
	case batchMessage:
		raw, err = m.checkBatch(inner, raw, l.batch, e)
		return m, raw, err
	}
	return m, raw, fmt.Errorf("%w: a message of kind %d", errMetadata, m.kind)
}

// checkBatch checks the buffers of a batch against the body, and expands the
// buffers.
func (m *message) checkBatch(batch table, raw frame, want needs, e *expander) (frame, error) {
	at, nodes, err := batch.vector(1, 16)
	if err != nil {
		return raw, err
	}
	for i := range nodes {
		length := int64(binary.LittleEndian.Uint64(batch.data[at+16*i:]))
		nulls := int64(binary.LittleEndian.Uint64(batch.data[at+16*i+8:]))
		if length < 0 || nulls < 0 || nulls > length {
			return raw, fmt.Errorf("%w: a column of %d values, %d null", errMetadata, length, nulls)
		}
	}
	at, buffers, err := batch.vector(2, 16)
	if err != nil {
		return raw, err
	}
	for i := range buffers {
		offset, length := bufferAt(batch.data, at+16*i)
		if offset < 0 || length < 0 || offset > m.body || length > m.body-offset {
			return raw, fmt.Errorf("%w: a buffer of %d bytes at %d in a body of %d", errMetadata, length, offset, m.body)
		}
	}
	if err := checkNeeds(batch, want, nodes, buffers, m.version); err != nil {
		return raw, err
	}
	if raw, err = e.expand(batch, raw); err != nil {
		return raw, err
	}
	if m.rows, err = rowsOf(batch); err != nil || m.rows > 8*int64(len(raw.body))+1<<20 {
		return raw, errors.Join(fmt.Errorf("%w: %d rows in %d bytes", errMetadata, m.rows, len(raw.body)), err)
	}
	return raw, nil
}

func bufferAt(data []byte, at int) (offset, length int64) {
	return int64(binary.LittleEndian.Uint64(data[at:])), int64(binary.LittleEndian.Uint64(data[at+8:]))
}

// rowsOf returns the rows that a batch claims.
func rowsOf(batch table) (int64, error) {
	rows, err := batch.int64(0)
	if err == nil && (rows < 0 || rows > 1<<31) {
		err = fmt.Errorf("%w: a batch of %d rows", errMetadata, rows)
	}
	return rows, err
}
