package history

import "github.com/quintile-dev/quintile/datasets"

// layOut writes the lines of the sorted slips into the bucket's columns, and
// numbers the orders. lines are the numbers of lines of known customers and of
// others.
func (a *assembler) layOut(lines [2]int) {
	b := &a.bucket
	a.lines = a.lines[:0]
	known := a.room(&b.Events, lines[0])
	customers := b.Customers.Len()
	b.From = resize(b.From, customers+1)
	at := 0
	for c := range customers {
		b.From[c] = at
		at = a.layOutCustomer(known, at, a.from[c], a.from[c+1])
	}
	b.From[customers] = at
	known.unpack(at)
	a.layOutRest(&b.Events, 0)

	anonymous := a.room(&b.Anonymous, lines[1])
	a.layOutBaskets(anonymous)
	a.layOutRest(&b.Anonymous, lines[0])
}

// fixedColumns are the columns that every bucket has; product is nil where the
// history holds none. The columns written by layOutSlip have capacity for
// usualLines more lines.
type fixedColumns struct {
	time     []datasets.Moment
	order    []uint32
	product  []uint32
	quantity []datasets.Quantity // packed lines from unpacked on
	amount   []datasets.Money
	returned []bool

	unpacked int // lines that all columns hold
}

// room makes the columns of e n long.
func (a *assembler) room(e *datasets.Events, n int) *fixedColumns {
	l := &a.store.layout
	e.Amount, e.Return = resize(e.Amount, n), resize(e.Return, n)
	e.Time, e.Order, e.Quantity = resize(e.Time, n+usualLines), resize(e.Order, n+usualLines), resize(e.Quantity, n+usualLines)
	out := &fixedColumns{time: e.Time, order: e.Order, quantity: e.Quantity, amount: e.Amount, returned: e.Return}
	e.Time, e.Order, e.Quantity = e.Time[:n], e.Order[:n], e.Quantity[:n]
	if e.Further.Columns == nil && l.mapped[datasets.Dimensions] {
		e.Further.Columns = new([datasets.MaxFurther][]uint32)
	}
	for d, mapped := range l.mapped {
		if mapped {
			column := dimension(e, datasets.Dimension(d))
			*column = resize(*column, n)
		}
	}
	if l.cost >= 0 {
		e.Cost = resize(e.Cost, n)
	}
	if l.discount >= 0 {
		e.Discount = resize(e.Discount, n)
	}
	out.product = e.Product
	return out
}

// layOutCustomer writes the slips from to to (excluded) of one customer at line
// at, and returns the line after the last.
func (a *assembler) layOutCustomer(out *fixedColumns, at, from, to int) int {
	next, number := uint32(0), uint32(0)
	a.seen.reset(to - from)
	var last orderKey
	for i := from; i < to; {
		end := i + 1
		for end < to && a.sorted[end].time == a.sorted[i].time && a.compareOrders(&a.sorted[end], &a.sorted[i]) == 0 {
			end++
		}
		if key := a.orderKey(&a.sorted[i]); i == from || key != last {
			last = key
			number = a.seen.number(key, &next)
		}
		at = a.layOutSlips(out, at, a.sorted[i:end], number, uint32(i))
		i = end
	}
	return at
}

// layOutSlips writes the lines of slips that share customer, time and order,
// where the first slip has the given index.
func (a *assembler) layOutSlips(out *fixedColumns, at int, slips []slip, number, first uint32) int {
	if a.direct && len(slips) == 1 {
		if next, done := a.layOutSlip(out, at, &slips[0], number); done {
			return next
		}
	}
	out.unpack(at)
	a.collect(slips, first)
	n := len(a.group)
	time, order := out.time[at:at+n], out.order[at:at+n]
	quantity, amount, returned := out.quantity[at:at+n], out.amount[at:at+n], out.returned[at:at+n]
	for k, ref := range a.group {
		time[k] = slips[0].time
		order[k] = number
		quantity[k], amount[k], returned[k] = ref.quantity, ref.amount, ref.returned
	}
	if out.product != nil {
		product := out.product[at : at+n]
		for k, ref := range a.group {
			product[k] = ref.product
		}
	}
	out.unpacked = at + n
	if !a.store.layout.plain() || a.store.folder != nil {
		a.lines = append(a.lines, a.group...)
	}
	return at + n
}

// layOutSlip writes the lines of a slip of the usual kind: packed lines, and no
// other slip with the same customer, time and order. The packed lines are sorted
// as words, and left in the column of quantities for unpack. Any other slip
// gives false.
func (a *assembler) layOutSlip(out *fixedColumns, at int, s *slip, number uint32) (next int, done bool) {
	n := s.lines()
	if formOf(s.info) != packed {
		return at, false
	}
	b := &a.blocks[s.block]
	words := b.words[s.at:]
	if n <= usualLines && len(words) >= usualLines {
		absent := &beyond[n]
		words := (*[usualLines]uint64)(words)
		x0, x1 := b.packed.ranked(words[0]|absent[0]), b.packed.ranked(words[1]|absent[1])
		x2, x3 := b.packed.ranked(words[2]|absent[2]), b.packed.ranked(words[3]|absent[3])
		x0, x1, x2, x3 = sortFour(x0, x1, x2, x3)
		lines := (*[usualLines]datasets.Quantity)(out.quantity[at:])
		lines[0], lines[1], lines[2], lines[3] = datasets.Quantity(x0), datasets.Quantity(x1), datasets.Quantity(x2), datasets.Quantity(x3)
		*(*[usualLines]datasets.Moment)(out.time[at:]) = [usualLines]datasets.Moment{s.time, s.time, s.time, s.time}
		*(*[usualLines]uint32)(out.order[at:]) = [usualLines]uint32{number, number, number, number}
		return at + n, true
	}
	next = at + n
	lines, time, order := out.quantity[at:next], out.time[at:next], out.order[at:next]
	for k, word := range words[:n] {
		lines[k] = datasets.Quantity(b.packed.ranked(word))
		time[k], order[k] = s.time, number
	}
	sortPacked(lines)
	return next, true
}

// beyond holds, by number of lines, the masks that make words beyond the last
// line sort after all lines.
var beyond = [usualLines + 1][usualLines]uint64{
	{notPacked, notPacked, notPacked, notPacked}, {1: notPacked, 2: notPacked, 3: notPacked}, {2: notPacked, 3: notPacked}, {3: notPacked},
}

// unpack moves the lines before at from the column of quantities, in packed
// form, to their columns.
func (out *fixedColumns) unpack(at int) {
	from := out.unpacked
	out.unpacked = at
	quantity, amount, returned := out.quantity[from:at], out.amount[from:at], out.returned[from:at]
	if out.product != nil {
		product := out.product[from:at]
		for k, line := range quantity {
			product[k] = packedProduct(uint64(line))
		}
	}
	for k, line := range quantity {
		word := uint64(line)
		quantity[k], amount[k], returned[k] = packedQuantity(word), packedAmount(word), word&returnBit != 0
	}
}

// layOutRest fills the optional columns of lines that begin at place from of
// a.lines.
func (a *assembler) layOutRest(e *datasets.Events, from int) {
	l := &a.store.layout
	if l.plain() {
		return
	}
	lines := a.lines[from:]
	for h, d := range l.dims {
		column := *dimension(e, d)
		for i, ref := range lines[:len(column)] {
			column[i] = a.codeAt(ref, d, h)
		}
	}
	for i := range e.Cost {
		e.Cost[i] = a.moneyAt(lines[i], l.cost)
	}
	for i := range e.Discount {
		e.Discount[i] = a.moneyAt(lines[i], l.discount)
	}
}

// layOutBaskets writes the lines without a customer and numbers their baskets.
// A line without an order is no basket but a separate order.
func (a *assembler) layOutBaskets(out *fixedColumns) {
	next, at := uint32(0), 0
	for i := 0; i < len(a.anonymous); {
		end := i + 1
		for end < len(a.anonymous) && a.compareBaskets(a.anonymous[end], a.anonymous[i]) == 0 {
			end++
		}
		key := a.orderKey(&a.anonymous[i])
		if i > 0 && (key.missing || key != a.orderKey(&a.anonymous[i-1])) {
			next++
		}
		from := at
		at = a.layOutSlips(out, at, a.anonymous[i:end], next, uint32(i))
		if key.missing {
			for k := from + 1; k < at; k++ {
				next++
				out.order[k] = next
			}
		}
		i = end
	}
	out.unpack(at)
}

// dimension returns the column of the events that holds d.
func dimension(e *datasets.Events, d datasets.Dimension) *[]uint32 {
	if int(d) >= datasets.Dimensions {
		return &e.Further.Columns[int(d)-datasets.Dimensions]
	}
	return [...]*[]uint32{
		&e.Product, &e.Category, &e.Channel, &e.Store,
		&e.Region, &e.Salesperson, &e.Campaign, &e.Description,
	}[d]
}
