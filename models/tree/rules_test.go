package tree

import (
	"math"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

func TestRulesMergeQuestionsAboutOneColumn(t *testing.T) {
	x := models.Matrix{Names: []string{"recency_days", "frequency"}, Cols: [][]float32{
		{10, 20, 30, 40, 50, 60, 70, 80},
		{1, 1, 1, 9, 9, 9, 1, 9},
	}}
	tr := fitClasses(t, plain(), x, []int32{0, 0, 1, 2, 2, 2, 3, 3}, 4, nil)
	rules := tr.Rules(nil, []string{"new", "warm", "loyal", "lost"}, nil)
	var got []string
	for _, r := range rules {
		got = append(got, r.Text)
	}
	want := []string{
		"recency_days ≤ 25 ⇒ new",
		"25 < recency_days ≤ 35 ⇒ warm",
		"35 < recency_days ≤ 65 ⇒ loyal",
		"recency_days > 65 ⇒ lost",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	loyal := rules[2]
	if loyal.Leaf != 2 || loyal.Rows != 3 || loyal.Share != 0.375 || loyal.Class != 2 || loyal.Confidence != 1 || math.Abs(loyal.Lift-8.0/3) > 1e-15 {
		t.Errorf("got %+v", loyal)
	}
}

// Every row meets the conditions of the rule of its leaf and of no other.
func TestRulesDivideTheRows(t *testing.T) {
	const n = 3000
	x, y := benchmarkTable(n, 5)
	for j, col := range x.Cols {
		for i := range col {
			if (3*i+7*j)%17 == 0 {
				col[i] = nan
			}
		}
	}
	c := plain()
	c.Kinds = []Kind{Numeric, Numeric, Numeric, Numeric, Categorical}
	c.MinLeafRows = 8
	tr := fitClasses(t, c, x, y, 4, nil)
	leaf := make([]int32, n)
	if err := tr.LeafTo(leaf, x); err != nil {
		t.Fatal(err)
	}
	rules := tr.Rules(nil, nil, nil)
	share, rows := 0.0, make([]int, len(rules))
	for i := range n {
		rows[leaf[i]]++
		for _, r := range rules {
			if meets(x, i, r) != (r.Leaf == int(leaf[i])) {
				t.Fatalf("row %d is in leaf %d but rule %d says %t: %s", i, leaf[i], r.Leaf, meets(x, i, r), r.Text)
			}
		}
	}
	for k, r := range rules {
		share += r.Share
		if r.Leaf != k || r.Rows != rows[k] {
			t.Errorf("rule %d: got leaf %d with %d rows, want %d rows", k, r.Leaf, r.Rows, rows[k])
		}
	}
	if math.Abs(share-1) > 1e-12 {
		t.Errorf("the shares sum to %v", share)
	}
}

func meets(x models.Matrix, i int, r Rule) bool {
	for _, c := range r.Conditions {
		v := x.Cols[c.Column][i]
		ok := false
		switch {
		case v != v:
			ok = c.Missing
		case c.Codes != nil || c.Others:
			ok = slices.Contains(c.Codes, int32(v))
		case c.Present:
			ok = true
		case c.Above != nil || c.AtMost != nil:
			ok = (c.Above == nil || float64(v) > *c.Above) && (c.AtMost == nil || float64(v) <= *c.AtMost)
		}
		if !ok {
			return false
		}
	}
	return true
}

func TestNumbersAreWrittenForPeople(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 42.5: "42.5", -3: "-3", 1234567.5: "1234567.5", 0.000123456789: "0.000123", 674.4849853515625: "674.485",
		1e-9: "1e-09", 2.5e13: "2.5e+13", 100: "100", 0.1: "0.1",
	} {
		if got := number(v); got != want {
			t.Errorf("number(%v) = %q, want %q", v, got, want)
		}
	}
}
