package words

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining/page"
)

// Number writes a number in few digits: whole numbers, and numbers of a hundred or more,
// without decimals, all others with three significant digits.
func (w *Words) Number(v float64) string {
	size := math.Abs(v)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return page.None
	case size >= 1e15 || size > 0 && size < 1e-4:
		return w.Localise(strconv.FormatFloat(v, 'g', 3, 64))
	case v == math.Trunc(v) || size >= 99.95:
		return w.Localise(page.Whole(int64(math.Round(v))))
	}
	decimals := 2 - int(math.Floor(math.Log10(size)))
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	return w.Localise(strings.TrimRight(strings.TrimRight(text, "0"), "."))
}

// Money writes an amount with its currency.
func (w *Words) Money(v float64) string {
	return strings.TrimSpace(w.Localise(page.Amount(v)) + " " + w.currency)
}

// Percent writes a share as a percentage.
func (w *Words) Percent(share float64) string { return w.Localise(page.Percent(share)) }

// Count writes a number of things of a unit, such as "1 day" or "12 orders".
func (w *Words) Count(n float64, unit string) string {
	return strings.TrimSpace(w.Number(n) + " " + w.noun(n, unit, false))
}

// Span is Count after a preposition such as "in" or "ago", as some languages then change
// the noun.
func (w *Words) Span(n float64, unit string) string {
	return strings.TrimSpace(w.Number(n) + " " + w.noun(n, unit, true))
}

// noun returns the noun of a unit for a given number.
func (w *Words) noun(n float64, unit string, dative bool) string {
	forms := w.file.Units[unit]
	if len(forms) == 0 {
		return ""
	}
	at := 1
	if n == 1 {
		at = 0
	}
	if dative && len(forms) == 4 {
		at += 2
	}
	return forms[at]
}

// Value returns the text of a feature's value with its unit.
func (w *Words) Value(feature string, v float64) string { return w.value(w.entry(feature), v, false) }

func (w *Words) value(e *entry, v float64, dative bool) string {
	if math.IsNaN(v) {
		return page.None
	}
	switch {
	case e.percent:
		return w.Percent(v)
	case e.kind == features.Money:
		return strings.TrimSpace(w.Money(v) + " " + w.noun(v, e.unit, dative))
	}
	return strings.TrimSpace(w.Number(v) + " " + w.noun(v, e.unit, dative))
}

// Localise writes a number from its English form into the language: all other text
// stays.
func (w *Words) Localise(text string) string {
	if w.language == English || !numeric(text) {
		return text
	}
	return strings.NewReplacer(",", w.file.Numbers.Group, ".", w.file.Numbers.Decimal).Replace(text)
}

// numeric reports whether a text is a number in English form: digits, perhaps in groups
// of three, with decimals, an exponent and a sign, perhaps a percentage.
func numeric(text string) bool {
	text = strings.TrimSuffix(strings.TrimSuffix(text, " %"), "%")
	text = strings.TrimLeft(text, "+-−")
	whole, rest, _ := strings.Cut(text, ".")
	rest, exponent, has := strings.Cut(rest, "e")
	if has && !digits(strings.TrimLeft(exponent, "+-")) || rest != "" && !digits(rest) {
		return false
	}
	if mantissa, exponent, has := strings.Cut(whole, "e"); has {
		return digits(mantissa) && digits(strings.TrimLeft(exponent, "+-"))
	}
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if !digits(g) || i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && len(g) > 3 {
			return false
		}
	}
	return true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// amounts, shares and spans name the columns of segments.parquet, features left out, whose numbers
// read as amounts, as shares and as days.
var (
	amounts = []string{"clv", "clv_low", "clv_high", "expected_order_value", "profit"}
	shares  = []string{"churn_prob", "alive_prob", "buy_prob", "profit_rank_share", "active_share", "portfolio_score"}
	spans   = []string{"first_gap_days"}
)

// ColumnValue returns how a number of a column of segments.parquet reads, a feature or not.
func (w *Words) ColumnValue(column string, v float64) string {
	switch {
	case slices.Contains(amounts, column):
		return w.Money(v)
	case slices.Contains(shares, column):
		return w.Percent(v)
	case slices.Contains(spans, column):
		return w.Count(v, "days")
	case w.file.Columns[column] != "":
		return w.Number(v)
	}
	return w.Value(column, v)
}
