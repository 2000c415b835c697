package ingest

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
)

// convert turns the money of rows into the currency of the job, and drops the rows whose currency has no rate. Amounts
// are multiplied exactly, and rounded once to a millionth.
func (w *mapper) convert(rows []uint32) []uint32 {
	at := w.m.at(Currency)
	c, kept := &w.frame.Columns[at], rows[:0]
	source := w.m.source
	for _, i := range rows {
		code := w.textOf(c, i)
		if w.isMissing(c, int(i)) {
			w.refuse(i, at, datasets.MissingKey, "a currency such as "+cmp.Or(source.Currency, "EUR"))
			continue
		}
		switch {
		case strings.EqualFold(string(code), source.Currency):
		case source.Rates == nil:
			w.otherCurrency(string(code))
		case !w.convertRow(i, at, code):
			continue
		}
		kept = append(kept, i)
	}
	return kept
}

// otherCurrency counts a line in a currency without a rate.
func (w *mapper) otherCurrency(code string) {
	if w.counts.currencies == nil {
		w.counts.currencies = map[string]int64{}
	}
	if _, seen := w.counts.currencies[code]; seen || len(w.counts.currencies) < 100 {
		w.counts.currencies[code]++
	}
}

// convertRow converts the money of a row, or refuses it.
func (w *mapper) convertRow(i uint32, at int, code []byte) bool {
	r, found := w.m.source.Rates.at(code, w.out.Time[i].Day())
	if !found {
		w.refuse(i, at, datasets.UnknownWord, "a currency that has a rate on that day: "+w.m.source.Rates.names(w.m.source.Currency))
		return false
	}
	for _, column := range [][]datasets.Money{w.out.Amount, w.out.Cost, w.out.Discount} {
		if column == nil || column[i] == datasets.NoMoney {
			continue
		}
		v, ok := r.of(column[i])
		if !ok {
			w.refuse(i, at, datasets.OutOfRange, "an amount below 10^12 in "+w.m.source.Currency)
			return false
		}
		column[i] = v
	}
	return true
}

// otherCurrencies fails where lines are in another currency than the currency of the job, and there are
// no rates.
func (c Config) otherCurrencies(files []*file) error {
	for i := range c.Sources {
		s, lines := &c.Sources[i], map[string]int{}
		var first *file
		for _, f := range files {
			if f.source != s {
				continue
			}
			for k := range f.counts {
				for code, n := range f.counts[k].currencies {
					lines[code] += int(n)
					if first == nil {
						first = f
					}
				}
			}
		}
		if first != nil {
			return s.severalCurrencies(first.Name, lines)
		}
	}
	return nil
}

// currenciesShown is the number of currencies named in an error.
const currenciesShown = 8

// severalCurrencies is the error of amounts that cannot be added up.
func (s *Source) severalCurrencies(path string, lines map[string]int) error {
	codes := sortedByCount(lines)
	var found []string
	for _, code := range codes[:min(len(codes), currenciesShown)] {
		found = append(found, fmt.Sprintf("%s (%d lines)", datasets.Clip(code, 8), lines[code]))
	}
	if more := len(codes) - len(found); more > 0 {
		found = append(found, fmt.Sprintf("and %d more", more))
	}
	return &datasets.FileError{Path: path, At: fmt.Sprintf("column %q", s.Columns[Currency]), Got: "amounts in " + strings.Join(found, ", "),
		Want: "amounts in " + s.Currency + ", the currency of the job, since others cannot be added up",
		Hint: fmt.Sprintf("say what they are worth with inputs.rates: [{currency: %s, rate: …}], or leave them out with set_aside: [{name: other_currency, column: currency, equals: %s}]",
			datasets.Clip(codes[0], 8), datasets.Clip(codes[0], 8))}
}

// checkCurrencies fails early, where the beginnings of the files show another currency and no setting decides.
// Where a rule may leave such lines out, all lines are read first.
func (p *sample) checkCurrencies(s *Source) error {
	if s.Columns[Currency] == "" || s.Rates != nil || len(s.SetAside) > 0 {
		return nil
	}
	others := map[string]int{}
	for code, n := range p.mapped {
		if !strings.EqualFold(code, s.Currency) {
			others[code] = n
		}
	}
	if len(others) == 0 {
		return nil
	}
	return s.severalCurrencies(p.first.Name, others)
}
