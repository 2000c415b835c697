package features

import (
	"slices"
	"strings"
	"testing"
)

// TestQuintileRFNamesEveryCell gives the whole map, R from 5 to 1 downwards and
// F from 1 to 5 rightwards.
func TestQuintileRFNamesEveryCell(t *testing.T) {
	h, a, c, s, n := "hibernating", "at_risk", "cant_lose", "about_to_sleep", "need_attention"
	l, p, w, o, x := "loyal", "promising", "new", "potential_loyalist", "champions"
	want := [5][5]string{
		{w, o, o, x, x},
		{p, o, o, l, l},
		{s, s, n, l, l},
		{h, h, a, a, c},
		{h, h, a, a, c},
	}
	m := QuintileRF()
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	if m.Version != "quintile-rf-v1" {
		t.Errorf("got version %q", m.Version)
	}
	for i, row := range want {
		for j, name := range row {
			for money := range 5 {
				if got := m.Name(uint8(5-i), uint8(j+1), uint8(money+1), 5); got != name {
					t.Errorf("cell %d%d: got %s, want %s", 5-i, j+1, got, name)
				}
			}
		}
	}
	if got := m.Name(0, 0, 0, 5); got != "" {
		t.Errorf("no score: got %q", got)
	}
	if got := m.Names(); !slices.Equal(got, []string{h, a, c, s, n, l, p, w, o, x}) {
		t.Errorf("got names %v", got)
	}
}

func TestOtherBinsFallIntoTheCellOfTheirMiddle(t *testing.T) {
	f := func(bins int, want string) {
		t.Helper()
		var got []uint8
		for s := 1; s <= bins; s++ {
			got = append(got, QuintileRF().own(uint8(s), bins))
		}
		if digits(got) != want {
			t.Errorf("%d bins: got %s, want %s", bins, digits(got), want)
		}
	}
	f(2, "24")
	f(3, "135")
	f(4, "1245")
	f(5, "12345")
	f(6, "123345")
	f(7, "1223445")
	f(9, "112234455")
}

func TestMapsThatAreNotTotalOrDisjointAreRefused(t *testing.T) {
	f := func(change func(m *SegmentMap), want string) {
		t.Helper()
		m := QuintileRF()
		change(&m)
		if err := m.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f(func(m *SegmentMap) { m.Rules[0].F[1] = 3 }, `got "2 rules for cell 131 [\"hibernating\" \"at_risk\"]"`)
	f(func(m *SegmentMap) { m.Rules[9].M = [2]uint8{2, 5} }, `0 rules for cell 541 []`)
	f(func(m *SegmentMap) { m.Rules[3].R = [2]uint8{3, 6} }, `segments.rules[3].r: got [3 6], want two scores from 1 to 5`)
	f(func(m *SegmentMap) { m.Rules[3].Name = "" }, `segments.rules[3].name`)
	f(func(m *SegmentMap) { m.Version = "" }, `segments.version`)
	f(func(m *SegmentMap) { m.Bins = 10 }, `segments.bins: got 10`)
	f(func(m *SegmentMap) { m.Rules = nil }, `115 more such cells`)
}

func TestAMapMayUseMoney(t *testing.T) {
	m := SegmentMap{Version: "test", Bins: 2, Rules: []SegmentRule{
		{Name: "rich", M: [2]uint8{2, 2}}, {Name: "poor", M: [2]uint8{1, 1}},
	}}
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	if m.Name(1, 2, 2, 2) != "rich" || m.Name(2, 1, 1, 2) != "poor" || m.Name(1, 1, 9, 9) != "rich" {
		t.Error("money does not decide")
	}
}

func TestEverySegmentHasAShopifyGroupOfItsOwn(t *testing.T) {
	seen := map[string]bool{Shopify(""): true}
	if !seen["PROSPECTS"] {
		t.Error("a customer without a purchase is not a prospect")
	}
	for _, name := range QuintileRF().Names() {
		group := Shopify(name)
		if group == "" || seen[group] {
			t.Errorf("%s: got group %q", name, group)
		}
		seen[group] = true
	}
	if len(seen) != 11 {
		t.Errorf("got %d groups, want all 11", len(seen))
	}
	if Composite(5, 4, 3) != 543 {
		t.Error("the composite of 5, 4, 3 is not 543")
	}
}
