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

//go:embed page.html
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"draw": draw, "numeric": func(t page.Table, i int) bool { return i < len(t.Numeric) && t.Numeric[i] },
}).ParseFS(files, "page.html"))

// Render returns the page.
func Render(p Page) ([]byte, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, "page.html", p); err != nil {
		return nil, fmt.Errorf("rendering the report: %w", err)
	}
	return b.Bytes(), nil
}

// draw returns the picture of a chart, with its title.
func draw(c page.Chart) (template.HTML, error) {
	title, picture := "", ""
	switch c := c.(type) {
	case page.Bars:
		title, picture = c.Title, drawBars(c)
	case page.Stack:
		title, picture = c.Title, drawStack(c)
	case page.Lines:
		title, picture = c.Title, drawLines(c)
	case page.Heatmap:
		title, picture = c.Title, drawHeatmap(c)
	case page.Scatter:
		title, picture = c.Title, drawScatter(c)
	default:
		return "", fmt.Errorf("BUG: there is no drawing of %T", c)
	}
	if title != "" {
		title = "<h3>" + template.HTMLEscapeString(title) + "</h3>\n"
	}
	return template.HTML(title + picture), nil
}
