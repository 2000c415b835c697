package report

import (
	"html/template"
	"math"
	"strings"

	"github.com/quintile-dev/quintile/mining/page"
)

// drawCards draws a row of cards.
func drawCards(c page.Cards) string {
	var b strings.Builder
	text := func(tag, class, content string) {
		if content != "" {
			b.WriteString("<" + tag + ` class="` + class + `">` + template.HTMLEscapeString(content) + "</" + tag + ">")
		}
	}
	b.WriteString(`<div class="cards">`)
	for i, card := range c.Cards {
		b.WriteString(`<article class="card">`)
		text("h4", "", card.Name)
		if !math.IsNaN(card.Share) {
			s := &svg{width: 200, height: 8, hidden: true}
			s.rect(0, 0, 200, 8, "track", "")
			s.rect(0, 0, 200*max(0, min(1, card.Share)), 8, colour(i), "")
			b.WriteString(s.String())
		}
		b.WriteString(`<dl>`)
		for _, f := range card.Facts {
			b.WriteString(`<div><dt>` + template.HTMLEscapeString(f.Name) + `</dt><dd>` + template.HTMLEscapeString(f.Value) + `</dd></div>`)
		}
		b.WriteString(`</dl>`)
		text("p", "marks", card.Text)
		text("p", "do", card.Do)
		b.WriteString(`</article>`)
	}
	b.WriteString(`</div>`)
	return b.String()
}
