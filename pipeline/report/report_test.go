package report

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
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
	if n := strings.Count(page, "&lt;script&gt;"); n != 14 { // the title stands on the page twice
		t.Errorf("got %d places with the text, want all 14", n)
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
	p := bars(page.Bars{Bars: []page.Bar{{Name: "half", Value: 2, Label: ""}, {Name: "all", Value: 4, Label: ""}, {Name: "none", Value: 0, Label: ""}, {Name: "unknown", Value: math.NaN(), Label: ""}, {Name: "endless", Value: math.Inf(1), Label: ""}, {Name: "below", Value: -3, Label: ""}}})
	for i, want := range []float64{barWidth / 2, barWidth, 0, 0, 0, 0} {
		if b := p.Bars[i]; b.Width != want || b.LabelX != nameWidth+want+6 || b.Y != float64(i)*rowHeight+4 {
			t.Errorf("%s: got %+v, want width %g", b.Name, b, want)
		}
	}
	if p.Height != 6*rowHeight || p.Width < nameWidth+barWidth {
		t.Errorf("got %g × %g", p.Width, p.Height)
	}
	page := render(t, Page{Sections: []page.Section{{Charts: []page.Chart{page.Bars{Bars: []page.Bar{{Name: "a", Value: math.NaN(), Label: "–"}, {Name: "b", Value: 1e300, Label: ""}}}}}}})
	if regexp.MustCompile(`(?:x|y|width|height)="[^"0-9]`).MatchString(page) || strings.Contains(page, "NaN") {
		t.Error("got a measure that is no number")
	}
}
