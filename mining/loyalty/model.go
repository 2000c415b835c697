package loyalty

import (
	"context"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// Model holds what customers are compared with: the median prices of products, and the ranks
// of all customers.
type Model struct {
	Cohort    string             `json:"cohort"`
	Quality   string             `json:"quality,omitempty"` // the attribute; "" for the share that was kept
	Related   bool               `json:"related"`           // there are kinds of relationships
	Discounts bool               `json:"discounts"`         // the price index is that of discounts
	Products  map[string]float64 `json:"products"`          // median price of one, in millionths; 0: it never cost anything

	// Ranks among the customers who are determined.
	Price    mining.Ranks `json:"price"`
	Discount mining.Ranks `json:"discount"`
	Repeated mining.Ranks `json:"repeated"`
	Rhythm   mining.Ranks `json:"rhythm"`
	Kept     mining.Ranks `json:"kept"`
	Money    mining.Ranks `json:"money"`
	Value    mining.Ranks `json:"value"` // of the mean of the ranks of price, kept and money

	// Ranks among all customers who have bought.
	AllPrice   mining.Ranks `json:"all_price"`
	AllQuality mining.Ranks `json:"all_quality"`
}

// Validate returns an error where the model, as from a file, cannot be used.
func (m *Model) Validate() error {
	if m.Cohort != month && m.Cohort != week && m.Cohort != quarter {
		return fmt.Errorf("loyalty: got the cohort %q, want month, week or quarter", m.Cohort)
	}
	for _, r := range []struct {
		what  string
		ranks *mining.Ranks
	}{
		{"price", &m.Price}, {"discount", &m.Discount}, {"repeated", &m.Repeated}, {"rhythm", &m.Rhythm}, {"kept", &m.Kept},
		{"money", &m.Money}, {"value", &m.Value}, {"all_price", &m.AllPrice}, {"all_quality", &m.AllQuality},
	} {
		if err := r.ranks.Validate(r.what); err != nil {
			return fmt.Errorf("loyalty: %w", err)
		}
		if r.ranks.N < len(r.ranks.Values) {
			return fmt.Errorf("loyalty: got %d values of %s among %d", len(r.ranks.Values), r.what, r.ranks.N)
		}
	}
	for _, price := range m.Products {
		if !(price >= 0) || math.IsInf(price, 0) {
			return fmt.Errorf("loyalty: got the median price %v, want a finite number of at least 0", price)
		}
	}
	return nil
}

// Reads returns the columns that the scan adds, and the attribute.
func (m *Model) Reads() []string { return m.withQuality(scored) }

func (m *Model) withQuality(columns []string) []string {
	columns = columns[:len(columns):len(columns)]
	if m.Quality != "" {
		columns = append(columns, m.Quality)
	}
	return columns
}

// ScoreTo sets the columns of each customer.
func (m *Model) ScoreTo(_ context.Context, dst *mining.Scores, b *mining.Batch, _ int) error {
	m.score(dst, b, b.Column(priceColumn), b.Column(repeatedColumn))
	return nil
}

// score sets the columns of each customer, given what depends on the prices of all.
func (m *Model) score(dst *mining.Scores, b *mining.Batch, price, repeated []float64) {
	columns := make([][]float64, len(common))
	for k, name := range common {
		columns[k] = b.Column(name)
	}
	var quality []float64
	if m.Quality != "" {
		quality = b.Column(m.Quality)
	}
	kind, value, share, gap := make([]int32, b.Rows), make([]float64, b.Rows), make([]float64, b.Rows), make([]float64, b.Rows)
	for i := range b.Rows {
		s := signsOf(columns, i, price[i], repeated[i], quality)
		if math.IsNaN(s.active) { // never bought
			kind[i], value[i], share[i], gap[i] = -1, math.NaN(), math.NaN(), math.NaN()
			continue
		}
		kind[i], value[i], share[i], gap[i] = m.kind(&s), m.customerValue(&s), s.active/s.span, s.days
	}
	dst.SetNames(relationshipColumn, kind, names)
	dst.SetNumbers(valueColumn, value)
	dst.SetNumbers(shareColumn, share)
	dst.SetNumbers(firstGapColumn, gap)
}

// signsOf returns the signs of customer i, from the common columns and the scored
// columns.
func signsOf(columns [][]float64, i int, price, repeated float64, quality []float64) signs {
	s := signs{
		active: columns[0][i], span: columns[1][i], days: columns[2][i], cv: columns[3][i], money: columns[4][i],
		returned: columns[5][i], discount: columns[6][i], price: price, repeated: repeated, quality: math.NaN(),
	}
	if quality != nil {
		s.quality = quality[i]
	}
	return s
}

// Prepare returns a scanner of the events of customers, for comparison with the prices of the
// model.
func (m *Model) Prepare(r *mining.Run) (mining.Prepared, error) {
	p := &prepared{Model: m, periods: newPeriods(m.Cohort, r.First, r.AsOf), medians: make([]float64, r.Products)}
	dict := r.Dictionary(datasets.Product)
	for code := range p.medians {
		p.medians[code] = unknown
		if price, known := m.Products[string(dict.At(code))]; known {
			p.medians[code] = price
		}
	}
	return p, nil
}

// prepared is a model that knows the codes of a history.
type prepared struct {
	*Model
	periods *periods
	medians []float64 // by product code
}

// Tables returns none: cohorts are counted in a run.
func (p *prepared) Tables(*mining.Input) ([]mining.Table, error) { return nil, nil }

// Derived names the columns that the scan adds.
func (p *prepared) Derived() []string { return scored }

// NewDerive returns the function to set the columns of one customer.
func (p *prepared) NewDerive() mining.Derive {
	d := deriver{periods: p.periods}
	var h holdings
	n := len(common)
	return func(dst []float64, c *mining.Customer) error {
		d.set(dst[:n], c)
		h.read(c.Past.Events())
		dst[n], dst[n+1] = priceIndex(dst[4], h.atMedians(p.medians)), h.repeatedShare()
		return nil
	}
}
