// Package report writes the results of a run as one page of HTML that needs
// nothing but itself: no network, no script.
package report

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"

	"github.com/quintile-dev/quintile/mining/page"
)

// Page is what a report shows.
type Page struct {
	Title    string
	Subtitle string
	Facts    []Fact
	Sections []page.Section
	Warnings []string
}

// Fact is one figure at the head of the page.
type Fact struct{ Name, Value string }

//go:embed page.html bars.html
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"draw": draw, "numeric": func(t page.Table, i int) bool { return i < len(t.Numeric) && t.Numeric[i] },
}).ParseFS(files, "page.html"))

// charts are apart from the page, which calls draw, which reads them.
var charts = template.Must(template.ParseFS(files, "bars.html"))

// Render returns the page.
func Render(p Page) ([]byte, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, "page.html", p); err != nil {
		return nil, fmt.Errorf("rendering the report: %w", err)
	}
	return b.Bytes(), nil
}

// draw returns the picture of a chart.
func draw(c page.Chart) (template.HTML, error) {
	var b bytes.Buffer
	var err error
	switch c := c.(type) {
	case page.Bars:
		err = charts.ExecuteTemplate(&b, "bars.html", bars(c))
	default:
		err = fmt.Errorf("BUG: there is no drawing of %T", c)
	}
	return template.HTML(b.String()), err
}
