package report

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
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
		Sections: []Section{{
			Title: "Groups", Text: "Two groups.",
			Charts: []Chart{{Title: "Sizes", Bars: []Bar{{"a", 2, "two"}, {"b", 1, "one"}}}},
			Tables: []Table{{Title: "All", Head: []string{"Name", "Number"}, Numeric: []bool{false, true}, Rows: [][]string{{"a", "2"}, {"b", "1"}}}},
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
	f(Page{Title: "Customers of shop", Sections: []Section{{}}})
	f(Page{Sections: []Section{{Charts: []Chart{{}}, Tables: []Table{{}, {Head: []string{"Name"}}}}}})
	f(Page{Sections: []Section{{Charts: []Chart{{Bars: []Bar{{"nobody", 0, "0"}}}}}}})
}

func TestTextIsNeverMarkup(t *testing.T) {
	const bad = `<script>alert("x")</script><img src=x onerror='y'>&`
	p := Page{
		Title: bad, Subtitle: bad, Facts: []Fact{{bad, bad}}, Warnings: []string{bad},
		Sections: []Section{{
			Title: bad, Text: bad,
			Charts: []Chart{{Title: bad, Bars: []Bar{{bad, 1, bad}}}},
			Tables: []Table{{Title: bad, Head: []string{bad}, Rows: [][]string{{bad}}}},
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
	p := bars(Chart{Bars: []Bar{{"half", 2, ""}, {"all", 4, ""}, {"none", 0, ""}, {"unknown", math.NaN(), ""}, {"endless", math.Inf(1), ""}, {"below", -3, ""}}})
	for i, want := range []float64{barWidth / 2, barWidth, 0, 0, 0, 0} {
		if b := p.Bars[i]; b.Width != want || b.LabelX != nameWidth+want+6 || b.Y != float64(i)*rowHeight+4 {
			t.Errorf("%s: got %+v, want width %g", b.Name, b, want)
		}
	}
	if p.Height != 6*rowHeight || p.Width < nameWidth+barWidth {
		t.Errorf("got %g × %g", p.Width, p.Height)
	}
	page := render(t, Page{Sections: []Section{{Charts: []Chart{{Bars: []Bar{{"a", math.NaN(), "–"}, {"b", 1e300, ""}}}}}}})
	if regexp.MustCompile(`(?:x|y|width|height)="[^"0-9]`).MatchString(page) || strings.Contains(page, "NaN") {
		t.Error("got a measure that is no number")
	}
}
