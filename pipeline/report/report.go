// Package report writes the results of a run as one page of HTML that needs
// nothing but itself: no network, no script.
package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"math"
)

// Page is what a report shows.
type Page struct {
	Title    string
	Subtitle string
	Facts    []Fact
	Sections []Section
	Warnings []string
}

// Fact is one figure at the head of the page.
type Fact struct{ Name, Value string }

// Section is one question and its answer.
type Section struct {
	Title  string
	Text   string
	Charts []Chart
	Tables []Table
}

// Chart is a row of bars, one for each name.
type Chart struct {
	Title string
	Bars  []Bar
}

// Bar is one bar of a chart.
type Bar struct {
	Name  string
	Value float64 // ≥ 0
	Label string  // what is written beside it
}

// Table is a table of texts. Columns after the first are aligned to the right
// where Numeric says so.
type Table struct {
	Title   string
	Head    []string
	Numeric []bool
	Rows    [][]string
}

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"bars": bars, "numeric": func(t Table, i int) bool { return i < len(t.Numeric) && t.Numeric[i] },
}).Parse(pageText))

// Render returns the page.
func Render(p Page) ([]byte, error) {
	var b bytes.Buffer
	if err := page.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("rendering the report: %w", err)
	}
	return b.Bytes(), nil
}

// drawn is a bar with its place in the picture.
type drawn struct {
	Bar
	Y, TextY, Width float64
	LabelX          float64
}

// The measures of a chart, in pixels.
const (
	rowHeight = 24
	nameWidth = 220
	barWidth  = 420
	labelRoom = 160
)

type picture struct {
	Width, Height, NameX, BarX float64
	Bars                       []drawn
}

// bars places the bars of a chart.
func bars(c Chart) picture {
	most := 0.0
	for _, b := range c.Bars {
		if !math.IsNaN(b.Value) && !math.IsInf(b.Value, 0) {
			most = max(most, b.Value)
		}
	}
	p := picture{Width: nameWidth + barWidth + labelRoom, Height: float64(len(c.Bars)) * rowHeight, NameX: nameWidth - 8, BarX: nameWidth}
	for i, b := range c.Bars {
		width := 0.0
		if most > 0 && b.Value > 0 && !math.IsInf(b.Value, 0) {
			width = math.Round(barWidth * b.Value / most)
		}
		y := float64(i) * rowHeight
		p.Bars = append(p.Bars, drawn{Bar: b, Y: y + 4, TextY: y + 16, Width: width, LabelX: nameWidth + width + 6})
	}
	return p
}
