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
	a.layOutRest(&b.Events, 0)

	anonymous := a.room(&b.Anonymous, lines[1])
	a.layOutBaskets(anonymous)
	a.layOutRest(&b.Anonymous, lines[0])
}

// fixedColumns are the columns that every bucket has; product is nil where the
// history holds none.
type fixedColumns struct {
	time     []datasets.Moment
	order    []uint32
	product  []uint32
	quantity []datasets.Quantity
	amount   []datasets.Money
	returned []bool
}

// room makes the columns of e n long.
func (a *assembler) room(e *datasets.Events, n int) *fixedColumns {
	l := &a.store.layout
	e.Time, e.Order = resize(e.Time, n), resize(e.Order, n)
	e.Quantity, e.Amount, e.Return = resize(e.Quantity, n), resize(e.Amount, n), resize(e.Return, n)
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
	return &fixedColumns{e.Time, e.Order, e.Product, e.Quantity, e.Amount, e.Return}
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

// layOutSlips writes the lines of slips that share customer, time and order, and
// of which the first has the given index.
func (a *assembler) layOutSlips(out *fixedColumns, at int, slips []slip, number, first uint32) int {
	if a.direct && len(slips) == 1 {
		if next, done := a.layOutSlip(out, at, &slips[0], number); done {
			return next
		}
	}
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
	if !a.store.layout.plain() || a.store.folder != nil {
		a.lines = append(a.lines, a.group...)
	}
	return at + n
}

// layOutSlip writes the lines of a slip, as most are: alone with its customer,
// time and order, of a few packed lines with a product each. It reports false for
// any other.
func (a *assembler) layOutSlip(out *fixedColumns, at int, s *slip, number uint32) (next int, done bool) {
	n := s.lines()
	if n > fewLines || formOf(s.info) != packed || out.product == nil {
		return at, false
	}
	b := &a.blocks[s.block]
	words := b.words[s.at:][:n]
	products, keys := b.ranks[datasets.Product], a.keys[:n]
	for k, word := range words {
		product := packedProduct(word)
		if product != datasets.NoCode {
			product = products[product]
		}
		keys[k] = uint64(product)<<32 | uint64(k)
	}
	sortFew(keys)
	next = at + n
	time, order, product := out.time[at:next], out.order[at:next], out.product[at:next]
	quantity, amount, returned := out.quantity[at:next], out.amount[at:next], out.returned[at:next]
	last := uint64(datasets.NoCode) + 1
	for k, key := range keys {
		if key>>32 == last {
			return at, false // the other columns decide
		}
		last = key >> 32
		word := words[uint32(key)]
		time[k], order[k], product[k] = s.time, number, uint32(last)
		quantity[k], amount[k], returned[k] = packedQuantity(word), packedAmount(word), word&returnBit != 0
	}
	return next, true
}

// sortFew sorts up to a few keys: without branches where there are two or three,
// as in most baskets.
func sortFew(keys []uint64) {
	switch len(keys) {
	case 0, 1:
	case 2:
		keys[0], keys[1] = min(keys[0], keys[1]), max(keys[0], keys[1])
	case 3:
		low, high := min(keys[0], keys[1]), max(keys[0], keys[1])
		middle := max(low, keys[2])
		keys[0], keys[1], keys[2] = min(low, keys[2]), min(middle, high), max(middle, high)
	default:
		for i := 1; i < len(keys); i++ {
			key, j := keys[i], i
			for ; j > 0 && keys[j-1] > key; j-- {
				keys[j] = keys[j-1]
			}
			keys[j] = key
		}
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
// Lines without an order are no basket: each is an order of its own.
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
