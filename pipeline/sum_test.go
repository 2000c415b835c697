package pipeline

import (
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

func TestSumsOfMoneyDoNotOverflow(t *testing.T) {
	f := func(want string, amounts ...datasets.Money) {
		t.Helper()
		var s, half exactSum
		for i, m := range amounts {
			if i%2 == 0 {
				s.add(m)
			} else {
				half.add(m)
			}
		}
		s.merge(&half)
		if got := s.String(); got != want {
			t.Errorf("%v: got %s, want %s", amounts, got, want)
		}
	}
	const most = datasets.Money(999_999_999_999_999_999)
	f("0.000")
	f("-2.500", datasets.Unit, -3_500_000)
	var many, few []datasets.Money
	for range 100 {
		many, few = append(many, most), append(few, -most)
	}
	f("99999999999999.9999", many...)
	f("-99999999999999.9999", few...)
	f("0.000", append(many, few...)...)
}
