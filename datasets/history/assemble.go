package history

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// assembler puts one partition after another together: it gathers the records
// of all sources, ranks the customers by id, sorts, and lays the events out in
// columns. It reuses its memory; one goroutine uses it.
type assembler struct {
	store   *Store
	bucket  Bucket
	records []uint64 // all records of the partition, gathered
	ids     []idRef  // customer ids of all sources, then sorted
	longs   []idRef  // long orders of all sources, then sorted
	ranks   [][]uint32
	longAt  [][]uint32
	long    int              // the half of a record that numbers its long order; -1 where the partition has none
	orders  datasets.Strings // distinct long orders, sorted: rank r is text r-1
	from    []int            // first record of each customer, after counting
	keys    []sortKey
	runs    []int     // scratch of the sort
	spare   []sortKey // likewise
	seen    orderTable
}

// idRef is a text of one source: the source's index and the text's number.
type idRef struct {
	text   []byte
	key    uint64 // the first eight bytes, as PackText has them
	source int
	number uint32
}

func newIDRef(text []byte, source, number int) idRef {
	key, _ := datasets.PackText(text)
	return idRef{text: text, key: key, source: source, number: uint32(number)}
}

func newAssembler(s *Store) *assembler { return &assembler{store: s} }

// assemble returns partition p. The bucket is valid until the next call.
func (a *assembler) assemble(p int) (*Bucket, error) {
	if err := a.gather(p); err != nil {
		return nil, fmt.Errorf("reading back bucket %d of the history: %w", p, err)
	}
	a.sortRecords()
	b := &a.bucket
	b.Index = p
	known := b.From[len(b.From)-1]
	b.Events = a.layOut(b.Events, a.keys[:known])
	b.Anonymous = a.layOut(b.Anonymous, a.keys[known:])
	for c := range b.Customers.Len() {
		a.numberOrders(&b.Events, b.From[c], b.From[c+1], a.keys)
	}
	a.numberBaskets(&b.Anonymous, a.keys[known:])
	return b, nil
}

// piece is what one source has of the partition.
type piece struct {
	worker  int
	blocks  [][]uint64
	members int
	longs   int
	mapped  bool // the blocks are the arena's
}

// gather copies the records of partition p together, with the customers
// replaced by their rank among the sorted ids, dimensions by their rank in the
// dictionary, and long orders by their rank among the sorted texts plus one.
func (a *assembler) gather(p int) error {
	a.ids, a.longs = a.ids[:0], a.longs[:0]
	var pieces []piece
	for i := range a.store.sources {
		src := &a.store.sources[i]
		if src.parts != nil {
			pieces = append(pieces, a.fromMemory(src, p, len(pieces)))
			continue
		}
		for _, s := range src.segments {
			if s.part != uint32(p) {
				continue
			}
			piece, err := a.fromSpill(src, s, len(pieces))
			if err != nil {
				return err
			}
			pieces = append(pieces, piece)
		}
	}
	a.rankCustomers(pieces)
	a.rankOrders(pieces)
	a.records = a.records[:0]
	a.from = resize(a.from, a.bucket.Customers.Len()+2)
	clear(a.from)
	for i, piece := range pieces {
		for _, block := range piece.blocks {
			from := len(a.records)
			a.records = append(a.records, block...)
			a.translate(a.records[from:], i, piece.worker)
			if piece.mapped {
				a.store.arena.release(block)
			}
		}
	}
	return nil
}

// fromMemory takes what an appender still holds of the partition, and lets it
// go.
func (a *assembler) fromMemory(src *source, p, number int) piece {
	part := &src.parts[p]
	for local, code := range part.members {
		a.ids = append(a.ids, newIDRef(src.customers.Text(code), number, local))
	}
	for i := range part.orders.Len() {
		a.longs = append(a.longs, newIDRef(part.orders.At(i), number, i))
	}
	blocks := part.full
	if len(part.current) > 0 {
		blocks = append(blocks, part.current)
	}
	got := piece{src.worker, blocks, len(part.members), part.orders.Len(), true}
	src.parts[p].release()
	return got
}

// release forgets what the part holds.
func (p *part) release() { *p = part{} }

// fromSpill reads a segment back.
func (a *assembler) fromSpill(src *source, s segment, number int) (piece, error) {
	words := s.rows * a.store.layout.words
	block := make([]uint64, words)
	if err := readAt(src.file, bytesOf(block), s.at); err != nil {
		return piece{}, err
	}
	text := make([]byte, s.customers+s.orders)
	if err := readAt(src.file, text, s.at+int64(words)*8); err != nil {
		return piece{}, err
	}
	var ids, longs datasets.Strings
	rest, err := readTexts(&ids, text, s.members)
	if err != nil {
		return piece{}, err
	}
	if _, err := readTexts(&longs, rest, s.longs); err != nil {
		return piece{}, err
	}
	for i := range ids.Len() {
		a.ids = append(a.ids, newIDRef(ids.At(i), number, i))
	}
	for i := range longs.Len() {
		a.longs = append(a.longs, newIDRef(longs.At(i), number, i))
	}
	return piece{src.worker, [][]uint64{block}, s.members, s.longs, false}, nil
}

func readAt(f *spillFile, dst []byte, at int64) error {
	if len(dst) == 0 {
		return nil
	}
	_, err := f.file.ReadAt(dst, at)
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// rankCustomers sorts the ids of all pieces, fills the bucket's customers with
// the distinct ones and notes the rank of each piece's numbers.
func (a *assembler) rankCustomers(pieces []piece) {
	a.ranks = resize(a.ranks, len(pieces))
	for i, p := range pieces {
		a.ranks[i] = resize(a.ranks[i], p.members)
	}
	a.bucket.Customers.Reset()
	rank(a.ids, &a.bucket.Customers, a.ranks, 0)
}

// rankOrders does the same for the long orders; their ranks begin at one.
func (a *assembler) rankOrders(pieces []piece) {
	a.longAt = resize(a.longAt, len(pieces))
	for i, p := range pieces {
		a.longAt[i] = resize(a.longAt[i], p.longs)
	}
	a.orders.Reset()
	rank(a.longs, &a.orders, a.longAt, 1)
	a.long = a.store.layout.longOrder
	if a.orders.Len() == 0 {
		a.long = -1
	}
}

// rank sorts the texts, appends the distinct ones to dst, and writes the place
// of each, counted from base, to ranks[source][number].
func rank(refs []idRef, dst *datasets.Strings, ranks [][]uint32, base uint32) {
	slices.SortFunc(refs, func(x, y idRef) int {
		if x.key != y.key {
			return cmp.Compare(x.key, y.key)
		}
		return bytes.Compare(x.text, y.text)
	})
	for i, r := range refs {
		if i == 0 || !bytes.Equal(r.text, refs[i-1].text) {
			dst.Append(r.text)
		}
		ranks[r.source][r.number] = uint32(dst.Len()-1) + base
	}
}

// translate replaces a source's own numbers in the records by ranks, and counts
// the records of each customer.
func (a *assembler) translate(records []uint64, source, worker int) {
	l := &a.store.layout
	counts, nobody := a.from[1:], a.bucket.Customers.Len()
	ranks, longs := a.ranks[source], a.longAt[source]
	dims := &a.store.ranks[worker]
	products := dims[datasets.Product]
	for at := 0; at < len(records); at += l.words {
		record := records[at : at+l.words : at+l.words]
		keys := record[wordKeys]
		if customer := uint32(keys >> 32); customer != anonymous {
			rank := ranks[customer]
			keys = keys&0xFFFFFFFF | uint64(rank)<<32
			counts[rank]++
		} else {
			counts[nobody]++
		}
		if product := keys & noProduct; product != noProduct {
			keys = keys&^noProduct | uint64(products[product])
		}
		record[wordKeys] = keys
		if a.long >= 0 {
			if n := half(record, a.long); n != noLongOrder {
				replaceHalf(record, a.long, longs[n-1])
			}
		}
		if l.plain {
			continue
		}
		for d, h := range l.dims {
			if h < 0 {
				continue
			}
			if code := half(record, h); code != datasets.NoCode {
				replaceHalf(record, h, dims[d][code])
			}
		}
	}
}
