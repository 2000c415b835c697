package mining

import (
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/profile"
	"github.com/quintile-dev/quintile/mining/words"
)

// Faultf returns a fault of a field.
func Faultf(field, format string, args ...any) Fault {
	return Fault{field, fmt.Sprintf(format, args...)}
}

// OrNull returns a number as JSON can hold it: NaN and the infinities are null.
func OrNull(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return v
}

// MarkTexts writes the marks of a group in words.
func MarkTexts(w *words.Words, marks []profile.Mark) []string {
	var out []string
	for _, m := range marks {
		text := w.Name(m.Feature) + ": " + w.Value(m.Feature, m.Mean)
		if math.IsNaN(m.Index) {
			side := w.Text(" above the average)")
			if m.Difference < 0 {
				side = w.Text(" below the average)")
			}
			text += " (" + w.Value(m.Feature, math.Abs(m.Difference)) + side
		} else {
			text += w.Say(" (%s times the average)", page.Times(m.Index/100))
		}
		out = append(out, text)
	}
	return out
}

// Named returns a test for the feature of a name.
func Named(name string) func(features.Feature) bool {
	return func(f features.Feature) bool { return f.Name == name }
}

// WithCurrency returns a heading with the currency of its amounts.
func WithCurrency(heading, currency string) string {
	if currency == "" {
		return heading
	}
	return heading + " (" + currency + ")"
}
