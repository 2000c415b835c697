package history

import (
	"math"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// packOne packs a line as Append does, and reads it back.
func packOne(t *testing.T, product uint32, quantity datasets.Quantity, amount datasets.Money, returned bool) form {
	t.Helper()
	b := NewBuilder(Config{Columns: testColumns(), Workers: 1})
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	a := b.Appender(0)
	lines := &datasets.Transactions{
		Quantity: []datasets.Quantity{quantity}, Amount: []datasets.Money{amount}, Return: []bool{returned},
	}
	lines.Dims[datasets.Product] = new(datasets.Column)
	a.codes[datasets.Product] = []uint32{product}
	a.packed = make([]uint64, 1)
	packLines(a.packed, a.codes[datasets.Product], lines, []uint32{0})
	dst := make([]uint64, mostFixed+b.layout.rest)
	for f := packed; ; f++ {
		n, ok := a.fill(dst, f, lines, []uint32{0}, a.packed)
		if !ok {
			continue
		}
		if n != f.words()+b.layout.rest {
			t.Errorf("got %d words in form %d, want %d", n, f, f.words()+b.layout.rest)
		}
		if got := f.product(dst); got != product {
			t.Errorf("form %d: got product %d, want %d", f, got, product)
		}
		if got := f.quantity(dst); got != quantity {
			t.Errorf("form %d: got quantity %d, want %d", f, got, quantity)
		}
		if got := f.amount(dst); got != amount {
			t.Errorf("form %d: got amount %d, want %d", f, got, amount)
		}
		if got := dst[0]&returnBit != 0; got != returned {
			t.Errorf("form %d: got return %t, want %t", f, got, returned)
		}
		return f
	}
}

func TestLinesTakeTheShortestFormThatHoldsThem(t *testing.T) {
	const one, cent, unit = datasets.One, datasets.Unit / 100, datasets.Unit
	f := func(want form, product uint32, quantity datasets.Quantity, amount datasets.Money) {
		t.Helper()
		for _, returned := range []bool{false, true} {
			if got := packOne(t, product, quantity, amount, returned); got != want {
				t.Errorf("product %d, quantity %d, amount %s: got form %d, want %d", product, quantity, amount, got, want)
			}
		}
	}
	f(packed, 0, 0, 0)
	f(packed, datasets.NoCode, one, 1999*cent)
	f(packed, 7, -one, -1999*cent)
	f(packed, 1<<21-2, 2047*one, (1<<29-2)*cent)
	f(packed, 3, -2048*one, -(1<<29)*cent)
	f(full, 1<<21-1, one, cent)      // the product does not fit
	f(full, 3, one, 1<<29*cent)      // the amount does not
	f(full, 3, one, -(1<<29+1)*cent) // nor this
	f(full, 3, one, cent+1)          // parts of a hundredth
	f(full, 3, one, cent-1)
	f(full, 3, one/2, cent) // half a piece
	f(full, 3, 1<<30-1, unit)
	f(full, 3, -(1 << 30), unit)
	f(packed, 3, 1074*one, unit) // more pieces than a full line has room for, but whole ones
	f(wide, 3, 1074*one+1, unit)
	f(wide, 3, 2048*one, unit)
	f(wide, 3, -2049*one, unit)
	f(wide, 3, math.MaxInt64, math.MaxInt64)
	f(wide, 3, math.MinInt64, math.MinInt64)
}

// FuzzPackLines holds packing against plain division.
func FuzzPackLines(f *testing.F) {
	f.Add(uint32(1), int64(3_000_000), int64(19_990_000), false)
	f.Add(datasets.NoCode, int64(2047_000_000), int64((1<<29-1)*10_000), true) // every bit of the word
	f.Add(datasets.NoCode, int64(-1), int64(math.MinInt64), true)
	f.Fuzz(func(t *testing.T, product uint32, quantity, amount int64, returned bool) {
		got := packOne(t, product, datasets.Quantity(quantity), datasets.Money(amount), returned)
		pieces, hundredths := quantity/piece, amount/hundredth
		fits := quantity%piece == 0 && amount%hundredth == 0 && (product == datasets.NoCode || product < 1<<21-1) &&
			pieces >= -2048 && pieces < 2048 && hundredths >= -(1<<29) && hundredths < 1<<29
		full1 := product == datasets.NoCode && pieces == 2047 && hundredths == 1<<29-1 && returned // would be notPacked
		if (got == packed) != (fits && !full1) {
			t.Errorf("product %d, quantity %d, amount %d, return %t: got form %d", product, quantity, amount, returned, got)
		}
	})
}
