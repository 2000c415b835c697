package datasets

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// edges are the numbers around which integer arithmetic goes wrong.
var edges = []int64{
	0, 1, -1, 2, 999_999, 1_000_000, -1_000_000, 1_000_001, 499_999, 500_000, -500_000, 1 << 31, 1 << 32,
	3_037_000_499, 1 << 53, math.MaxInt64, math.MaxInt64 - 1, math.MinInt64, math.MinInt64 + 1,
}

// timesOracle multiplies without bounds and rounds half away from zero.
func timesOracle(q, price int64) (int64, bool) {
	product := new(big.Int).Mul(big.NewInt(q), big.NewInt(price))
	sign := product.Sign()
	product.Abs(product)
	product.Add(product, big.NewInt(int64(One)/2))
	product.Quo(product, big.NewInt(int64(One)))
	if !product.IsInt64() {
		return 0, false
	}
	return int64(sign) * product.Int64(), true
}

func checkTimes(t *testing.T, q, price int64) {
	t.Helper()
	got, fits := Quantity(q).Times(Money(price))
	want, wantFits := timesOracle(q, price)
	if int64(got) != want || fits != wantFits {
		t.Errorf("%d × %d: got %d, %v; want %d, %v", q, price, got, fits, want, wantFits)
	}
}

func TestTimesByHand(t *testing.T) {
	f := func(q Quantity, price Money, want string) {
		t.Helper()
		got, ok := q.Times(price)
		if !ok || got.String() != want {
			t.Errorf("got %s, %v; want %s", got, ok, want)
		}
	}
	f(3*One, 2_550_000, "7.650")
	f(-3*One, 2_550_000, "-7.650")
	f(-3*One, -2_550_000, "7.650")
	f(500_000, 1, "0.000001")   // half a millionth goes up
	f(-500_000, 1, "-0.000001") // away from zero on both sides
	f(499_999, 1, "0.000")
	f(0, math.MaxInt64, "0.000")
	if got, ok := Quantity(math.MaxInt64).Times(2 * Unit); ok {
		t.Errorf("got %d for a product that does not fit, want false", got)
	}
	if got, ok := Quantity(math.MinInt64).Times(Unit); ok { // −2⁶³ marks what is missing
		t.Errorf("got %d for the number that stands for none, want false", got)
	}
}

func TestTimesAgreesWithUnboundedArithmetic(t *testing.T) {
	for _, q := range edges {
		for _, price := range edges {
			checkTimes(t, q, price)
		}
	}
	const seed = 1
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 100_000 {
		checkTimes(t, int64(rng.Uint64())>>rng.IntN(64), int64(rng.Uint64())>>rng.IntN(64))
	}
}

func FuzzTimes(f *testing.F) {
	for i, q := range edges {
		f.Add(q, edges[len(edges)-1-i])
	}
	f.Fuzz(checkTimes)
}

func TestMoneyIsWrittenExactly(t *testing.T) {
	f := func(m Money, want string) {
		t.Helper()
		if got := m.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	f(0, "0.000")
	f(8_911_407_904_000, "8911407.904")
	f(-12_500_000, "-12.500")
	f(1, "0.000001")
	f(-1, "-0.000001")
	f(1_230_100, "1.2301")
	f(math.MaxInt64, "9223372036854.775807")
	f(math.MinInt64, "-9223372036854.775808")

	const seed = 2
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 20_000 {
		m := Money(int64(rng.Uint64()) >> rng.IntN(64))
		back, ok := new(big.Rat).SetString(m.String())
		if !ok || back.Cmp(big.NewRat(int64(m), int64(Unit))) != 0 {
			t.Fatalf("seed %d: %d was written %q, want the same number", seed, int64(m), m.String())
		}
	}
}

func TestDaysAgreeWithTheCalendar(t *testing.T) {
	// From 1600 to 2399: a whole cycle of the calendar and more, on both sides of 1970.
	for d := DayOf(1600, 1, 1); d < DayOf(2400, 1, 1); d++ {
		date := d.Date()
		if date.Weekday() != d.Weekday() {
			t.Fatalf("%s: got %s, want %s", d, d.Weekday(), date.Weekday())
		}
		if back := DayOf(date.Date()); back != d {
			t.Fatalf("%s: came back as %s", d, back)
		}
	}
	for _, text := range []string{"1970-01-01", "1969-12-31", "2000-02-29", "2011-12-10", "0001-01-01", "9999-12-31"} {
		d, err := ParseDay(text)
		if err != nil || d.String() != text {
			t.Errorf("got %s, %v; want %s", d, err, text)
		}
	}
	for _, text := range []string{"", "2011-12-32", "2011-02-29", "10/12/2011", "2011-12-10 ", "2011-1-1"} {
		if d, err := ParseDay(text); err == nil {
			t.Errorf("%q: got %s, want an error", text, d)
		}
	}
	if DayOf(2011, 14, -3) != DayOf(2012, 1, 28) {
		t.Errorf("got %s, want it normalised", DayOf(2011, 14, -3))
	}
}

func TestMomentsAgreeWithTheClock(t *testing.T) {
	f := func(m Moment) {
		t.Helper()
		at := time.UnixMicro(int64(m)).UTC()
		if m.Day() != DayOf(at.Date()) || m.Hour() != at.Hour() {
			t.Errorf("%s: got day %s, hour %d; want %s", m, m.Day(), m.Hour(), at)
		}
	}
	for _, m := range []Moment{0, -1, 1, FullDay, -FullDay, FullDay - 1, -FullDay - 1, Hour, -Hour, 23*Hour + 59*60*Second} {
		f(m)
	}
	const seed = 3
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 50_000 {
		f(Moment(int64(rng.Uint64()) >> (8 + rng.IntN(40)))) // the widest: some 1,000 years
	}
	if got := (-Second / 2).String(); got != "1969-12-31T23:59:59.5" {
		t.Errorf("got %s, want half a second before 1970", got)
	}
}
