package ingest

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/text"
)

func TestConsecutiveRowsAreCounted(t *testing.T) {
	for _, c := range []struct {
		rows []uint32
		want uint32
	}{
		{[]uint32{7}, 1}, {[]uint32{0, 1, 2}, 3}, {[]uint32{5, 7, 8}, 1}, {[]uint32{5, 6, 8}, 2}, {[]uint32{0, 1, 2, 3, 4, 5, 6, 9}, 7},
		{[]uint32{1, 2, 3, 4, 6, 7, 8, 9, 10, 11}, 4},
	} {
		if got := consecutive(c.rows); got != c.want {
			t.Errorf("%v: got %d, want %d", c.rows, got, c.want)
		}
	}
}

func TestRowsBeforeARowAreCounted(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 0))
	for range 300 {
		var rows []uint32
		for i := range uint32(60) {
			if rng.IntN(3) > 0 {
				rows = append(rows, i+5)
			}
		}
		rows = rows[:rng.IntN(len(rows)+1)]
		for at := range uint32(70) {
			want := 0
			for _, i := range rows {
				if i < at {
					want++
				}
			}
			if got := before(rows, at); got != want {
				t.Fatalf("%v before %d: got %d, want %d", rows, at, got, want)
			}
		}
	}
}

// numberColumns returns columns of every kind whose numbers lie around what
// matters to their readers.
func numberColumns(rng *rand.Rand, rows int) (all []datasets.Column) {
	ints := []int64{0, 1, -1, 5, 999_999_999_999, 1_000_000_000_000, -999_999_999_999, -1_000_000_000_000, math.MaxInt64, math.MinInt64,
		limit - 1, limit, -limit, -limit + 1, 99_999_999_999_999, 100_000_000_000_000}
	floats := []float64{0, math.Copysign(0, -1), 1, 2.5, 0.1234565, 0.0000005, 0.0000015, 3.25e9, 2251799813.685248, -2251799813.685247, 1e12, -1e12,
		999_999_999_999.5, math.NaN(), math.Inf(1), math.Inf(-1), 1.23456789, 1e-300}
	texts := []string{"1", "2.50", "-3", "", "x", "1e3", "0.1234567", "999999999999", "1000000000000", "12345.678", " 7"}
	for scale := -1; scale <= 8; scale++ {
		c := datasets.Column{Field: datasets.Field{Kind: datasets.Decimal, Scale: scale}}
		if scale < 0 {
			c.Kind, c.Scale = datasets.Int, 0
		}
		for range rows {
			v := int64(rng.IntN(10_000))
			if rng.IntN(8) == 0 {
				v = ints[rng.IntN(len(ints))]
			}
			c.Ints = append(c.Ints, v)
		}
		all = append(all, c)
	}
	f := datasets.Column{Field: datasets.Field{Kind: datasets.Float}}
	for _, trimmed := range []bool{true, false} {
		c := datasets.Column{}
		c.Texts.Append([]byte("10000000"))
		for range rows {
			cell := strconv.FormatFloat(float64(rng.IntN(20_000))/100, 'f', -1, 64)
			if rng.IntN(8) == 0 {
				cell = texts[rng.IntN(len(texts)-1+btoi(!trimmed))]
			}
			c.Texts.Append([]byte(cell))
			v := float64(rng.IntN(20_000)) / 100
			if rng.IntN(8) == 0 {
				v = floats[rng.IntN(len(floats))]
			}
			f.Floats = append(f.Floats, v)
		}
		c.Texts.Start, c.Texts.End = c.Texts.Start[1:], c.Texts.End[1:]
		if c.Texts.MarkTrimmed(); c.Texts.Trimmed != trimmed {
			panic("the texts do not make the case")
		}
		all = append(all, c)
	}
	return append(all, f)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Reading a column of numbers at once gives what reading them one by one does,
// whichever rows are asked for.
func TestNumbersOfAColumnAreThoseOfItsRows(t *testing.T) {
	const rows = 500
	rng := rand.New(rand.NewPCG(3, 0))
	s := &Source{Decimal: '.', Thousands: ','}
	for k, c := range numberColumns(rng, rows) {
		for _, nulls := range []bool{false, true} {
			var asked []uint32
			valid := datasets.NewBitmap(rows)
			for i := range uint32(rows) {
				if k&1 == 0 || rng.IntN(5) > 0 {
					asked = append(asked, i)
				}
				if rng.IntN(3) > 0 {
					valid.Set(int(i))
				}
			}
			if c.Valid = nil; nulls {
				c.Valid = valid
			}
			n := &numbers{values: make([]int64, rows)}
			n.read(&c, asked, s)
			one := &numbers{}
			for _, i := range asked {
				v, o := one.readOne(&c, int(i), s)
				if n.values[i] != v || n.of(i) != o {
					t.Fatalf("column %d (%s, scale %d), row %d: got %d, %d; want %d, %d", k, c.Kind, c.Scale, i, n.values[i], n.of(i), v, o)
				}
			}
			if n.rounded != one.rounded {
				t.Errorf("column %d: got %d rounded, want %d", k, n.rounded, one.rounded)
			}
		}
	}
}

// Reading a column of times at once gives what reading them one by one does.
func TestTimesOfAColumnAreThoseOfItsRows(t *testing.T) {
	const rows = 400
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	layout, err := text.CompileTime("%Y-%m-%d %H:%M:%S")
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(4, 0))
	edges := []int64{0, -1, int64(firstMoment), int64(firstMoment) - 1, int64(lastMoment), int64(lastMoment) + 1, math.MaxInt64, math.MinInt64 + 1e15}
	days := []int64{0, -719162, -719163, 2932896, 2932897, 1 << 30, -1 << 30, math.MaxInt64, math.MinInt64}
	columns := []datasets.Column{
		{Field: datasets.Field{Kind: datasets.Timestamp}}, {Field: datasets.Field{Kind: datasets.Timestamp, UTC: true}},
		{Field: datasets.Field{Kind: datasets.Date}}, {},
	}
	for range rows {
		micros, day := rng.Int64N(2e15), rng.Int64N(20_000)
		cell := time.UnixMicro(micros).UTC().Format(time.DateTime)
		if rng.IntN(8) == 0 {
			micros, day, cell = edges[rng.IntN(len(edges))], days[rng.IntN(len(days))], []string{"", "2023-2-3 1:2:3", "never", "2023-02-29 00:00:00"}[rng.IntN(4)]
		}
		columns[0].Ints = append(columns[0].Ints, micros)
		columns[1].Ints = append(columns[1].Ints, micros)
		columns[2].Ints = append(columns[2].Ints, day)
		columns[3].Texts.Append([]byte(cell))
	}
	columns[3].Texts.MarkTrimmed()
	for k := range columns {
		m := &mapping{source: &Source{}, fields: make([]datasets.Field, 1), roles: map[Role]int{Time: 0}, layout: layout}
		read := func(rows []uint32) ([]uint32, []datasets.Moment, []datasets.Fault) {
			w := &mapper{m: m, clock: newClock(zone), counts: &counts{}, frame: &datasets.Frame{Rows: len(rows), Columns: columns[k : k+1]}}
			w.out.Time = make([]datasets.Moment, 400)
			return w.readTimes(rows), w.out.Time, w.counts.faults
		}
		readEach := func(rows []uint32) (kept []uint32, _ []datasets.Moment, _ []datasets.Fault) {
			w := &mapper{m: m, clock: newClock(zone), counts: &counts{}, frame: &datasets.Frame{Rows: len(rows), Columns: columns[k : k+1]}}
			w.out.Time = make([]datasets.Moment, 400)
			for _, i := range rows {
				if w.readTime(&columns[k], 0, i) {
					kept = append(kept, i)
				}
			}
			return kept, w.out.Time, w.counts.faults
		}
		for _, percent := range []int{100, 90, 20} {
			var asked []uint32
			for i := range uint32(rows) {
				if rng.IntN(100) < percent {
					asked = append(asked, i)
				}
			}
			kept, times, faults := read(slices.Clone(asked))
			wantKept, wantTimes, wantFaults := readEach(asked)
			same := slices.Equal(kept, wantKept) && slices.Equal(faults, wantFaults)
			for _, i := range kept {
				same = same && times[i] == wantTimes[i]
			}
			if !same {
				t.Errorf("column %d, %d%% of the rows: got %d rows and %d faults, want %d and %d, or other times", k, percent, len(kept), len(faults), len(wantKept), len(wantFaults))
			}
			if percent == 100 && (len(faults) < 10 || len(kept) < 200) {
				t.Errorf("column %d: %d faults, %d kept: too few to tell", k, len(faults), len(kept))
			}
		}
	}
}

// Amounts made by the column are those that Quantity.Times makes.
func TestAmountsOfAColumnAreThoseOfItsRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	values := []int64{0, 1, -1, micro, -micro, micro + 1, 500_000, 3 * micro, 1 << 20 * micro, 1<<20*micro + micro, -1 << 20 * micro, 1 << 38, 1<<38 + 1, -1 << 38, limit - 1,
		1 - limit, 999_999 * micro}
	var prices []int64
	w := &mapper{m: &mapping{source: &Source{Decimal: '.'}}, frame: &datasets.Frame{Columns: make([]datasets.Column, 1)}, counts: &counts{}}
	w.frame.Columns[0].Valid = datasets.NewBitmap(5000)
	var rows []uint32
	for i := range uint32(5000) {
		w.out.Quantity = append(w.out.Quantity, datasets.Quantity(values[rng.IntN(len(values))]))
		prices = append(prices, values[rng.IntN(len(values))])
		rows = append(rows, i)
	}
	w.out.Amount = make([]datasets.Money, len(rows))
	kept := w.multiply(slices.Clone(rows), prices, 0)
	slow := slices.Clone(w.out.Amount)
	usual := 0
	for i := range rows { // one at a time, since few pairs are usual
		if !w.multiplyUsual(rows[i:i+1], prices) {
			if w.positive {
				t.Fatalf("%d × %d: taken for positive, without an amount", w.out.Quantity[i], prices[i])
			}
			continue
		}
		usual++
		if w.out.Amount[i] != slow[i] || w.positive != (w.out.Quantity[i] >= 0 && slow[i] >= 0) {
			t.Fatalf("%d × %d: got %d, positive: %t; want %d", w.out.Quantity[i], prices[i], w.out.Amount[i], w.positive, slow[i])
		}
	}
	if usual < 100 || usual == len(rows) {
		t.Errorf("%d of %d pairs are usual: too few or too many to tell", usual, len(rows))
	}
	w.out.Amount = slow
	for _, i := range rows {
		want, ok := w.out.Quantity[i].Times(datasets.Money(prices[i]))
		ok = ok && want < limit && want > -limit
		if k := slices.Contains(kept, i); k != ok || ok && w.out.Amount[i] != want {
			t.Fatalf("%d × %d: got %d, %t; want %d, %t", w.out.Quantity[i], prices[i], w.out.Amount[i], k, want, ok)
		}
	}
}

// Rows that only lie between those asked for may be marked as returns, from
// numbers that are none of theirs; it is forgotten when they are asked for.
func TestSignsOfAColumnAreThoseOfItsRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 0))
	w := &mapper{m: &mapping{source: &Source{Decimal: '.'}}}
	const n = 3000
	var prices []int64
	var rows, between []uint32
	for i := range uint32(n) {
		w.out.Quantity = append(w.out.Quantity, datasets.Quantity(rng.IntN(9)-2)*micro)
		prices = append(prices, int64(rng.IntN(2000)-200)*10_000)
		if rng.IntN(3) == 0 {
			between = append(between, i)
		} else {
			rows = append(rows, i)
		}
	}
	quantities := slices.Clone(w.out.Quantity)
	w.out.Amount, w.out.Return = make([]datasets.Money, n), make([]bool, n)
	if !w.multiplyUsual(rows, prices) || !w.signed {
		t.Fatal("the numbers are not taken for usual")
	}
	w.sign(rows)
	check := func(i uint32) {
		t.Helper()
		amount := datasets.Money(quantities[i]/micro) * datasets.Money(prices[i])
		returned := quantities[i] < 0 || amount < 0
		quantity := quantities[i]
		if returned {
			quantity, amount = -abs(quantity), -abs(amount)
		}
		if w.out.Quantity[i] != quantity || w.out.Amount[i] != amount || w.out.Return[i] != returned {
			t.Fatalf("row %d, %d × %d: got %d, %d, return %t, want %d, %d, %t", i, quantities[i], prices[i],
				w.out.Quantity[i], w.out.Amount[i], w.out.Return[i], quantity, amount, returned)
		}
	}
	for _, i := range rows {
		check(i)
	}
	for _, i := range between { // other numbers than those that lay there before
		quantities[i], prices[i] = datasets.Quantity(rng.IntN(9)-2)*micro, int64(rng.IntN(2000)-200)*10_000
		w.out.Quantity[i] = quantities[i]
	}
	w.quiet, w.positive, w.signed = true, false, false
	w.sign(w.multiply(slices.Clone(between), prices, 0))
	for i := range uint32(n) {
		check(i)
	}
}
