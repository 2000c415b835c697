package compare

import (
	"math"
	"reflect"
	"testing"

	"github.com/quintile-dev/quintile/pipeline/published"
)

func table(customers, groups []string, money []float64) *published.Table {
	return &published.Table{Rows: len(customers), Columns: []published.Column{
		{Name: "customer", Texts: customers}, {Name: "rfm_segment", Texts: groups}, {Name: "monetary", Numbers: money},
	}}
}

func TestMovesAndColumnsAreThoseOfCustomersOfBothRuns(t *testing.T) {
	before := table([]string{"a", "b", "c", "d"}, []string{"new", "new", "loyal", ""}, []float64{1, 2, 3, math.NaN()})
	after := table([]string{"b", "c", "d", "e"}, []string{"loyal", "loyal", "new", "new"}, []float64{5, 3, 4, 9})
	p := match(before, after)
	if want := [][2]int{{1, 0}, {2, 1}, {3, 2}}; !reflect.DeepEqual(p.rows, want) {
		t.Fatalf("got the rows %v, want %v", p.rows, want)
	}
	want := []Move{{"rfm_segment", "", "new", 1, 4}, {"rfm_segment", "new", "loyal", 1, 5}}
	if got := p.moves(); !reflect.DeepEqual(got, want) {
		t.Errorf("got the moves %+v, want %+v", got, want)
	}
	columns := p.columns()
	if len(columns) != 1 {
		t.Fatalf("got %+v, want money alone", columns)
	}
	c := columns[0]
	// b changed from 2 to 5, d from nothing to 4: differences are known of b and c, 3 and 0.
	if c.Changed != 2 || *c.MeanBefore != 2 || *c.MeanAfter != 5.25 || *c.MeanChange != 1.5 {
		t.Errorf("got %d changed, means %v and %v, mean change %v; want 2, 2, 5.25, 1.5", c.Changed, *c.MeanBefore, *c.MeanAfter, *c.MeanChange)
	}
}

func TestNumbersThatNameGroupsHaveNoMean(t *testing.T) {
	before, after := table([]string{"a"}, []string{"new"}, []float64{1}), table([]string{"a"}, []string{"new"}, []float64{1})
	for _, name := range []string{"segment", "class", "r_score"} {
		before.Columns = append(before.Columns, published.Column{Name: name, Numbers: []float64{1}})
		after.Columns = append(after.Columns, published.Column{Name: name, Numbers: []float64{2}})
	}
	if got := match(before, after).columns(); len(got) != 1 || got[0].Name != "r_score" {
		t.Errorf("got %+v, want r_score alone", got)
	}
}

func TestWhatDoesNotDifferIsLeftOut(t *testing.T) {
	same := table([]string{"a"}, []string{"new"}, []float64{1})
	p := match(same, same)
	if len(p.moves()) != 0 || len(p.columns()) != 0 {
		t.Errorf("got %v and %v, want nothing", p.moves(), p.columns())
	}
	var values []Value
	walk(&values, "x", map[string]any{"a": 1.0, "b": []any{"p"}}, map[string]any{"a": 1.0, "b": []any{"q"}, "c": true})
	if want := []Value{{"x.b", []any{"p"}, []any{"q"}}, {"x.c", nil, true}}; !reflect.DeepEqual(values, want) {
		t.Errorf("got %v, want %v", values, want)
	}
}
