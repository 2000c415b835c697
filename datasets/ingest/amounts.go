package ingest

import (
	"github.com/quintile-dev/quintile/datasets"
)

// readQuantities reads the quantity of each row; one where none is mapped.
func (w *mapper) readQuantities(rows []uint32) []uint32 {
	at := w.m.at(Quantity)
	if at < 0 {
		for _, i := range rows {
			w.out.Quantity[i] = datasets.One
		}
		return rows
	}
	n := w.numbersOf(at, rows)
	rows = w.accepted(n, rows, at, "a quantity such as 6 or 0.5")
	if len(rows) > 0 && !w.quiet { // all between, too: nobody looks at those, and it is faster
		from, to := rows[0], rows[len(rows)-1]+1
		dst := w.out.Quantity[from:to]
		for i, v := range n.values[from:to] {
			dst[i] = datasets.Quantity(v)
		}
		return rows
	}
	for _, i := range rows {
		w.out.Quantity[i] = datasets.Quantity(n.values[i])
	}
	return rows
}

// wantAmount is what a column of money wants; DECIMAL stands for the decimal
// sign of the source.
const wantAmount = "an amount such as 12DECIMAL50"

// readAmounts reads the amount of each row, or multiplies quantity and price.
func (w *mapper) readAmounts(rows []uint32) []uint32 {
	w.positive, w.signed = false, false
	at, priced := w.m.at(Amount), false
	if at < 0 {
		at, priced = w.m.at(UnitPrice), true
	}
	if at < 0 {
		for _, i := range rows {
			w.out.Amount[i] = 0
		}
		return rows
	}
	n := w.numbersOf(at, rows)
	rows = w.accepted(n, rows, at, wantAmount)
	switch {
	case priced && !w.quiet && w.multiplyUsual(rows, n.values):
		return rows
	case priced:
		return w.multiply(rows, n.values, at)
	}
	for _, i := range rows {
		w.out.Amount[i] = datasets.Money(n.values[i])
	}
	return rows
}

// multiplyUsual makes amounts of whole and small quantities and of prices, also
// for the rows between the given rows (with unspecified values), and marks
// negative amounts. If a quantity or a price is of another kind, the result is
// false and the amounts are unspecified.
func (w *mapper) multiplyUsual(rows []uint32, prices []int64) bool {
	if len(rows) == 0 {
		return true
	}
	from, to := rows[0], rows[len(rows)-1]+1
	prices = prices[from:to]
	quantities, amounts := w.out.Quantity[from:to][:len(prices)], w.out.Amount[from:to][:len(prices)]
	negative := resize(w.negative, len(prices))
	unusual, below := uint64(0), 0
	for i, price := range prices {
		quantity := int64(quantities[i])
		pieces := quantity / micro
		// As in multiply: less than 2²⁰ whole pieces of less than 2³⁸ millionths.
		unusual |= uint64(quantity-pieces*micro) | uint64(pieces+1<<20)>>21 | uint64(price+1<<38)>>39
		amount := pieces * price
		negative[below] = from + uint32(i)
		below += int(uint64(quantity|amount) >> 63)
		amounts[i] = datasets.Money(amount)
	}
	w.negative = negative[:below]
	w.positive, w.signed = below == 0 && unusual == 0, unusual == 0
	return unusual == 0
}

// multiply makes amounts of quantities and prices, and drops the rows where
// they are too large.
func (w *mapper) multiply(rows []uint32, prices []int64, at int) []uint32 {
	kept := 0
	quantities, amounts := w.out.Quantity[:len(prices)], w.out.Amount[:len(prices)]
	for _, i := range rows {
		quantity, price := quantities[i], datasets.Money(prices[i])
		// Most quantities are whole, and small: at most 2²⁰ pieces of 2³⁸
		// millionths make less than the limit.
		pieces := int64(quantity) / micro
		if pieces*micro == int64(quantity) && uint64(pieces+1<<20) <= 1<<21 && uint64(price+1<<38) <= 1<<39 {
			amounts[i] = datasets.Money(pieces) * price
		} else {
			amount, ok := quantity.Times(price)
			if !ok || amount >= limit || amount <= -limit {
				w.refuse(i, at, datasets.OutOfRange, "quantity × price below 10^12")
				continue
			}
			amounts[i] = amount
		}
		rows[kept] = i
		kept++
	}
	return rows[:kept]
}

// accepted returns the rows with a usable number, and refuses the other rows.
func (w *mapper) accepted(n *numbers, rows []uint32, column int, want string) []uint32 {
	if len(n.outcome) == 0 {
		return rows
	}
	kept := rows[:0]
	for _, i := range rows {
		if w.accept(n, i, column, want) {
			kept = append(kept, i)
		}
	}
	return kept
}

// accept reports whether the number of row i can be used, and refuses the row
// where it cannot.
func (w *mapper) accept(n *numbers, i uint32, column int, want string) bool {
	switch n.of(i) {
	case fits:
		return true
	case missing:
		w.refuse(i, column, datasets.MissingKey, want)
	case tooLarge:
		w.refuse(i, column, datasets.OutOfRange, "a number below 10^12")
	default:
		w.refuse(i, column, datasets.BadNumber, want)
	}
	return false
}

// readOptional reads a column of money in which a value may be missing.
func (w *mapper) readOptional(rows []uint32, r Role, dst []datasets.Money) []uint32 {
	at := w.m.at(r)
	if at < 0 {
		return rows
	}
	n, kept := w.numbersOf(at, rows), rows[:0]
	for _, i := range rows {
		if n.of(i) == missing {
			dst[i] = datasets.NoMoney
		} else if w.accept(n, i, at, wantAmount+", or nothing") {
			dst[i] = datasets.Money(n.values[i])
		} else {
			continue
		}
		kept = append(kept, i)
	}
	return kept
}

// multiplyCosts makes costs of lines of those of a piece, and drops the rows where they are too large.
func (w *mapper) multiplyCosts(rows []uint32) []uint32 {
	kept, costs := rows[:0], w.out.Cost
	for _, i := range rows {
		if costs[i] != datasets.NoMoney {
			cost, ok := w.out.Quantity[i].Times(costs[i])
			if !ok || cost >= limit || cost <= -limit {
				w.refuse(i, w.m.at(Cost), datasets.OutOfRange, "quantity × cost below 10^12")
				continue
			}
			costs[i] = cost
		}
		kept = append(kept, i)
	}
	return kept
}

// addDiscounts adds a further column of discounts to the first.
func (w *mapper) addDiscounts(rows []uint32, role Role) []uint32 {
	w.extra = resize(w.extra, len(w.out.Quantity))
	rows = w.readOptional(rows, role, w.extra)
	kept, sum := rows[:0], w.out.Discount
	for _, i := range rows {
		switch more := w.extra[i]; {
		case more == datasets.NoMoney:
		case sum[i] == datasets.NoMoney:
			sum[i] = more
		default:
			if sum[i] += more; sum[i] >= limit || sum[i] <= -limit {
				w.refuse(i, w.m.at(role), datasets.OutOfRange, "discounts below 10^12")
				continue
			}
		}
		kept = append(kept, i)
	}
	return kept
}

// sign marks the returns and gives their numbers the sign of one: a row is a
// return by the source's rule, or where its quantity or its amount is negative.
func (w *mapper) sign(rows []uint32) {
	var byRule func(uint32) bool
	if w.m.ret != nil {
		byRule = w.matcher(rows, w.m.ret)
	} else if w.positive {
		return
	}
	switch {
	case w.quiet: // rows between those asked for before may be marked
		for _, i := range rows {
			w.out.Return[i] = false
		}
	case byRule == nil && w.signed:
		rows = w.negative
	}
	quantities, amounts := w.out.Quantity, w.out.Amount[:len(w.out.Quantity)]
	for _, i := range rows {
		if int64(quantities[i])|int64(amounts[i]) >= 0 && (byRule == nil || !byRule(i)) {
			continue
		}
		w.out.Return[i] = true
		quantities[i] = -abs(quantities[i])
		amounts[i] = -abs(amounts[i])
		if w.out.Cost != nil && w.out.Cost[i] != datasets.NoMoney {
			w.out.Cost[i] = -abs(w.out.Cost[i])
		}
	}
}

func abs[T ~int64](v T) T { return max(v, -v) }
