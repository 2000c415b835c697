package history

import (
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/quintile-dev/quintile/datasets"
)

// anonymous stands in place of a customer in the records of lines without one.
const anonymous = ^uint32(0)

// Appender scatters one worker's line items into the partitions.
type Appender struct {
	builder *Builder
	worker  int
	spill   *spillFile

	customers datasets.Interner // code → id; forgotten at every spill
	places    []place           // code → where the customer's records go
	dims      [datasets.Dimensions]datasets.Interner
	parts     [partitions]part
	used      int64     // bytes of blocks and ids held
	segments  []segment // what was spilled

	fresh       uint64 // freshBit, or 0 while a kept history is replayed
	first, last datasets.Moment
	clock       bool // some time is not midnight
	rows        int64

	codes      [datasets.Dimensions][]uint32 // scratch: a code per row of the batch
	orders     []uint64                      // scratch: the packed order per row
	longOrders bool                          // some order of the batch is longer than eight bytes
	ids        []uint32                      // scratch: the customer per row
	luts       [datasets.Dimensions + 1][]uint32
	text       []byte
	runs       []textRun        // scratch of lookUpTexts
	probes     []datasets.Probe // likewise
	where      []place          // likewise, of scatter
}

// place is where a customer's records go: a partition, and the customer's
// number in it.
type place struct{ part, local uint32 }

// part is what an appender holds of one partition.
type part struct {
	full    [][]uint64       // blocks that are full
	current []uint64         // the block being filled
	members []uint32         // customer codes, by number in the partition
	orders  datasets.Strings // texts of orders longer than eight bytes
	rows    int
}

func newAppender(b *Builder, worker int) *Appender {
	return &Appender{
		builder: b, worker: worker, fresh: freshBit,
		spill: &spillFile{dir: b.config.TempDir},
		first: 1<<63 - 1, last: -1 << 63,
	}
}

// Append takes the line items of a batch. The batch may be reused afterwards.
func (a *Appender) Append(t *datasets.Transactions) error {
	a.number(t)
	a.ids = resize(a.ids, len(t.Time))
	a.lookUp(a.ids, t.Customer, t.Rows, datasets.Dimensions, &a.customers)
	a.placeNewCustomers()
	a.packOrders(t)
	if err := a.scatter(t, t.Rows); err != nil {
		return err
	}
	for _, i := range t.Anonymous {
		if err := a.put(t, i, a.anonymousPart(t, i), anonymous); err != nil {
			return err
		}
	}
	a.observe(t.Time, t.Rows)
	a.observe(t.Time, t.Anonymous)
	a.rows += int64(len(t.Rows) + len(t.Anonymous))
	return a.spillIfOver()
}

// number gives every text of the batch's dimensions its code.
func (a *Appender) number(t *datasets.Transactions) {
	for d, column := range t.Dims {
		if column == nil || !a.builder.layout.columns.Dims[d] {
			continue
		}
		a.codes[d] = resize(a.codes[d], len(t.Time))
		a.lookUp(a.codes[d], column, t.Rows, d, &a.dims[d])
		if len(t.Anonymous) > 0 {
			a.lookUpMore(a.codes[d], column, t.Anonymous, d, &a.dims[d])
		}
	}
}

// lookUp fills dst with the codes of the texts in the given rows. A column that
// comes with a dictionary is looked up once per entry in use.
func (a *Appender) lookUp(dst []uint32, c *datasets.Column, rows []uint32, slot int, in *datasets.Interner) {
	if c.Kind == datasets.Text && c.Codes != nil {
		a.luts[slot] = resize(a.luts[slot], c.Dict.Len())
		clear(a.luts[slot])
	}
	a.lookUpMore(dst, c, rows, slot, in)
}

func (a *Appender) lookUpMore(dst []uint32, c *datasets.Column, rows []uint32, slot int, in *datasets.Interner) {
	switch {
	case c.Kind == datasets.Text && c.Codes != nil:
		for part := range slices.Chunk(rows, lookUpRows) {
			a.lookUpCodes(dst, c, part, a.luts[slot], in)
		}
	case c.Kind == datasets.Text:
		for part := range slices.Chunk(rows, lookUpRows) {
			a.lookUpTexts(dst, c, part, in)
		}
	case c.Kind == datasets.Int:
		last, code := int64(0), datasets.NoCode // no code yet
		for _, i := range rows {
			if !c.Valid.Get(int(i)) {
				dst[i] = datasets.NoCode
				continue
			}
			if v := c.Ints[i]; v != last || code == datasets.NoCode {
				a.text = c.AppendText(a.text[:0], int(i))
				last, code = v, codeOf(in, a.text)
			}
			dst[i] = code
		}
	default:
		for _, i := range rows {
			a.text = c.AppendText(a.text[:0], int(i))
			dst[i] = codeOf(in, a.text)
		}
	}
}

// lookUpRows is the number of rows whose lookups wait for memory together.
const lookUpRows = 512

// textRun is a stretch of rows with the same text: lines of an order follow one
// another, and share much.
type textRun struct {
	text []byte
	to   int // the row after the last; in lookUpCodes, the entry of the dictionary
}

// lookUpTexts fills dst for a few rows of a column of plain texts.
func (a *Appender) lookUpTexts(dst []uint32, c *datasets.Column, rows []uint32, in *datasets.Interner) {
	a.runs, a.probes = a.runs[:0], a.probes[:0]
	for at, i := range rows {
		var text []byte
		if c.Valid.Get(int(i)) {
			text = c.TextAt(int(i))
		}
		if last := len(a.runs) - 1; last >= 0 && string(a.runs[last].text) == string(text) {
			a.runs[last].to = at + 1
			continue
		}
		a.runs = append(a.runs, textRun{text, at + 1})
		a.probes = append(a.probes, datasets.ProbeFor(text))
	}
	in.Touch(a.probes)
	at := 0
	for r, run := range a.runs {
		code := datasets.NoCode
		if len(run.text) > 0 {
			code = in.CodeOf(run.text, a.probes[r])
		}
		for ; at < run.to; at++ {
			dst[rows[at]] = code
		}
	}
}

// pending marks an entry of a dictionary that is about to be looked up.
const pending = datasets.NoCode - 1

// lookUpCodes fills dst for a few rows of a column that comes with a
// dictionary. lut holds, for each entry met, one more than its code.
func (a *Appender) lookUpCodes(dst []uint32, c *datasets.Column, rows []uint32, lut []uint32, in *datasets.Interner) {
	a.runs, a.probes = a.runs[:0], a.probes[:0]
	for _, i := range rows {
		code := c.Codes[i]
		if lut[code] != 0 || !c.Valid.Get(int(i)) {
			continue
		}
		lut[code] = pending
		text := c.TextAt(int(i))
		a.runs = append(a.runs, textRun{text, int(code)})
		a.probes = append(a.probes, datasets.ProbeFor(text))
	}
	in.Touch(a.probes)
	for r, run := range a.runs {
		code := datasets.NoCode
		if len(run.text) > 0 {
			code = in.CodeOf(run.text, a.probes[r])
		}
		lut[run.to] = code + 1 // which is 0, to be looked up again, for the empty text
	}
	for _, i := range rows {
		if c.Valid.Get(int(i)) {
			dst[i] = lut[c.Codes[i]] - 1
		} else {
			dst[i] = datasets.NoCode
		}
	}
}

// codeOf numbers a text; the empty text is a missing value.
func codeOf(in *datasets.Interner, text []byte) uint32 {
	if len(text) == 0 {
		return datasets.NoCode
	}
	return in.Code(text)
}

// placeNewCustomers gives every customer seen for the first time a partition
// and a number in it.
func (a *Appender) placeNewCustomers() {
	for code := len(a.places); code < a.customers.Len(); code++ {
		p := partitionOf(a.customers.Text(uint32(code)))
		local := uint32(len(a.parts[p].members))
		a.parts[p].members = append(a.parts[p].members, uint32(code))
		a.places = append(a.places, place{part: p, local: local})
	}
}

// partitionOf spreads ids evenly. It is part of the format of a kept history.
func partitionOf(id []byte) uint32 { return uint32(xxhash.Sum64(id) >> 56) }

// anonymousPart is the partition of a line without a customer: that of its
// order, so that the lines of a basket meet.
func (a *Appender) anonymousPart(t *datasets.Transactions, i uint32) uint32 {
	if t.Order == nil {
		return 0
	}
	a.text = t.Order.AppendText(a.text[:0], int(i))
	return partitionOf(a.text)
}

// scatter writes the given rows as records of their customers' partitions. It
// does what put does, without looking at what the whole batch has or has not.
func (a *Appender) scatter(t *datasets.Transactions, rows []uint32) error {
	if !a.builder.layout.plain || a.longOrders || !a.hasProducts(t) {
		for _, i := range rows {
			p := a.places[a.ids[i]]
			if err := a.put(t, i, p.part, p.local); err != nil {
				return err
			}
		}
		return nil
	}
	words := a.builder.layout.words
	products := a.codes[datasets.Product]
	a.where = resize(a.where, len(rows))
	for r, i := range rows { // apart, so that the waits for memory overlap
		a.where[r] = a.places[a.ids[i]]
	}
	for r, i := range rows {
		place := a.where[r]
		part := &a.parts[place.part]
		n := len(part.current)
		if n+words > cap(part.current) {
			if err := a.newBlock(part); err != nil {
				return err
			}
			n = 0
		}
		part.current = part.current[:n+words]
		record := part.current[n : n+words : n+words]
		part.rows++
		record[wordKeys] = uint64(place.local)<<32 | a.fresh | uint64(min(products[i], noProduct)) | returnFlag(t.Return[i])
		record[wordTime] = uint64(t.Time[i])
		record[wordOrder] = a.orders[i]
		record[wordQuantity] = uint64(t.Quantity[i])
		record[wordAmount] = uint64(t.Amount[i])
		if words > fixedWords {
			record[fixedWords] = 0
		}
	}
	return nil
}

// hasProducts reports whether the batch brings a column of products that the
// history holds.
func (a *Appender) hasProducts(t *datasets.Transactions) bool {
	return t.Dims[datasets.Product] != nil && a.builder.layout.columns.Dims[datasets.Product]
}

func returnFlag(returned bool) uint64 {
	if returned {
		return returnBit
	}
	return 0
}

// put writes row i of the batch as a record of partition p.
func (a *Appender) put(t *datasets.Transactions, i, p, local uint32) error {
	l, part := &a.builder.layout, &a.parts[p]
	if len(part.current)+l.words > cap(part.current) {
		if err := a.newBlock(part); err != nil {
			return err
		}
	}
	n := len(part.current)
	part.current = part.current[:n+l.words]
	record := part.current[n : n+l.words : n+l.words]
	part.rows++

	product := uint64(noProduct)
	if a.hasProducts(t) {
		product = uint64(min(a.codes[datasets.Product][i], noProduct))
	}
	record[wordKeys] = uint64(local)<<32 | a.fresh | product | returnFlag(t.Return[i])
	record[wordTime] = uint64(t.Time[i])
	record[wordOrder] = a.orders[i]
	record[wordQuantity] = uint64(t.Quantity[i])
	record[wordAmount] = uint64(t.Amount[i])
	clear(record[fixedWords:])
	if a.longOrders {
		a.putLongOrder(record, part, t.Order, i)
	}
	for d, h := range l.dims {
		if h < 0 {
			continue
		}
		code := datasets.NoCode
		if t.Dims[d] != nil {
			code = a.codes[d][i]
		}
		setHalf(record, h, code)
	}
	if l.cost >= 0 {
		record[l.cost] = uint64(moneyAt(t.Cost, i))
	}
	if l.discount >= 0 {
		record[l.discount] = uint64(moneyAt(t.Discount, i))
	}
	return nil
}

func moneyAt(column []datasets.Money, i uint32) datasets.Money {
	if column == nil {
		return datasets.NoMoney
	}
	return column[i]
}

// observe notes the first and the last time of the rows, and whether any is not
// midnight.
func (a *Appender) observe(times []datasets.Moment, rows []uint32) {
	first, last, clock := a.first, a.last, a.clock
	for _, i := range rows {
		first, last = min(first, times[i]), max(last, times[i])
		clock = clock || times[i]%datasets.FullDay != 0
	}
	a.first, a.last, a.clock = first, last, clock
}

// packOrders fills the scratch with the first eight bytes of each row's order,
// and notes whether any order is longer.
func (a *Appender) packOrders(t *datasets.Transactions) {
	a.orders = resize(a.orders, len(t.Time))
	a.longOrders = false
	if t.Order == nil || !a.builder.layout.columns.Order {
		clear(a.orders)
		return
	}
	for _, rows := range [...][]uint32{t.Rows, t.Anonymous} {
		a.packRows(t.Order, rows)
	}
}

func (a *Appender) packRows(c *datasets.Column, rows []uint32) {
	var last []byte // lines of an order follow one another
	var key uint64
	short := true
	for _, i := range rows {
		if c.Kind != datasets.Text {
			a.text = c.AppendText(a.text[:0], int(i))
			key, short = datasets.PackText(a.text)
		} else if !c.Valid.Get(int(i)) {
			a.orders[i] = 0
			continue
		} else if text := c.TextAt(int(i)); string(text) != string(last) {
			last = text
			key, short = datasets.PackText(text)
		}
		a.orders[i] = key
		a.longOrders = a.longOrders || !short
	}
}

// putLongOrder adds the text of an order longer than eight bytes to the
// partition's list, unless it is the text that was added last.
func (a *Appender) putLongOrder(record []uint64, p *part, c *datasets.Column, i uint32) {
	var text []byte
	if c.Kind == datasets.Text {
		if !c.Valid.Get(int(i)) {
			return
		}
		text = c.TextAt(int(i))
	} else {
		a.text = c.AppendText(a.text[:0], int(i))
		text = a.text
	}
	if _, short := datasets.PackText(text); short {
		return
	}
	n := p.orders.Len()
	if n == 0 || string(p.orders.At(n-1)) != string(text) {
		p.orders.Append(text)
		a.used += int64(len(text)) + 8
		n++
	}
	setHalf(record, a.builder.layout.longOrder, uint32(n))
}

// newBlock puts the full block away and starts another.
func (a *Appender) newBlock(p *part) (err error) {
	if len(p.current) > 0 {
		p.full = append(p.full, p.current)
	}
	a.used += blockWords * 8
	p.current, err = a.builder.arena.block()
	return err
}

// spillIfOver writes everything to the spill file once this worker's share of
// the budget is used.
func (a *Appender) spillIfOver() error {
	budget := a.builder.config.Memory
	if budget <= 0 || a.used+a.customers.Bytes()+8*int64(cap(a.places)) <= budget/int64(len(a.builder.appenders)) {
		return nil
	}
	if err := a.flush(); err != nil {
		return fmt.Errorf("spilling the history to %s: %w", a.spill.dir, err)
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
