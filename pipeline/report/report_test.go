package report

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/mining/page"
)

func render(t *testing.T, p Page) string {
	t.Helper()
	text, err := Render(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wellFormed reads the page as XML, tag by tag, with what HTML leaves open.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(strings.Replace(page, "<!doctype html>", "", 1)))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var open []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			open = append(open, e.Name.Local)
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != e.Name.Local {
				t.Fatalf("got </%s> within %v", e.Name.Local, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("got %v left open", open)
	}
}

func full() Page {
	return Page{
		Title: "Customers of shop", Subtitle: "Scored at 2011-12-10.",
		Facts:    []Fact{{"Customers", "4,338"}},
		Warnings: []string{"3 rows were refused"},
		Sections: []page.Section{{
			Title: "Groups", Text: "Two groups.",
			Charts: []page.Chart{page.Bars{Title: "Sizes", Bars: []page.Bar{{Name: "a", Value: 2, Label: "two"}, {Name: "b", Value: 1, Label: "one"}}}},
			Tables: []page.Table{{Title: "All", Head: []string{"Name", "Number"}, Numeric: []bool{false, true}, Rows: [][]string{{"a", "2"}, {"b", "1"}}}},
		}},
	}
}

func TestThePageShowsWhatItIsGiven(t *testing.T) {
	page := render(t, full())
	wellFormed(t, page)
	for _, want := range []string{
		"<title>Customers of shop</title>", "Scored at 2011-12-10.", "<dt>Customers</dt><dd>4,338</dd>", "<li>3 rows were refused</li>",
		"<h2>Groups</h2>", "Two groups.", "<h3>Sizes</h3>", ">two</text>", `<th>Name</th><th class="n">Number</th>`, `<td>a</td><td class="n">2</td>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("got no %q on the page", want)
		}
	}
	if page != render(t, full()) {
		t.Error("got another page for the same findings")
	}
}

func TestAPageWithoutRowsIsAPage(t *testing.T) {
	f := func(p Page) {
		t.Helper()
		wellFormed(t, render(t, p))
	}
	f(Page{})
	f(Page{Title: "Customers of shop", Sections: []page.Section{{}}})
	f(Page{Sections: []page.Section{{Charts: []page.Chart{page.Bars{}}, Tables: []page.Table{{}, {Head: []string{"Name"}}}}}})
	f(Page{Sections: []page.Section{{Charts: []page.Chart{page.Bars{Bars: []page.Bar{{Name: "nobody", Value: 0, Label: "0"}}}}}}})
}

func TestTextIsNeverMarkup(t *testing.T) {
	const bad = `<script>alert("x")</script><img src=x onerror='y'>&`
	p := Page{
		Title: bad, Subtitle: bad, Facts: []Fact{{bad, bad}}, Warnings: []string{bad},
		Sections: []page.Section{{
			Title: bad, Text: bad,
			Charts: []page.Chart{page.Bars{Title: bad, Bars: []page.Bar{{Name: bad, Value: 1, Label: bad}}}},
			Tables: []page.Table{{Title: bad, Head: []string{bad}, Rows: [][]string{{bad}}}},
		}},
	}
	page := render(t, p)
	wellFormed(t, page)
	for _, tag := range []string{"<script", "<img"} {
		if strings.Contains(page, tag) {
			t.Errorf("got %q on the page", tag)
		}
	}
	if n := strings.Count(page, "&lt;script&gt;"); n != 17 { // the title stands on the page twice, those of a chart and of a bar likewise, with its label
		t.Errorf("got %d places with the text, want all 17", n)
	}
}

func TestThePageNeedsNothingButItself(t *testing.T) {
	page := render(t, full())
	for _, bad := range []string{"http:", "https:", "//", "@import", "url(", "<script", "<link", "<iframe", "src="} {
		if strings.Contains(page, bad) {
			t.Errorf("got %q on the page, want no reference", bad)
		}
	}
}

func TestBarsAreAsLongAsTheirValues(t *testing.T) {
	for _, f := range []struct{ value, want float64 }{{2, barWidth / 2}, {4, barWidth}, {0, 0}, {math.NaN(), 0}, {math.Inf(1), 0}, {-3, 0}} {
		if got := barLength(f.value, 4); got != f.want {
			t.Errorf("%v: got the length %v, want %v", f.value, got, f.want)
		}
	}
	text := render(t, Page{Sections: []page.Section{{Charts: []page.Chart{page.Bars{Bars: []page.Bar{{Name: "a", Value: math.NaN(), Label: "–"}, {Name: "b", Value: 1e300}}}}}}})
	if !drawnRightly(text) || !strings.Contains(text, `width="420" height="16"`) {
		t.Errorf("got bars that are no numbers, or that do not fill their room")
	}
}

// drawnRightly reports whether every length in the pictures is a number.
func drawnRightly(text string) bool {
	return !regexp.MustCompile(`\b(?:x|y|x1|x2|y1|y2|cx|cy|r|width|height)="[^"]*[^"0-9.-]`).MatchString(text) && !strings.Contains(text, "NaN") && !strings.Contains(text, "Inf")
}

func TestEveryChartIsDrawnWhateverItsValues(t *testing.T) {
	odd := []float64{1, math.NaN(), math.Inf(1), -2, 0, 1e300}
	for _, c := range []page.Chart{
		page.Bars{}, page.Stack{}, page.Lines{}, page.Heatmap{}, page.Scatter{}, page.Scatter{Log: true},
		page.Stack{Title: "<b>", Parts: []string{"a", "b"}, Bars: []page.StackedBar{{Name: "<i>", Values: []float64{1, 2}}, {Name: "x", Values: []float64{math.NaN(), 0}}}},
		page.Lines{Title: "<b>", X: []string{"<i>", "b", "c", "d", "e", "f"}, Lines: []page.Line{
			{Name: "<u>", Values: odd}, {Name: "v", Values: []float64{1, 2, 3, 4, 5, 6}, Low: []float64{0, 1, 2, 3, math.NaN(), 5}, High: []float64{2, 3, 4, 5, 6, 7}},
		}},
		page.Lines{Numbers: []float64{0, 0.5, 1}, Percent: true, Lines: []page.Line{{Values: []float64{0, 1, 1}}}},
		page.Lines{Numbers: []float64{5}, Lines: []page.Line{{Values: []float64{7}}}},
		page.Heatmap{Rows: []string{"<i>", "b"}, Columns: []string{"<u>", "2", "3"}, Values: [][]float64{{1, math.NaN(), 3}, {math.Inf(1)}}},
		page.Scatter{Points: []page.Point{{X: 1, Y: 2, Size: 3, Name: "<i>", Group: "<u>"}, {X: math.NaN(), Y: 1}, {X: -1, Y: 0, Group: "b"}}},
		page.Scatter{Log: true, Points: []page.Point{{X: 1, Y: 2}, {X: 0, Y: 1}, {X: 1000, Y: 10}}},
	} {
		text := render(t, Page{Sections: []page.Section{{Charts: []page.Chart{c}}}})
		wellFormed(t, text)
		if !drawnRightly(text) || strings.Contains(text, "<i>") || strings.Contains(text, "<u>") || strings.Contains(text, "<b>") {
			t.Errorf("%#v: got a picture that is no picture:\n%s", c, text[strings.Index(text, "<svg"):])
		}
	}
}

func TestTicksAreRound(t *testing.T) {
	f := func(s scale, n int, want ...float64) {
		t.Helper()
		if got := s.ticks(n); !slices.Equal(got, want) {
			t.Errorf("%v to %v: got %v, want %v", s.low, s.high, got, want)
		}
	}
	f(scale{low: 0, high: 1}, 5, 0, 0.2, 0.4, 0.6, 0.8, 1)
	f(scale{low: 3, high: 97}, 5, 20, 40, 60, 80)
	f(scale{low: 0, high: 8911407}, 5, 0, 2e6, 4e6, 6e6, 8e6)
	f(scale{low: 1, high: 1000, log: true}, 5, 1, 10, 100, 1000)
	f(scale{low: 2, high: 2}, 5, 2)
}
