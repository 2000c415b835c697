package report

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/words"
)

func render(t *testing.T, p Page) string {
	t.Helper()
	text, err := Render(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wellFormed reads the page as HTML does, tag by tag.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	// What stands in a script or a style is no markup.
	page = strings.Replace(strings.Replace(page, script, "", 1), style, "", 1)
	d := xml.NewDecoder(strings.NewReader(strings.Replace(page, "<!doctype html>", "", 1)))
	d.Strict, d.AutoClose, d.Entity = false, append(slices.Clone(xml.HTMLAutoClose), "input"), xml.HTMLEntity
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

// of returns a page with one section.
func of(s page.Section) Page {
	return Page{Title: "Customers of shop", Chapters: []Chapter{{Title: "Who", Sections: []page.Section{s}}}}
}

func full() Page {
	p := of(page.Section{
		Title: "Groups", Text: "Two groups.",
		Charts: []page.Chart{page.Bars{Title: "Sizes", Bars: []page.Bar{{Name: "a", Value: 2, Label: "two"}, {Name: "b", Value: 1, Label: "one"}}}},
		Tables: []page.Table{
			{Title: "All", Head: []string{"Name", "Number"}, Numeric: []bool{false, true}, Rows: [][]string{{"a", "2"}, {"b", "1"}}},
			{Title: "More", Head: []string{"Name"}, Rows: [][]string{{"c"}}, Fold: true},
		},
	})
	p.Subtitle, p.Currency = "Scored at 2011-12-10.", "GBP"
	p.Highlights = []page.Highlight{
		{Name: "Customers", Value: "4,338", Change: math.NaN()},
		{Name: "Money", Value: "8.9 M £", Note: "against the days before", Change: -0.125, Trend: []float64{1, 3, 2}},
	}
	p.Actions = []page.Action{{Do: "Win back", Customers: 372, Worth: 554861.5, Stake: "spent so far", Why: "They stopped.", Offer: "a voucher", Where: "segments.parquet"}}
	p.Warnings = []Warning{{"quarantined", "3 rows were refused"}}
	p.Reading = []page.Section{{Tables: []page.Table{{Head: []string{"Rows"}, Rows: [][]string{{"541,909"}}}}}}
	return p
}

func TestThePageShowsWhatItIsGiven(t *testing.T) {
	page := render(t, full())
	wellFormed(t, page)
	for _, want := range []string{
		"<title>Customers of shop</title>", "Scored at 2011-12-10.", `<div class="name">Customers</div><div class="value">4,338</div>`,
		`<b class="down">-12.5 %</b> against the days before`, "<h3>Win back</h3>", "<b>372</b> customers · <b>555 k £</b> spent so far", "a voucher",
		`<li>3 rows were refused <code>quarantined</code></li>`, `<h2 class="chapter" id="c0">Who</h2>`, `<a href="#s1-1">Groups</a>`, `<section id="s1-1">`,
		"Two groups.", "<h4>Sizes</h4>", ">two</text>", `<th scope="col">Name</th><th scope="col" class="n">Number</th>`, `<td>a</td><td class="n">2</td>`,
		"<summary>More</summary>", "<td>541,909</td>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("got no %q on the page", want)
		}
	}
	if page != render(t, full()) {
		t.Error("got another page for the same findings")
	}
}

func TestAFigureWithoutAChangeShowsNone(t *testing.T) {
	p := Page{Highlights: []page.Highlight{{Name: "Orders", Value: "3", Change: math.NaN()}}}
	if text := render(t, p); strings.Contains(text, `class="note"`) {
		t.Error("got a note without a change and without words")
	}
}

func TestGermanPagesSpeakGerman(t *testing.T) {
	p := full()
	p.Language = "de"
	text := render(t, p)
	for _, want := range []string{`<html lang="de">`, "Was jetzt zu tun ist", "372</b> Kunden"} {
		if !strings.Contains(text, want) {
			t.Errorf("got no %q on the page", want)
		}
	}
	english, german := reflect.ValueOf(labelsOf(words.MustOpen("en", ""))), reflect.ValueOf(labelsOf(words.MustOpen("de", "")))
	for i := range german.NumField() {
		if name := german.Type().Field(i).Name; german.Field(i).String() == "" || german.Field(i).String() == english.Field(i).String() {
			t.Errorf("got %q for %s in both languages", german.Field(i), name)
		}
	}
	p.Language = "tlh"
	if _, err := Render(p); err == nil || !strings.Contains(err.Error(), `"tlh"`) {
		t.Errorf("got %v, want an error that names the unknown language", err)
	}
}

func TestAPageWithoutRowsIsAPage(t *testing.T) {
	f := func(p Page) {
		t.Helper()
		wellFormed(t, render(t, p))
	}
	f(Page{})
	f(of(page.Section{}))
	f(of(page.Section{Charts: []page.Chart{page.Bars{}}, Tables: []page.Table{{}, {Head: []string{"Name"}}}}))
	f(of(page.Section{Charts: []page.Chart{page.Bars{Bars: []page.Bar{{Name: "nobody", Value: 0, Label: "0"}}}}}))
}

func TestTextIsNeverMarkup(t *testing.T) {
	const bad = `<script>alert("x")</script><img src=x onerror='y'>&`
	p := of(page.Section{
		Title: bad, Text: bad,
		Charts: []page.Chart{
			page.Bars{Title: bad, Bars: []page.Bar{{Name: bad, Value: 1, Label: bad}}},
			page.Cards{Title: bad, Cards: []page.Card{{Name: bad, Text: bad, Do: bad, Facts: []page.Fact{{Name: bad, Value: bad}}}}},
			page.Flow{Title: bad, LeftName: bad, RightName: bad, Left: []string{bad}, Right: []string{bad}, Links: []page.Link{{Weight: 1, Label: bad}}},
			page.Multiples{Title: bad, X: []string{bad}, Panels: []page.Panel{{Name: bad, Label: bad, Values: []float64{1}}}},
		},
		Tables: []page.Table{{Title: bad, Head: []string{bad}, Rows: [][]string{{bad}}}, {Title: bad, Fold: true}},
	})
	p.Title, p.Subtitle, p.Currency, p.Chapters[0].Title = bad, bad, bad, bad
	p.Highlights = []page.Highlight{{Name: bad, Value: bad, Note: bad}}
	p.Actions = []page.Action{{Do: bad, Stake: bad, Why: bad, Offer: bad, Where: bad}}
	p.Warnings = []Warning{{bad, bad}}
	p.Reading = []page.Section{{Title: bad, Text: bad, Tables: []page.Table{{Title: bad}}}}
	text := render(t, p)
	wellFormed(t, text)
	if n := strings.Count(text, "<script"); n != 1 { // the page's own
		t.Errorf("got %d scripts, want the page's own alone", n)
	}
	if strings.Contains(text, "<img") {
		t.Error("got an image")
	}
	if n := strings.Count(text, "&lt;script&gt;"); n < 40 {
		t.Errorf("got %d places with the text, want every one", n)
	}
}

func TestThePageNeedsNothingButItself(t *testing.T) {
	text := render(t, full())
	for _, bad := range []string{"http:", "https:", "@import", "url(", "<link", "<iframe", "src=", " style=", " onclick="} {
		if strings.Contains(text, bad) {
			t.Errorf("got %q on the page, want no reference, and no style or script beside the page's own", bad)
		}
	}
	for _, want := range []string{"default-src &#39;none&#39;", "style-src &#39;sha256-", "script-src &#39;sha256-", "<style>" + style + "</style>", "<script>" + script + "</script>"} {
		if !strings.Contains(text, want) {
			t.Errorf("got no %.60q on the page", want)
		}
	}
}

func TestBarsAreAsLongAsTheirValues(t *testing.T) {
	r := wide.rows([]string{"abc"})
	for _, f := range []struct{ value, want float64 }{{2, r.full / 2}, {4, r.full}, {0, 0}, {math.NaN(), 0}, {math.Inf(1), 0}, {-3, 0}} {
		if got := r.length(f.value, 4); got != f.want {
			t.Errorf("%v: got the length %v, want %v", f.value, got, f.want)
		}
	}
	text := render(t, of(page.Section{Charts: []page.Chart{page.Bars{Bars: []page.Bar{{Name: "a", Value: math.NaN(), Label: "–"}, {Name: "b", Value: 1e300}}}}}))
	full := wide.rows([]string{"–"}).full
	if !drawnRightly(text) || !strings.Contains(text, `width="`+px(full)+`" height="16"`) {
		t.Errorf("got bars that are no numbers, or that do not fill their room")
	}
}

func TestNarrowPicturesFitAPhone(t *testing.T) {
	for _, c := range everyChart() {
		text := render(t, of(page.Section{Charts: []page.Chart{c}}))
		_, after, found := strings.Cut(text, `<div class="narrow">`)
		if !found {
			continue // cards and panels flow by themselves
		}
		if !strings.HasPrefix(after, `<svg viewBox="0 0 330 `) {
			t.Errorf("%T: got %.60s, want a picture 330 wide", c, after)
		}
	}
}

// drawnRightly reports whether every length in the pictures is a number.
func drawnRightly(text string) bool {
	return !regexp.MustCompile(`\b(?:x|y|x1|x2|y1|y2|cx|cy|r|width|height)="[^"]*[^"0-9.-]`).MatchString(text) && !strings.Contains(text, "NaN") && !strings.Contains(text, "Inf")
}

// everyChart returns charts of each type, with values that no picture can show among them.
func everyChart() []page.Chart {
	odd := []float64{1, math.NaN(), math.Inf(1), -2, 0, 1e300}
	return []page.Chart{
		page.Bars{}, page.Stack{}, page.Lines{}, page.Heatmap{}, page.Scatter{}, page.Scatter{Log: true}, page.Flow{}, page.Multiples{}, page.Cards{},
		page.Stack{Title: "<b>", Parts: []string{"a", "b"}, Bars: []page.StackedBar{{Name: "<i>", Values: []float64{1, 2}}, {Name: "x", Values: []float64{math.NaN(), 0}}}},
		page.Lines{Title: "<b>", X: []string{"<i>", "b", "c", "d", "e", "f"}, Lines: []page.Line{
			{Name: "<u>", Values: odd}, {Name: "v", Values: []float64{1, 2, 3, 4, 5, 6}, Low: []float64{0, 1, 2, 3, math.NaN(), 5}, High: []float64{2, 3, 4, 5, 6, 7}},
		}, Marks: []page.Mark{{At: 0, Name: "<i>"}, {At: 1}, {At: -1}, {At: 99}}},
		page.Lines{Numbers: []float64{0, 0.5, 1}, Percent: true, Lines: []page.Line{{Values: []float64{0, 1, 1}}}},
		page.Lines{Numbers: []float64{5}, Lines: []page.Line{{Values: []float64{7}}}},
		page.Heatmap{Rows: []string{"<i>", "b"}, Columns: []string{"<u>", "2", "3"}, Values: [][]float64{{1, math.NaN(), 3}, {math.Inf(1)}}},
		page.Scatter{Points: []page.Point{{X: 1, Y: 2, Size: 3, Name: "<i>", Group: "<u>"}, {X: math.NaN(), Y: 1}, {X: -1, Y: 0, Group: "b"}}},
		page.Scatter{Log: true, Points: []page.Point{{X: 1, Y: 2}, {X: 0, Y: 1}, {X: 1000, Y: 10}}},
		page.Flow{Left: []string{"<i>", "b"}, Right: []string{"<u>"}, Links: []page.Link{{Weight: 3, Label: "<b>"}, {From: 1, Weight: math.NaN()}, {From: 1, Weight: math.Inf(1)}, {From: 7, Weight: 1}, {To: -1, Weight: 1}}},
		page.Multiples{X: []string{"<i>"}, Panels: []page.Panel{{Name: "<u>", Values: odd, Low: odd, High: odd, Forecast: 3}, {}, {Values: []float64{1}, Forecast: 9}}},
		page.Cards{Cards: []page.Card{{Name: "<i>", Share: math.NaN()}, {Share: 2}, {Share: -1}}},
	}
}

func TestEveryChartIsDrawnWhateverItsValues(t *testing.T) {
	for _, c := range everyChart() {
		text := render(t, of(page.Section{Charts: []page.Chart{c}}))
		wellFormed(t, text)
		text = text[strings.Index(text, "<main"):strings.Index(text, "<script")]
		if !drawnRightly(text) || strings.Contains(text, "<i>") || strings.Contains(text, "<u>") || strings.Contains(text, "<b>") {
			t.Errorf("%#v: got a picture that is no picture:\n%s", c, text)
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
