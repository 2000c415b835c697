package history

import (
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/offheap"
)

// assembler assembles one partition at a time: the slips of all sources are
// gathered, customers are ranked by id, slips are sorted, and lines are laid
// out in columns. An assembler reuses its memory, and belongs to one goroutine.
type assembler struct {
	store     *Store
	bucket    Bucket
	blocks    []block
	slips     []slip // of known customers, as gathered
	sorted    []slip // of known customers, sorted
	anonymous []slip // sorted
	customers customers
	members   textRanks        // long ids
	longs     textRanks        // long orders; their ranks begin at one
	orders    datasets.Strings // distinct long orders, sorted: rank r is text r-1
	from      []int            // first slip of each customer, after counting

	direct bool           // packed lines can be laid out as words: see layOutSlip
	group  []lineRef      // lines of one customer, time and order
	lines  []lineRef      // all lines of the partition, in their order; empty where the fixed columns hold all
	shelf  *offheap.Shelf // where the worker's blocks go
	given  [][]uint64     // scratch of release
	read   []uint64       // slips that were spilled
	runs   []int          // scratch of the sort
	spare  []slip         // likewise
	seen   orderTable

	touched uint64 // keeps touch from being optimised away
}

// slip holds the sort keys and the place of a slip.
type slip struct {
	time     datasets.Moment
	order    uint64 // the first eight bytes, as PackText has them
	customer uint32 // number, as customers has it
	info     uint32 // flags and number of lines, as headInfo has them
	block    uint32 // index of the block
	at       uint32 // where its lines begin
}

// block is a run of slips with the tables of their numbers.
type block struct {
	words  []uint64
	ranks  *[datasets.Slots][]uint32 // of each dimension's codes
	packed productRanks              // of the products of packed lines
	ids    []uint32                  // ranks of the long ids
	orders []uint32                  // ranks of the long orders
	mapped bool                      // the words are a block to be given back
}

func newAssembler(s *Store, worker int) *assembler {
	return &assembler{store: s, shelf: s.blocks.Shelf(worker), direct: s.packed != nil && s.layout.plain() && s.folder == nil}
}

// assemble returns partition p. The bucket is valid until the next call.
func (a *assembler) assemble(p int) (*Bucket, error) {
	if err := a.gather(p); err != nil {
		return nil, fmt.Errorf("reading back bucket %d of the history: %w", p, err)
	}
	a.bucket.Index = p
	lines := a.readHeads()
	a.sortSlips()
	a.layOut(lines)
	return &a.bucket, nil
}

// release gives back the memory of the slips, of which the bucket holds copies.
func (a *assembler) release() {
	for _, b := range a.blocks {
		if b.mapped {
			a.given = append(a.given, b.words)
		}
	}
	a.shelf.Give(a.given...)
	a.blocks, a.given = a.blocks[:0], a.given[:0]
}

// gather collects the blocks of partition p, and ranks the texts of these
// blocks.
func (a *assembler) gather(p int) error {
	a.blocks = a.blocks[:0]
	a.members.reset()
	a.longs.reset()
	words := 0
	for i := range a.store.sources {
		if segments := a.store.sources[i].segments; segments != nil {
			for _, s := range segments[p] {
				words += s.words
			}
		}
	}
	a.read = resize(a.read, words)
	read := a.read
	for i := range a.store.sources {
		src := &a.store.sources[i]
		if src.parts != nil {
			a.fromMemory(src, p)
			continue
		}
		for _, s := range src.segments[p] {
			if err := a.fromSpill(src, s, read[:s.words]); err != nil {
				return err
			}
			read = read[s.words:]
		}
	}
	a.customers.reset()
	a.members.rank(&a.customers.long, 0)
	a.orders.Reset()
	a.longs.rank(&a.orders, 1)
	return nil
}

// fromMemory takes the slips of the partition that an appender still holds, and
// releases the memory.
func (a *assembler) fromMemory(src *source, p int) {
	part := &src.parts[p]
	b := block{ranks: &a.store.ranks[src.worker], packed: a.store.packedRanks(src.worker), mapped: true}
	b.ids = a.members.source(len(part.members), func(i int) []byte { return src.longIDs.Text(part.members[i]) })
	b.orders = a.longs.source(part.orders.Len(), part.orders.At)
	for _, words := range part.full {
		b.words = words
		a.blocks = append(a.blocks, b)
	}
	src.parts[p].forget()
}

func (p *part) forget() { *p = part{} }

// fromSpill reads the slips of a segment back into the given words, and releases
// the segment.
func (a *assembler) fromSpill(src *source, s segment, words []uint64) error {
	b := block{ranks: &a.store.ranks[src.worker], packed: a.store.packedRanks(src.worker), words: words}
	if err := a.store.spill.Read(offheap.Bytes(words), s.at, 0); err != nil {
		return err
	}
	text := make([]byte, s.texts)
	if err := a.store.spill.Read(text, s.at, 8*int64(s.words)); err != nil {
		return err
	}
	a.store.spill.Free(s.at)
	var ids, orders datasets.Strings
	rest, err := readTexts(&ids, text, s.members)
	if err == nil {
		_, err = readTexts(&orders, rest, s.longs)
	}
	if err != nil {
		return a.store.spill.Damaged(err.Error())
	}
	b.ids = a.members.source(ids.Len(), ids.At)
	b.orders = a.longs.source(orders.Len(), orders.At)
	a.blocks = append(a.blocks, b)
	return nil
}

// readHeads walks the blocks, fills the slips and numbers their customers. The
// result is the number of lines with a customer and without.
func (a *assembler) readHeads() (lines [2]int) {
	a.slips, a.anonymous = a.slips[:0], a.anonymous[:0]
	l := &a.store.layout
	for i := range a.blocks {
		b := &a.blocks[i]
		a.touch(b.words)
		for at := 0; at < len(b.words); {
			head := b.words[at : at+headWords : at+headWords]
			s := slip{time: unpackTime(head[headInfo]), info: uint32(head[headInfo]), block: uint32(i)}
			customer := head[headCustomer]
			at += headWords
			if s.info&(exactTimeBit|longOrderBit) != 0 {
				at += s.optional(b.words[at-backOrder:])
			}
			s.at, s.order = uint32(at), b.words[at-backOrder]
			n := s.lines()
			at += n * (formOf(s.info).words() + l.rest)
			if s.info&anonymousBit != 0 {
				a.anonymous = append(a.anonymous, s)
				lines[1] += n
				continue
			}
			if s.info&longIDBit != 0 {
				s.customer = longNumber | b.ids[customer]
			} else {
				s.customer = a.customers.number(customer)
			}
			a.slips = append(a.slips, s)
			lines[0] += n
		}
	}
	return lines
}

// touch reads words from memory, many at once, before they are read in turn.
func (a *assembler) touch(words []uint64) {
	sum := uint64(0)
	for i := 0; i < len(words); i += 8 {
		sum += words[i]
	}
	a.touched = sum
}

// optional reads the optional words of a header, and returns their number.
func (s *slip) optional(words []uint64) int {
	n := 0
	if s.info&exactTimeBit != 0 {
		s.time = datasets.Moment(words[0])
		n++
	}
	if s.info&longOrderBit != 0 {
		n++
	}
	return n
}

// lines returns the number of lines.
func (s *slip) lines() int { return int(s.info & linesMask) }

// longOrder returns the rank of a slip's order among the long ones.
func (a *assembler) longOrder(s *slip) uint32 {
	if s.info&longOrderBit == 0 {
		return noLongOrder
	}
	b := &a.blocks[s.block]
	return b.orders[b.words[s.at-backLong]-1]
}
