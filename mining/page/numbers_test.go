package page

import (
	"math"
	"testing"
)

func TestNumbersAreWrittenForPeople(t *testing.T) {
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(Whole(0), "0")
	f(Whole(-1234567), "-1,234,567")
	f(Whole(999), "999")
	f(Percent(0.1234), "12.3 %")
	f(Percent(math.NaN()), None)
	f(Short(1234.56), "1235")
	f(Short(math.NaN()), None)
	f(Amount(8911407.904), "8,911,407.90")
	f(Amount(-0.001), "0.00")
	f(Amount(-12.5), "-12.50")
	f(Amount(math.Inf(1)), None)
	f(Amount(1e300), "1e+300")
	f(Compact(8911407.904), "8.9 M")
	f(Compact(999499), "999 k")
	f(Compact(999500), "1.0 M")
	f(Compact(-12345), "-12.3 k")
	f(Compact(9999), "9,999")
	f(Compact(98), "98")
	f(Compact(0.5), "0.50")
	f(Compact(3.2e9), "3.2 bn")
	f(Compact(math.NaN()), None)
	f(Money(8911407.904, "GBP"), "8.9 M £")
	f(Money(20, "SEK"), "20 SEK")
	f(Money(20, ""), "20")
	f(Change(0.123), "+12.3 %")
	f(Change(math.NaN()), None)
	f(Times(2.234), "2.2")
	f(Times(0.4149), "0.41")
	f(Times(88.41), "88")
	f(Times(-2.24), "-2.2")
	f(Times(0), "0")
	f(Times(-0.0049), "0")
	f(Times(0.0051), "0.01")
	f(Times(math.NaN()), None)
}
