package forecast

import (
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

func TestPartsAreThoseThatLineItemsHave(t *testing.T) {
	run := &mining.Run{Mapped: features.Region | features.Product | features.Further(0), Further: []string{"brand"}}
	f := func(by []string, want string, faults ...string) {
		t.Helper()
		s := Default()
		s.By = by
		total, dimensions, got := s.parts(run)
		var names []string
		if total {
			names = append(names, all)
		}
		for _, d := range dimensions {
			names = append(names, d.name)
		}
		if text := strings.Join(names, " "); text != want {
			t.Errorf("%v: got the parts %s, want %s", by, text, want)
		}
		if len(got) != len(faults) {
			t.Fatalf("%v: got the faults %v, want %v", by, got, faults)
		}
		for i, part := range faults {
			if got[i].Field != "by" || !strings.Contains(got[i].Message, part) {
				t.Errorf("%v: got the fault %v, want one with %q", by, got[i], part)
			}
		}
	}
	f(nil, "total region") // no column holds categories, and the job names none
	f([]string{"brand", "product"}, "brand product")
	f([]string{"total", "category"}, "total", "got category, which no column holds")
	f([]string{"regoin"}, "", `did you mean "region"?`)
	f([]string{"nothing_like_it"}, "", "want one of total, product")
	f([]string{"description"}, "", "want one of total, product")
}

func TestFaultsOfSettingsAreNamed(t *testing.T) {
	f := func(change func(*Settings), fields ...string) {
		t.Helper()
		s := Default()
		change(&s)
		got := s.Check()
		if len(got) != len(fields) {
			t.Fatalf("got the faults %v, want those of %v", got, fields)
		}
		for i, field := range fields {
			if got[i].Field != field {
				t.Errorf("got the fault %v, want one of %s", got[i], field)
			}
		}
	}
	f(func(*Settings) {})
	f(func(s *Settings) { s.Level = 0 }, "level")
	f(func(s *Settings) { s.Level = 1 }, "level")
	f(func(s *Settings) { s.By = []string{"region", "total", "region"} }, "by")
	f(func(s *Settings) { s.Measures, s.MemberMeasures = nil, []string{money, money} }, "measures", "member_measures")
}
