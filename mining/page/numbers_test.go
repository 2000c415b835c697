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
}
