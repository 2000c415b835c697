package history

import (
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// Appender scatters one worker's line items into the partitions.
type Appender struct {
	builder *Builder
	worker  int

	longIDs  datasets.Interner // code → id longer than a word; forgotten at every spill
	places   []place           // code → where the customer's slips go
	known    addresses         // of the customers in the dictionary of the batch before
	dims     [datasets.Slots]datasets.Interner
	current  [partitions][]uint64 // the blocks being filled, apart from parts, so that the nearest cache holds them
	parts    [partitions]part
	used     int64     // bytes of blocks and texts held
	next     int       // the partition to be spilled next
	segments []segment // what was spilled
	spilled  int64     // bytes of them
	out      []byte    // scratch: what is written for a partition

	fresh       uint64 // freshBit, or 0 while a kept history is replayed
	first, last datasets.Moment
	clock       bool // some time is not midnight
	days        dayCounts
	rows        int64

	codes     [datasets.Slots][]uint32 // scratch: a code per row of the batch
	packed    []uint64                 // scratch: the packed lines of the rows to be scattered, and usualLines more words
	allPacked bool                     // the rows to be scattered all fit a word
	luts      [datasets.Slots]lut
	begins    []uint8  // scratch: 1 where a slip begins at this row
	starts    []uint32 // scratch: the rows at which slips begin, and the number of rows
	heads     []head   // scratch
	text      []byte

	touched uint64 // keeps touch from being optimised away
}

// part is the data of one partition in an appender.
type part struct {
	full    [][]uint64       // blocks that are full
	members []uint32         // codes of long ids, by number in the partition
	orders  datasets.Strings // texts of orders longer than eight bytes
}

func newAppender(b *Builder, worker int) *Appender {
	return &Appender{
		builder: b, worker: worker, fresh: freshBit,
		first: 1<<63 - 1, last: -1 << 63,
	}
}

// Append takes the line items of a batch. The batch may be reused afterwards.
func (a *Appender) Append(t *datasets.Transactions) error {
	a.number(t)
	order := t.Order
	if !a.builder.layout.columns.Order {
		order = nil
	}
	if err := a.scatter(t, t.Customer, order, t.Rows); err != nil {
		return err
	}
	if err := a.scatter(t, nil, order, t.Anonymous); err != nil {
		return err
	}
	a.rows += int64(len(t.Rows) + len(t.Anonymous))
	return a.spillIfOver()
}

// head is the head of a slip that is being written.
type head struct {
	time     datasets.Moment
	customer uint64
	order    uint64
	long     uint64 // number of the long order
	info     uint64 // flags, and the seconds unless exactTimeBit is among the flags
	part     uint32
	from, to uint32 // the first of its rows, by place in the list of rows, and the one after the last
}

// headsAtOnce is the number of slips addressed together, so that the waits for
// memory overlap.
const headsAtOnce = 256

// scatter writes the given rows as slips of their customers' partitions. Without
// a column of customers, slips go to the partition of their order, so that the
// lines of a basket meet.
func (a *Appender) scatter(t *datasets.Transactions, customer, order *datasets.Column, rows []uint32) error {
	a.packed = resize(a.packed, len(rows)+usualLines)
	a.allPacked = packLines(a.packed[:len(rows)], a.codesOf(t, datasets.Product), t, rows)
	plain := a.builder.layout.plain()
	a.cut(t.Time, customer, order, rows)
	for starts := a.starts; len(starts) > 1; {
		starts = a.takeHeads(t.Time, rows, starts)
		if customer != nil {
			a.addressTo(customer, rows)
		} else {
			a.addressByOrder(order, rows)
		}
		if order != nil {
			a.enterOrders(order, rows)
		}
		a.touch()
		for i := range a.heads {
			h := &a.heads[i]
			if plain && a.writeUsual(h) {
				continue
			}
			if err := a.write(h, t, rows); err != nil {
				return err
			}
		}
	}
	return nil
}

// touch reads the words about to be written. Slips go to a thousand places, few
// in the nearest cache: touched together, the waits overlap.
func (a *Appender) touch() {
	sum := uint64(0)
	for i := range a.heads {
		block := a.current[a.heads[i].part]
		if n := len(block); n+touchAhead < cap(block) {
			sum += block[:n+touchAhead+1][n] + block[:n+touchAhead+1][n+touchAhead]
		}
	}
	a.touched = sum
}

// touchAhead is the distance to the cache line after the first.
const touchAhead = 8

// takeHeads begins the headers of the next slips, up to headsAtOnce, and
// returns the remaining starts. Each slip begins at one of starts; at the end
// of the rows, the last start is only the end.
func (a *Appender) takeHeads(times []datasets.Moment, rows, starts []uint32) []uint32 {
	n := min(len(starts)-1, headsAtOnce)
	a.heads = resize(a.heads, n)
	for i := range a.heads {
		from, to := starts[i], starts[i+1]
		t := times[rows[from]]
		a.observe(t, int(to-from))
		info, whole := packTime(t)
		if !whole {
			info = exactTimeBit
		}
		a.heads[i] = head{time: t, info: info | a.fresh, from: from, to: to}
	}
	return starts[n:]
}

// enterOrders enters the orders.
func (a *Appender) enterOrders(order *datasets.Column, rows []uint32) {
	if order.Kind == datasets.Text && order.Codes == nil && order.Valid == nil && order.Texts.Trimmed {
		for i := range a.heads {
			h := &a.heads[i]
			row := int(rows[h.from])
			var short bool
			if h.order, short = order.Texts.Pack(row); !short {
				h.long = a.numberOf(&a.parts[h.part], order.Texts.At(row))
			}
		}
		return
	}
	for i := range a.heads {
		h := &a.heads[i]
		var number []byte
		number, a.text = textOf(order, int(rows[h.from]), a.text)
		var short bool
		if h.order, short = datasets.PackText(number); !short {
			h.long = a.numberOf(&a.parts[h.part], number)
		}
	}
}

// numberOf adds the text of an order longer than eight bytes to the partition's
// list, unless the same text was added last, and returns its number, from one.
func (a *Appender) numberOf(p *part, order []byte) uint64 {
	n := p.orders.Len()
	if n == 0 || string(p.orders.At(n-1)) != string(order) {
		p.orders.Append(order)
		a.used += orderBytes(order)
		n++
	}
	return uint64(n)
}

// usualLines is the number of lines written at once: few slips have more lines,
// and their number is unpredictable.
const usualLines = 4

// writeUsual writes a slip of packed lines without optional parts in header or
// lines, the most usual kind. The result is false for any other slip, and where
// the block has no space left.
func (a *Appender) writeUsual(h *head) bool {
	current := &a.current[h.part]
	n, lines := len(*current), int(h.to-h.from)
	end := n + headWords + max(lines, usualLines)
	if h.info&exactTimeBit != 0 || h.long != noLongOrder || end > cap(*current) {
		return false
	}
	if !a.allPacked && slices.Contains(a.packed[h.from:h.to], notPacked) {
		return false
	}
	dst, packed := (*current)[n:end], a.packed[h.from:]
	dst[headInfo] = h.info | uint64(lines) // which are packed: the form is 0
	dst[headCustomer] = h.customer
	dst[headWords-backOrder] = h.order
	*(*[usualLines]uint64)(dst[headWords:]) = *(*[usualLines]uint64)(packed)
	for k := usualLines; k < lines; k++ {
		dst[headWords+k] = packed[k]
	}
	*current = (*current)[:n+headWords+lines]
	return true
}

// write writes a slip to its partition, or several slips where the block is too
// small.
func (a *Appender) write(h *head, t *datasets.Transactions, rows []uint32) error {
	length := mostFixed + a.builder.layout.rest // of a line at most
	for from := int(h.from); from < int(h.to); {
		current := &a.current[h.part]
		n, to := len(*current), int(h.to)
		room := (*current)[n:cap(*current)]
		if mostHead+(to-from)*length > len(room) {
			if to = from + (len(room)-mostHead)/length; to <= from {
				if err := a.newBlock(h.part); err != nil {
					return err
				}
				continue
			}
		}
		*current = (*current)[:n+a.slip(room, h, t, rows[from:to], a.packed[from:to])]
		from = to
	}
	return nil
}

// slip writes a slip to dst, which has space for any slip, and returns the
// length.
func (a *Appender) slip(dst []uint64, h *head, t *datasets.Transactions, rows []uint32, lines []uint64) int {
	dst[headCustomer] = h.customer
	info, first := h.info|uint64(len(rows)), headCustomer+1
	if info&exactTimeBit != 0 {
		dst[first] = uint64(h.time)
		first++
	}
	if h.long != noLongOrder {
		info |= longOrderBit
		dst[first] = h.long
		first++
	}
	dst[first] = h.order
	first++
	for f := packed; ; f++ {
		if n, ok := a.fill(dst[first:], f, t, rows, lines); ok {
			dst[headInfo] = info | uint64(f)<<formShift
			return first + n
		}
	}
}

// fill writes lines in a form, and returns the length of the written words. The
// result is false, and the words are undefined, where a line does not fit the
// form.
func (a *Appender) fill(dst []uint64, f form, t *datasets.Transactions, rows []uint32, lines []uint64) (n int, ok bool) {
	rest := a.builder.layout.rest
	length, fixed := f.words()+rest, f.words()
	dst = dst[:len(rows)*length]
	for k, i := range rows {
		line := dst[k*length : (k+1)*length]
		switch f {
		case packed:
			if line[0] = lines[k]; line[0] == notPacked {
				return 0, false
			}
		default:
			if ok := a.fillFull(line, f, t, i); !ok {
				return 0, false
			}
		}
		if rest > 0 {
			a.fillRest(line[fixed:], t, i)
		}
	}
	return len(dst), true
}

// fillFull writes the common parts of every line in a form that is not packed.
func (a *Appender) fillFull(line []uint64, f form, t *datasets.Transactions, i uint32) (ok bool) {
	product := datasets.NoCode
	if products := a.codesOf(t, datasets.Product); products != nil {
		product = products[i]
	}
	line[0], ok = packFull(product, t.Quantity[i], t.Return[i])
	line[1] = uint64(t.Amount[i])
	if f == wide {
		line[2], ok = uint64(t.Quantity[i]), true
	}
	return ok
}

// fillRest writes the optional words of a line.
func (a *Appender) fillRest(rest []uint64, t *datasets.Transactions, i uint32) {
	l := &a.builder.layout
	clear(rest)
	for h, d := range l.dims {
		code := datasets.NoCode
		if codes := a.codesOf(t, d); codes != nil {
			code = codes[i]
		}
		setHalf(rest, h, code)
	}
	if l.cost >= 0 {
		rest[l.cost] = uint64(moneyAt(t.Cost, i))
	}
	if l.discount >= 0 {
		rest[l.discount] = uint64(moneyAt(t.Discount, i))
	}
}

// codesOf returns the codes of a dimension by row, or nil where the batch or the
// history has none.
func (a *Appender) codesOf(t *datasets.Transactions, d datasets.Dimension) []uint32 {
	if t.Dims[d] == nil || !a.builder.layout.mapped[d] {
		return nil
	}
	return a.codes[d]
}

func moneyAt(column []datasets.Money, i uint32) datasets.Money {
	if column == nil {
		return datasets.NoMoney
	}
	return column[i]
}

// observe notes the first and the last time, whether any is not midnight, and how
// many lines have which day.
func (a *Appender) observe(t datasets.Moment, lines int) {
	a.first, a.last = min(a.first, t), max(a.last, t)
	day := t.Day()
	a.clock = a.clock || t != datasets.Moment(day)*datasets.FullDay
	a.days.add(day, lines)
}

// newBlock puts the full block of a partition away and starts another.
func (a *Appender) newBlock(p uint32) error {
	if block := a.current[p]; len(block) > 0 {
		a.parts[p].full = append(a.parts[p].full, block)
	}
	a.used += blockBytes
	block, err := a.builder.blocks.Take()
	a.current[p] = block[:0]
	return err
}

// close puts the last block of a partition away.
func (a *Appender) close(p uint32) {
	if block := a.current[p]; len(block) > 0 {
		a.parts[p].full = append(a.parts[p].full, block)
	}
	a.current[p] = nil
}

// spillIfOver writes to disk once this worker's share of the budget is used.
func (a *Appender) spillIfOver() error {
	share := a.builder.config.Memory / int64(len(a.builder.appenders))
	if a.builder.config.Memory <= 0 || a.used+a.longIDs.Bytes()+8*int64(cap(a.places)) <= share {
		return nil
	}
	if err := a.flush(share - share/flushedAtOnce); err != nil {
		return fmt.Errorf("spilling the history: %w", err)
	}
	return nil
}

// resize returns a slice of length n, reusing s where it is large enough. The
// contents are unspecified.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}
