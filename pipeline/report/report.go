// Package report writes the results of a run as one page of HTML without other files: no
// network, no font, no picture file. A small script sorts, searches and copies tables;
// without the script the page is complete, on paper too. Pictures are drawn here, from
// data binned by the steps, so that no data set makes the page large.
package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"math"

	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/words"
)

// Page is what a report shows.
type Page struct {
	Language   string // of the page's own words, as in package words; "" is English
	Title      string
	Subtitle   string
	Currency   string
	Highlights []page.Highlight // the first screen
	Actions    []page.Action    // what to do now, the most important first
	Chapters   []Chapter
	Warnings   []Warning      // the worst first
	Reading    []page.Section // how the data were read
}

// Chapter is a group of sections that answer related questions.
type Chapter struct {
	Title    string
	Sections []page.Section
}

// Warning is something that a reader should know before trusting a figure.
type Warning struct{ Code, Message string }

//go:embed page.html style.css script.js
var files embed.FS

// style and script stand in the page word for word; the page's policy allows nothing else.
var style, script = read("style.css"), read("script.js")

func read(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return string(text)
}

// policy forbids the page everything but its own style and script.
var policy = "default-src 'none'; style-src '" + hash(style) + "'; script-src '" + hash(script) + "'; base-uri 'none'; form-action 'none'"

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"draw":    draw,
	"trend":   drawTrend,
	"numeric": func(t page.Table, i int) bool { return i < len(t.Numeric) && t.Numeric[i] },
	"whole":   page.Whole,
	"money":   page.Money,
	"change":  page.Change,
	"known":   func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) },
	"falls":   func(v float64) bool { return v < 0 },
	"style":   func() template.CSS { return template.CSS(style) },
	"script":  func() template.JS { return template.JS(script) },
	"policy":  func() string { return policy },
	"pair":    func(chapter, section int) string { return fmt.Sprintf("s%d-%d", chapter+1, section+1) },
	"section": func(l labels, id string, s page.Section) sectionView { return sectionView{l, id, s} },
	"table":   func(l labels, t page.Table) tableView { return tableView{l, t} },
}).ParseFS(files, "page.html"))

// sectionView and tableView are the data of the templates of these names.
type (
	sectionView struct {
		L  labels
		ID string
		page.Section
	}
	tableView struct {
		L labels
		page.Table
	}
)

// Render returns the page.
//
// Errors: an unknown language, a chart without a drawing.
func Render(p Page) ([]byte, error) {
	w, err := words.Open(p.Language, p.Currency)
	if err != nil {
		return nil, fmt.Errorf("rendering the report: %w", err)
	}
	var b bytes.Buffer
	data := struct {
		Page
		L labels
	}{p, labelsOf(w)}
	if err := templates.ExecuteTemplate(&b, "page.html", data); err != nil {
		return nil, fmt.Errorf("rendering the report: %w", err)
	}
	return b.Bytes(), nil
}

// draw returns the picture of a chart, with its title.
func draw(c page.Chart) (template.HTML, error) {
	title, pictures := "", ""
	twice := func(drawn func(canvas) string) {
		pictures = `<div class="wide">` + drawn(wide) + `</div><div class="narrow">` + drawn(small) + `</div>`
	}
	switch c := c.(type) {
	case page.Bars:
		title = c.Title
		twice(func(room canvas) string { return drawBars(c, room) })
	case page.Stack:
		title = c.Title
		twice(func(room canvas) string { return drawStack(c, room) })
	case page.Lines:
		title = c.Title
		twice(func(room canvas) string { return drawLines(c, room) })
	case page.Heatmap:
		title = c.Title
		twice(func(room canvas) string { return drawHeatmap(c, room) })
	case page.Scatter:
		title = c.Title
		twice(func(room canvas) string { return drawScatter(c, room) })
	case page.Flow:
		title = c.Title
		twice(func(room canvas) string { return drawFlow(c, room) })
	case page.Multiples:
		title, pictures = c.Title, drawMultiples(c)
	case page.Cards:
		title, pictures = c.Title, drawCards(c)
	default:
		return "", fmt.Errorf("BUG: there is no drawing of %T", c)
	}
	if title != "" {
		title = "<h4>" + template.HTMLEscapeString(title) + "</h4>\n"
	}
	return template.HTML(title + pictures), nil
}
