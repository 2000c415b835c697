package filter_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/mining/filter"
)

// people are five customers.
func people(name string) filter.Column {
	switch name {
	case "churn_prob":
		return filter.Column{Numbers: []float64{0.1, 0.5, 0.9, math.NaN(), 0.7}}
	case "segment":
		return filter.Column{Numbers: []float64{0, 1, 2, 1, math.NaN()}}
	case "rfm_segment":
		return filter.Column{Texts: []string{"champions", "at_risk", "cant_lose", "at_risk", ""}}
	}
	return filter.Column{}
}

func TestConditionsFindTheirCustomers(t *testing.T) {
	for _, f := range []struct {
		text string
		want []int
	}{
		{"", []int{0, 1, 2, 3, 4}},
		{"churn_prob >= 0.5", []int{1, 2, 4}},
		{"churn_prob >= 50% and rfm_segment in [at_risk, cant_lose]", []int{1, 2}},
		{"churn_prob < 0.5 or rfm_segment = at_risk", []int{0, 1, 3}},
		{"churn_prob < 0.5 or rfm_segment = at_risk and segment = 1", []int{0, 1, 3}},
		{"(churn_prob < 0.5 or rfm_segment = at_risk) and segment = 1", []int{1, 3}},
		{"not rfm_segment = at_risk", []int{0, 2, 4}},
		{"rfm_segment != at_risk", []int{0, 2}},
		{"rfm_segment not in ['at_risk', \"champions\"]", []int{2}},
		{"rfm_segment is missing", []int{4}},
		{"churn_prob is not missing AND churn_prob>0.1", []int{1, 2, 4}},
		{"segment == 1", []int{1, 3}},
		{"segment <> 1", []int{0, 2}},
	} {
		var c filter.Filter
		if want, ok := c.Set(f.text); !ok {
			t.Errorf("%s: refused: %s", f.text, want)
			continue
		}
		dst := make([]bool, 5)
		c.MatchTo(dst, people)
		var got []int
		for i, is := range dst {
			if is {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, f.want) {
			t.Errorf("%s: got %v, want %v", f.text, got, f.want)
		}
	}
}

func TestConditionsThatCannotBeReadAreRefused(t *testing.T) {
	for _, text := range []string{
		"churn_prob", "churn_prob >", "churn_prob > high", "= 3", "a = 1 b = 2", "(a = 1", "a in b", "a in [b", "a in [b c]", "a in []",
		"a is there", "a not b", "'a = 1", "a ! 1", "a = ''", strings.Repeat("(", 60) + "a = 1", strings.Repeat("not ", 60) + "a = 1",
		"a = " + strings.Repeat("x", 5000), "and", "a = 1 and", "'' = 1",
	} {
		if _, ok := new(filter.Filter).Set(text); ok {
			t.Errorf("%.40s: got no fault", text)
		}
	}
}

func TestUsesSayWhatColumnsHold(t *testing.T) {
	var f filter.Filter
	f.Set("a > 1 and b = x and c = 3 and d is missing and a > 2 and a = x")
	want := []filter.Use{{"a", filter.Number}, {"b", filter.Text}, {"c", filter.Any}, {"d", filter.Any}, {"a", filter.Text}}
	if got := f.Uses(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := f.Columns(); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("got %v", got)
	}
}

func FuzzFilter(f *testing.F) {
	f.Add("churn_prob >= 0.5 and rfm_segment in [at_risk, cant_lose]")
	f.Add("not (a = 'x' or b is not missing)")
	f.Fuzz(func(t *testing.T, text string) {
		var c filter.Filter
		if _, ok := c.Set(text); !ok {
			return
		}
		again := make([]bool, 5)
		c.MatchTo(again, people)
		var d filter.Filter
		if _, ok := d.Set(c.String()); !ok {
			t.Fatalf("%q is read, and not read again", text)
		}
		dst := make([]bool, 5)
		d.MatchTo(dst, people)
		if !slices.Equal(dst, again) {
			t.Fatalf("%q: got %v, then %v", text, again, dst)
		}
	})
}
