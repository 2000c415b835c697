package datasets

import (
	"testing"
)

func TestSumsOfMoneyDoNotOverflow(t *testing.T) {
	f := func(want string, amounts ...Money) {
		t.Helper()
		var s, half Sum
		for i, m := range amounts {
			if i%2 == 0 {
				s.Add(m)
			} else {
				half.Add(m)
			}
		}
		s.Merge(&half)
		if got := s.String(); got != want {
			t.Errorf("%v: got %s, want %s", amounts, got, want)
		}
	}
	const most = Money(999_999_999_999_999_999)
	f("0.000")
	f("-2.500", Unit, -3_500_000)
	var many, few []Money
	for range 100 {
		many, few = append(many, most), append(few, -most)
	}
	f("99999999999999.9999", many...)
	f("-99999999999999.9999", few...)
	f("0.000", append(many, few...)...)
}
