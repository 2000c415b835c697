package arrowio

import (
	"errors"
	"fmt"
)

// The types of fields distinguished by layouts, with the codes of flatbuffers.
const (
	nullType          = 1
	binaryType        = 4
	utf8Type          = 5
	listType          = 12
	structType        = 13
	unionType         = 14
	fixedSizeListType = 16
	mapType           = 17
	largeBinaryType   = 19
	largeUtf8Type     = 20
	largeListType     = 21
	runEndEncodedType = 22
	binaryViewType    = 23
	utf8ViewType      = 24
	listViewType      = 25
	largeListViewType = 26
)

// versionFive is Arrow's metadata version 5, since which unions and run-end
// encoded columns have no validity.
const versionFive = 4

// needs counts the entries that the library reads in the lists of a batch. The
// library reads the entries without a check of the lists' length.
type needs struct {
	nodes   int
	buffers int // those of views beyond the first two are counted in the batch
	views   int // columns whose count of buffers the batch states
	old     int // columns with one more buffer before version 5
}

func (n *needs) add(m needs) {
	n.nodes += m.nodes
	n.buffers += m.buffers
	n.views += m.views
	n.old += m.old
}

// layout is what the batches of a schema must have.
type layout struct {
	batch        needs
	dictionaries map[int64]needs // by id
}

// dictionary notes what the dictionary of an id must have. Two fields may share
// an id.
func (l *layout) dictionary(id int64, n needs) {
	had := l.dictionaries[id]
	l.dictionaries[id] = needs{
		max(had.nodes, n.nodes), max(had.buffers, n.buffers), max(had.views, n.views), max(had.old, n.old),
	}
}

// allowance bounds the work that a schema can cause. Many fields may point to
// the same text or list, and the library would make a copy for each field.
type allowance struct {
	fields, bytes int
}

func newAllowance(meta []byte) *allowance {
	return &allowance{fields: maxFields, bytes: 16*len(meta) + 1<<16}
}

// take takes n bytes from the allowance.
func (a *allowance) take(n int) error {
	if a.bytes -= n; a.bytes < 0 {
		return fmt.Errorf("%w: texts and lists that overlap", errMetadata)
	}
	return nil
}

// schemaLayout checks a schema and returns the layout required of its batches.
func schemaLayout(schema table) (*layout, error) {
	switch order, err := schema.uint16(0); {
	case err != nil:
		return nil, err
	case order != 0:
		return nil, errors.New("big-endian data; write them little-endian")
	}
	left := newAllowance(schema.data)
	if err := metadata(schema, 2, left); err != nil {
		return nil, err
	}
	l := &layout{dictionaries: map[int64]needs{}}
	err := schema.tables(1, func(field table) error {
		n, err := l.field(field, left, maxDepth)
		l.batch.add(n)
		return err
	})
	return l, err
}

// field checks a field and returns its needs in a batch.
func (l *layout) field(field table, left *allowance, depth int) (needs, error) {
	if left.fields--; left.fields < 0 {
		return needs{}, fmt.Errorf("%w: more than %d fields", errMetadata, maxFields)
	}
	if depth == 0 {
		return needs{}, fmt.Errorf("%w: fields nest more than %d deep", errMetadata, maxDepth)
	}
	if err := text(field, 0, left); err != nil {
		return needs{}, err
	}
	if err := metadata(field, 6, left); err != nil {
		return needs{}, err
	}
	var children needs
	err := field.tables(5, func(child table) error {
		n, err := l.field(child, left, depth-1)
		children.add(n)
		return err
	})
	if err != nil {
		return needs{}, err
	}
	own, err := typeNeeds(field, left)
	if err != nil {
		return needs{}, err
	}
	if own.nested {
		own.add(children)
	}
	encoding, coded, err := field.table(4)
	if err != nil || !coded {
		return own.needs, err
	}
	id, err := encoding.int64(0)
	l.dictionary(id, own.needs)
	return needs{nodes: 1, buffers: 2}, err // of the codes
}

// typeOf returns the needs of a type itself, without its children.
type typeOf struct {
	needs
	nested bool // its children are in the batch too
}

func typeNeeds(field table, left *allowance) (typeOf, error) {
	kind, err := field.uint8(2)
	if err != nil {
		return typeOf{}, err
	}
	data, ok, err := field.table(3)
	if err != nil || !ok {
		return typeOf{}, fmt.Errorf("%w: a field without a type", errMetadata)
	}
	switch kind {
	case nullType:
		return typeOf{needs: needs{nodes: 1}}, nil
	case binaryType, utf8Type, largeBinaryType, largeUtf8Type:
		return typeOf{needs: needs{nodes: 1, buffers: 3}}, nil
	case binaryViewType, utf8ViewType:
		return typeOf{needs: needs{nodes: 1, buffers: 2, views: 1}}, nil
	case structType, fixedSizeListType:
		return typeOf{needs{nodes: 1, buffers: 1}, true}, nil
	case listType, largeListType, mapType:
		return typeOf{needs{nodes: 1, buffers: 2}, true}, nil
	case listViewType, largeListViewType:
		return typeOf{needs{nodes: 1, buffers: 3}, true}, nil
	case runEndEncodedType:
		return typeOf{needs{nodes: 1, old: 1}, true}, nil
	case unionType:
		return unionNeeds(data, left)
	}
	return typeOf{needs: needs{nodes: 1, buffers: 2}}, nil
}

// unionNeeds checks the list of type ids in a union, too.
func unionNeeds(union table, left *allowance) (typeOf, error) {
	mode, err := union.uint16(0)
	if err != nil {
		return typeOf{}, err
	}
	_, ids, err := union.vector(1, 4)
	if err != nil {
		return typeOf{}, err
	}
	buffers := 1
	if mode != 0 { // dense
		buffers = 2
	}
	return typeOf{needs{nodes: 1, buffers: buffers, old: 1}, true}, left.take(4 * ids)
}

// text checks the text in field i.
func text(t table, i int, left *allowance) error {
	_, n, err := t.vector(i, 1)
	if err != nil {
		return err
	}
	return left.take(n)
}

// metadata checks the keys and values in field i.
func metadata(t table, i int, left *allowance) error {
	return t.tables(i, func(pair table) error {
		const words = 8 // of a table and of the place that points to it
		if err := left.take(words); err != nil {
			return err
		}
		for k := range 2 {
			if err := text(pair, k, left); err != nil {
				return err
			}
		}
		return nil
	})
}

// checkNeeds compares the lists of a batch of n nodes and buffers with the
// entries that the library will read.
func checkNeeds(batch table, want needs, nodes, buffers int, version uint16) error {
	at, counts, err := batch.vector(4, 8)
	if err != nil {
		return err
	}
	present, err := batch.field(4, 4)
	if err != nil {
		return err
	}
	if present != 0 && counts < want.views {
		return fmt.Errorf("%w: counts of buffers for %d columns, want %d", errMetadata, counts, want.views)
	}
	need := want.buffers
	if version < versionFive {
		need += want.old
	}
	for i := range counts {
		count := batch.uint64At(at + 8*i)
		if count > uint64(buffers) {
			return fmt.Errorf("%w: a column of %d buffers", errMetadata, count)
		}
		if i < want.views {
			need += int(count)
		}
	}
	if nodes < want.nodes || buffers < need {
		return fmt.Errorf("%w: %d columns and %d buffers in a batch, want %d and %d", errMetadata, nodes, buffers, want.nodes, need)
	}
	return nil
}
