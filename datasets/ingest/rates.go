package ingest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/text"
)

// Rate is the worth of one unit of a currency in the currency of a job, in units of 10^−12.
type Rate int64

// rateOne is the rate of the currency of the job itself.
const rateOne = 1_000_000_000_000

// wantRate describes a valid rate.
const wantRate = "a rate above 0 and below 1000000 with at most 12 decimal places, such as 0.0067"

// ParseRate reads a rate such as 0.0067, of at most twelve decimal places.
func ParseRate(s string, decimal byte) (Rate, error) {
	whole, fraction, _ := strings.Cut(s, string(decimal))
	fraction = strings.TrimRight(fraction, "0")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" || len(fraction) > 12 || len(strings.TrimLeft(whole, "0")) > 6 {
		return 0, fmt.Errorf("got %q, want %s", datasets.Clip(s, 40), wantRate)
	}
	v := int64(0)
	for _, c := range digits + strings.Repeat("0", 12-len(fraction)) {
		v = 10*v + int64(c-'0')
	}
	if v == 0 {
		return 0, fmt.Errorf("got %q, want %s", s, wantRate)
	}
	return Rate(v), nil
}

// of returns an amount times the rate, rounded half away from zero to a millionth; false beyond the range of
// money.
func (r Rate) of(m datasets.Money) (datasets.Money, bool) {
	hi, lo := bits.Mul64(uint64(abs(int64(m))), uint64(r))
	lo, carry := bits.Add64(lo, rateOne/2, 0)
	if hi += carry; hi >= rateOne {
		return 0, false
	}
	v, _ := bits.Div64(hi, lo, rateOne)
	if v >= limit {
		return 0, false
	}
	if m < 0 {
		return -datasets.Money(v), true
	}
	return datasets.Money(v), true
}

// Rates holds the worth of currencies in the currency of a job, by day. A rate holds from its day on until the next
// rate of the same currency.
type Rates struct {
	byCode map[string][]datedRate // by code in upper case, by day
}

type datedRate struct {
	from datasets.Day
	rate Rate
}

// firstDay is the day of a rate without a beginning.
const firstDay = datasets.Day(-1 << 31)

// Add enters a rate that holds from a day on; with a nil from, the rate always
// holds.
//
// Errors: where the currency has another rate on that day.
func (r *Rates) Add(code string, from *datasets.Day, rate Rate) error {
	day := firstDay
	if from != nil {
		day = *from
	}
	if r.byCode == nil {
		r.byCode = map[string][]datedRate{}
	}
	code = strings.ToUpper(code)
	list := r.byCode[code]
	at, found := slices.BinarySearchFunc(list, day, func(d datedRate, day datasets.Day) int { return cmp.Compare(d.from, day) })
	if found && list[at].rate != rate {
		return fmt.Errorf("got a second rate of %s on one day, want one", code)
	}
	if !found {
		r.byCode[code] = slices.Insert(list, at, datedRate{day, rate})
	}
	return nil
}

// at returns the rate of a currency on a day.
func (r *Rates) at(code []byte, day datasets.Day) (Rate, bool) {
	list, known := r.byCode[string(code)]
	if !known {
		list = r.byCode[string(bytes.ToUpper(code))]
	}
	at, found := slices.BinarySearchFunc(list, day, func(d datedRate, day datasets.Day) int { return cmp.Compare(d.from, day) })
	if !found {
		at--
	}
	if at < 0 {
		return 0, false
	}
	return list[at].rate, true
}

// names lists the currencies with a rate, after the currency that needs no
// rate.
func (r *Rates) names(base string) string {
	codes := slices.Sorted(maps.Keys(r.byCode))
	return strings.Join(append([]string{base}, codes[:min(len(codes), currenciesShown)]...), ", ")
}

// RateSource is one entry of a job's rates in the form of a file, with a currency, its rate, and the first day of
// the rate in each row.
type RateSource struct {
	Source           // of which the path counts, and how text is read
	Code      string // name of the column of currencies
	Rate      string // name of the column of rates
	Day       string // name of the column of days; "": each rate always holds
	DayFormat string // format of days in text; "": 2024-01-31
}

// ReadRates reads files of rates into r.
//
// Errors: the errors of ReadTable; an error where a currency has two rates on a
// day.
func ReadRates(ctx context.Context, sources []RateSource, r *Rates, advance func(rows int64)) (*TableReport, error) {
	tables := make([]TableSource, len(sources))
	for i, s := range sources {
		tables[i] = TableSource{Source: s.Source, Columns: []TableColumn{{Name: s.Code, For: "columns: currency"}, {Name: s.Rate, For: "columns: rate"}}}
		if s.Day != "" {
			layout, err := text.CompileTime(cmp.Or(s.DayFormat, "iso8601"))
			if err != nil {
				return nil, err
			}
			tables[i].Columns = append(tables[i].Columns, TableColumn{Name: s.Day, For: "columns: day"})
			tables[i].layout = layout
		}
	}
	return ReadTable(ctx, tables, advance, func(source int, rows *TableRows) error { return r.take(&sources[source], rows) })
}

func (r *Rates) take(s *RateSource, rows *TableRows) error {
	for i := range rows.Len {
		code := string(rows.Text(i, 0))
		if code == "" {
			rows.Refuse(i, 0, datasets.MissingKey, "a currency such as EUR")
			continue
		}
		decimal := s.Decimal
		if c := &rows.w.frame.Columns[rows.columns[1]]; c.Kind != datasets.Text || c.Plain {
			decimal = '.'
		}
		rate, err := ParseRate(string(rows.Text(i, 1)), decimal)
		if err != nil {
			rows.Refuse(i, 1, datasets.BadNumber, wantRate)
			continue
		}
		var from *datasets.Day
		if s.Day != "" {
			t, ok := rows.Moment(i, 2)
			if !ok {
				rows.Refuse(i, 2, datasets.BadTime, "a day")
				continue
			}
			from = new(t.Day())
		}
		if err := r.Add(code, from, rate); err != nil {
			return &datasets.FileError{Path: rows.Path(), Err: err, Hint: "keep one of the rows"}
		}
	}
	return nil
}
