package report

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// svg builds a picture. Its elements are styled by the classes of the page.
type svg struct {
	body          strings.Builder
	width, height float64
	label         string // for readers who do not see the picture
	hidden        bool   // an ornament, which such readers do not need
}

func (s *svg) String() string {
	size := fmt.Sprintf(`viewBox="0 0 %s %s" width="%s" height="%s"`, px(s.width), px(s.height), px(s.width), px(s.height))
	if s.hidden {
		return `<svg ` + size + ` aria-hidden="true">` + s.body.String() + "</svg>"
	}
	if s.label == "" {
		s.label = "picture" // a reader is told at least that something stands here
	}
	return `<svg ` + size + ` role="img" aria-label="` + template.HTMLEscapeString(s.label) + `">` + s.body.String() + "</svg>"
}

// px writes a length in pixels, with a decimal place if necessary.
func px(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// text writes a text; anchor is start, middle or end.
func (s *svg) text(x, y float64, anchor, class, text string) {
	fmt.Fprintf(&s.body, `<text x="%s" y="%s" text-anchor="%s" class="%s">%s</text>`, px(x), px(y), anchor, class, template.HTMLEscapeString(text))
}

// rect draws a rectangle. title, if any, is shown when a pointer rests on it.
func (s *svg) rect(x, y, width, height float64, class, title string) {
	fmt.Fprintf(&s.body, `<rect x="%s" y="%s" width="%s" height="%s" class="%s"`, px(x), px(y), px(max(0, width)), px(max(0, height)), class)
	s.end("rect", title)
}

// circle draws a disc.
func (s *svg) circle(x, y, radius float64, class, title string) {
	fmt.Fprintf(&s.body, `<circle cx="%s" cy="%s" r="%s" class="%s"`, px(x), px(y), px(radius), class)
	s.end("circle", title)
}

func (s *svg) end(element, title string) {
	if title == "" {
		s.body.WriteString("/>")
		return
	}
	fmt.Fprintf(&s.body, `><title>%s</title></%s>`, template.HTMLEscapeString(title), element)
}

// line draws a straight line.
func (s *svg) line(x1, y1, x2, y2 float64, class string) {
	fmt.Fprintf(&s.body, `<line x1="%s" y1="%s" x2="%s" y2="%s" class="%s"/>`, px(x1), px(y1), px(x2), px(y2), class)
}

// point is a place in a picture.
type point struct{ x, y float64 }

// path draws a curve through points, or fills the enclosed area, by class.
func (s *svg) path(points []point, class string, closed bool) {
	if len(points) == 0 {
		return
	}
	s.body.WriteString(`<path d="`)
	for i, p := range points {
		command := "L"
		if i == 0 {
			command = "M"
		}
		s.body.WriteString(command + px(p.x) + " " + px(p.y))
	}
	if closed {
		s.body.WriteString("Z")
	}
	fmt.Fprintf(&s.body, `" class="%s"/>`, class)
}

// short cuts a label to so many characters.
func short(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
