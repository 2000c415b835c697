package churn

import (
	"math"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
)

// phrasing puts the reasons of the customers of a batch into words.
type phrasing struct {
	names         []string
	typical       []float64
	batch         *mining.Batch
	words         *words.Words
	leaves, stays string
	text, code    strings.Builder
}

func newPhrasing(m *Model, b *mining.Batch) *phrasing {
	w := b.Words()
	return &phrasing{names: m.features, typical: m.typical, batch: b, words: w, leaves: w.Text("at risk: "), stays: w.Text("stays: ")}
}

// of returns the reasons of a customer in words and as codes, "" where there are none.
func (p *phrasing) of(row int, reasons []Reason) (text, codes string) {
	p.text.Reset()
	p.code.Reset()
	for n, r := range reasons {
		if r.Feature < 0 {
			break
		}
		switch {
		case n > 0:
			p.text.WriteString("; ")
			p.code.WriteString("; ")
		case r.Effect > 0:
			p.text.WriteString(p.leaves)
		default:
			p.text.WriteString(p.stays)
		}
		p.text.WriteString(p.reason(row, r))
		p.code.WriteString(Phrase(p.names[r.Feature], r.Value))
	}
	return p.text.String(), p.code.String()
}

// reason says what a value means.
func (p *phrasing) reason(row int, r Reason) string {
	typical := math.NaN()
	if p.typical != nil {
		typical = p.typical[r.Feature]
	}
	return p.words.Reason(p.names[r.Feature], r.Value, typical, func(feature string) float64 {
		if !slices.Contains(p.names, feature) {
			return math.NaN()
		}
		return p.batch.Column(feature)[row]
	})
}
