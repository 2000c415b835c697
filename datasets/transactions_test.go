package datasets

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestAppendDecimalByHand(t *testing.T) {
	f := func(unscaled int64, scale int, want string) {
		t.Helper()
		if got := string(AppendDecimal([]byte("x"), unscaled, scale)); got != "x"+want {
			t.Errorf("%d/10^%d: got %s, want x%s", unscaled, scale, got, want)
		}
	}
	f(0, 0, "0")
	f(0, 4, "0")
	f(0, -2, "0")
	f(12345, 2, "123.45")
	f(-12345, 2, "-123.45")
	f(12300, 2, "123")
	f(5, 3, "0.005")
	f(-50, 3, "-0.05")
	f(10, 0, "10")
	f(7, -3, "7000")
	f(math.MinInt64, 18, "-9.223372036854775808")
	f(math.MaxInt64, 19, "0.9223372036854775807")
}

func TestAppendDecimalKeepsTheNumber(t *testing.T) {
	const seed = 6
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 20_000 {
		unscaled, scale := int64(rng.Uint64())>>rng.IntN(64), rng.IntN(24)-4
		text := string(AppendDecimal(nil, unscaled, scale))
		ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(scale, -scale))), nil)
		want := new(big.Rat).SetInt64(unscaled)
		if scale >= 0 {
			want.Quo(want, new(big.Rat).SetInt(ten))
		} else {
			want.Mul(want, new(big.Rat).SetInt(ten))
		}
		got, ok := new(big.Rat).SetString(text)
		if !ok || got.Cmp(want) != 0 {
			t.Fatalf("seed %d: %d/10^%d was written %q", seed, unscaled, scale, text)
		}
		if strings.Contains(text, ".") && strings.HasSuffix(text, "0") || strings.HasSuffix(text, ".") ||
			len(text) > 1 && text[0] == '0' && text[1] != '.' {
			t.Fatalf("seed %d: %d/10^%d was written %q, want it plain and short", seed, unscaled, scale, text)
		}
	}
}

func TestAValueHasOneSpellingWhateverItsKind(t *testing.T) {
	f := func(c Column, want ...string) {
		t.Helper()
		for i, w := range want {
			if got := string(c.AppendText(nil, i)); got != w {
				t.Errorf("%s, row %d: got %q, want %q", c.Kind, i, got, w)
			}
		}
	}
	var texts, dict Strings
	for _, text := range []string{"17850", " 17850\t", "", "  ", "a b"} {
		texts.Append([]byte(text))
	}
	dict.Append([]byte(" x "))
	dict.Append([]byte("y"))

	f(Column{Field: Field{Kind: Text}, Texts: texts}, "17850", "17850", "", "", "a b")
	f(Column{Field: Field{Kind: Text}, Dict: dict, Codes: []uint32{1, 0, 0}}, "y", "x", "x")
	f(Column{Field: Field{Kind: Int}, Ints: []int64{17850, -3, math.MinInt64}}, "17850", "-3", "-9223372036854775808")
	f(Column{Field: Field{Kind: Float}, Floats: []float64{17850, -0.5, math.NaN(), 1 << 53, math.Copysign(0, -1)}},
		"17850", "-0.5", "", "9.007199254740992e+15", "0")
	f(Column{Field: Field{Kind: Decimal, Scale: 2}, Ints: []int64{1785000, 1250}}, "17850", "12.5")
	f(Column{Field: Field{Kind: Date}, Ints: []int64{0, -1, 15318}}, "1970-01-01", "1969-12-31", "2011-12-10")
	f(Column{Field: Field{Kind: Timestamp}, Ints: []int64{0, -1, 1_500_000}},
		"1970-01-01T00:00:00", "1969-12-31T23:59:59.999999", "1970-01-01T00:00:01.5")
	f(Column{Field: Field{Kind: Bool}, Ints: []int64{0, 1}}, "false", "true")

	valid := NewBitmap(2)
	valid.Set(1)
	f(Column{Field: Field{Kind: Int}, Ints: []int64{17850, 17850}, Valid: valid}, "", "17850")
}

func TestBitmapsAreOneUnlessMade(t *testing.T) {
	var none Bitmap
	if !none.Get(1_000_000) {
		t.Error("got a null in a column without a bitmap")
	}
	b := NewBitmap(130)
	for i := 0; i < 130; i += 3 {
		b.Set(i)
	}
	b.Clear(63)
	for i := range 130 {
		if want := i%3 == 0 && i != 63; b.Get(i) != want {
			t.Errorf("bit %d: got %v, want %v", i, b.Get(i), want)
		}
	}
}

func TestSliceOfEventsIsAViewOfEveryColumn(t *testing.T) {
	codes := func(from uint32) []uint32 { return []uint32{from, from + 1, from + 2, from + 3} }
	e := Events{
		Time: []Moment{1, 2, 3, 4}, Order: codes(0), Product: codes(10),
		Quantity: []Quantity{1, 2, 3, 4}, Amount: []Money{5, 6, 7, 8}, Return: []bool{false, true, false, true},
		Category: codes(20), Channel: codes(30), Store: codes(40), Region: codes(50), Salesperson: codes(60),
		Campaign: codes(70), Description: codes(80), Cost: []Money{9, 10, 11, 12}, Discount: []Money{13, 14, 15, 16},
	}
	s := e.Slice(1, 3)
	if s.Len() != 2 || s.Time[0] != 2 || s.Order[1] != 2 || s.Quantity[0] != 2 || s.Amount[1] != 7 || !s.Return[0] || s.Cost[1] != 11 || s.Discount[0] != 14 {
		t.Errorf("got %+v", s)
	}
	for i, column := range [][]uint32{s.Product, s.Category, s.Channel, s.Store, s.Region, s.Salesperson, s.Campaign, s.Description} {
		if want := uint32(10*(i+1) + 1); len(column) != 2 || column[0] != want {
			t.Errorf("column %d: got %v, want it from %d on", i, column, want)
		}
	}
	bare := Events{Time: e.Time, Order: e.Order, Quantity: e.Quantity, Amount: e.Amount, Return: e.Return}
	if s := bare.Slice(0, 2); s.Product != nil || s.Cost != nil || s.Discount != nil || s.Description != nil {
		t.Errorf("got %+v, want columns that are not mapped nil", s)
	}
}

func TestFramesSayWhereARowStands(t *testing.T) {
	f := func(frame Frame, row int, want Position) {
		t.Helper()
		if got := frame.Position(row, "day"); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	f(Frame{Path: "a.csv", FirstLine: 2}, 3, Position{Path: "a.csv", Line: 5, Column: "day"})
	f(Frame{Path: "a.csv", FirstLine: 2, LineOf: []uint32{0, 4}}, 1, Position{Path: "a.csv", Line: 6, Column: "day"})
	f(Frame{Path: "a.parquet", FirstRow: 1}, 3, Position{Path: "a.parquet", Row: 4, Column: "day"})
}
