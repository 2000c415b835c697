package synth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
)

// LifetimeConfig says which customers to draw by the assumptions of BG/NBD [1] and of
// Gamma-Gamma [2]: each buys at a rate λ ~ Gamma(R, rate Alpha) a week, drops out after
// each repeat purchase with a probability p ~ Beta(A, B), and spends on an order an amount
// ~ Gamma(P, rate ν) with ν ~ Gamma(Q, rate Gamma); all are independent. Start from
// [DefaultLifetimes].
//
// [1] P. Fader, B. Hardie, K. L. Lee, "“Counting Your Customers” the Easy Way", Marketing
// Science 24(2), 2005, pp. 275–284.
//
// [2] P. Fader, B. Hardie, "The Gamma-Gamma Model of Monetary Value", 2013.
type LifetimeConfig struct {
	Customers int // ≥ 1
	Seed      uint64
	Start     datasets.Day // the first day
	Days      int          // length of the history, in [1,36525]
	Arrivals  int          // first purchases fall evenly into so many first days, in [1,Days]

	R, Alpha, A, B float64 // > 0; Alpha in weeks
	P, Q, Gamma    float64 // > 0, Q > 1; Gamma in units of money
}

// DefaultLifetimes returns 4,000 customers over two years, who arrive within the first half
// year and buy some four times a year at first.
func DefaultLifetimes() LifetimeConfig {
	return LifetimeConfig{
		Customers: 4_000, Seed: 1, Start: datasets.DayOf(2023, 7, 1), Days: 730, Arrivals: 182,
		R: 1.2, Alpha: 15, A: 1.1, B: 4, P: 5, Q: 4, Gamma: 18,
	}
}

// Validate returns every fault of c, joined, or nil.
func (c LifetimeConfig) Validate() error {
	var faults []error
	check := func(ok bool, field string, got any, want string) {
		if !ok {
			faults = append(faults, fmt.Errorf("synth: %s: got %v, want %s", field, got, want))
		}
	}
	check(c.Customers >= 1 && int64(c.Customers) <= maxCustomers, "customers", c.Customers, "an integer from 1 to 2147483648")
	first, last := datasets.DayOf(1, 1, 1), datasets.DayOf(9900, 1, 1)
	check(c.Start >= first && c.Start <= last, "start", int32(c.Start), "a day in the years 1 to 9900")
	check(c.Days >= 1 && c.Days <= maxDays, "days", c.Days, "an integer from 1 to 36525")
	check(c.Arrivals >= 1 && c.Arrivals <= c.Days, "arrivals", c.Arrivals, "an integer from 1 to the days")
	for _, p := range []struct {
		name  string
		value float64
	}{{"r", c.R}, {"alpha", c.Alpha}, {"a", c.A}, {"b", c.B}, {"p", c.P}, {"gamma", c.Gamma}} {
		check(p.value > 0 && p.value <= 1e6, p.name, p.value, "a number above 0, at most 1e6")
	}
	check(c.Q > 1 && c.Q <= 1e6, "q", c.Q, "a number above 1, at most 1e6")
	return errors.Join(faults...)
}

// Lifetime is the truth about a customer whose purchases [LifetimeConfig] describes.
type Lifetime struct {
	Rate        float64 // λ, purchases a week while the customer is there
	DropOutProb float64 // p, after each repeat purchase
	OrderMean   float64 // P/ν, what an order brings in the mean
	Dropped     bool    // within the history
	Orders      []Order // at least one, by time
}

// Order is a purchase.
type Order struct {
	Time   datasets.Moment
	Amount datasets.Money // in whole cents, at least one
}

// Lifetimes draws the customers, in the order of their numbers from 0.
//
// Errors: every fault of c at once.
func (c LifetimeConfig) Lifetimes() ([]Lifetime, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	out := make([]Lifetime, c.Customers)
	for i := range out {
		s := streamOf(c.Seed, forLifetimes, uint64(i))
		out[i] = c.draw(&s)
	}
	return out, nil
}

// draw follows one customer from the first purchase to the drop-out or the end.
func (c *LifetimeConfig) draw(s *stream) Lifetime {
	a, b := s.gamma(c.A), s.gamma(c.B)
	l := Lifetime{Rate: s.gamma(c.R) / c.Alpha, DropOutProb: a / (a + b)}
	nu := s.gamma(c.Q) / c.Gamma
	l.OrderMean = c.P / nu
	end := float64(c.Days)
	for at := s.unit() * float64(c.Arrivals); at < end; at += 7 * s.exponential() / l.Rate {
		order := Order{
			Time:   datasets.Moment(c.Start)*datasets.FullDay + datasets.Moment(at*float64(datasets.FullDay/datasets.Second))*datasets.Second,
			Amount: cent * datasets.Money(max(1, math.Round(100*s.gamma(c.P)/nu))),
		}
		l.Orders = append(l.Orders, order)
		if len(l.Orders) > 1 && s.chance(l.DropOutProb) {
			l.Dropped = true
			break
		}
	}
	return l
}

// WriteCSV writes the orders by time, as CSV with the columns customer, day and amount.
// Customers have the ids c0, c1, c2 and so on.
//
// Errors: every fault of c; those of w; ctx.Err() where cancelled.
func (c LifetimeConfig) WriteCSV(ctx context.Context, w io.Writer) error {
	all, err := c.Lifetimes()
	if err != nil {
		return err
	}
	type row struct {
		customer int
		Order
	}
	var rows []row
	for i := range all {
		for _, o := range all[i].Orders {
			rows = append(rows, row{i, o})
		}
	}
	slices.SortFunc(rows, func(x, y row) int { return cmp.Or(cmp.Compare(x.Time, y.Time), cmp.Compare(x.customer, y.customer)) })
	out := csvio.NewWriter(w, csvio.DefaultWriterOptions())
	if err := out.Header("customer", "day", "amount"); err != nil {
		return err
	}
	for _, r := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		out.Text(fmt.Appendf(nil, "c%d", r.customer))
		out.Day(r.Time.Day())
		out.Money(r.Amount)
		if err := out.EndRow(); err != nil {
			return err
		}
	}
	return out.Flush()
}

// gamma returns a gamma number of that shape and scale 1, by the method of Marsaglia and
// Tsang [1].
//
// [1] G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables", ACM
// TOMS 26(3), 2000, pp. 363–372, doi:10.1145/358407.358414.
func (s *stream) gamma(shape float64) float64 {
	if shape < 1 {
		u := s.unit()
		return s.gamma(shape+1) * math.Pow(u, 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.normal()
		v := 1 + float64(c*x)
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(s.unit()) < float64(x*x)/2+d-float64(d*v)+float64(d*math.Log(v)) {
			return d * v
		}
	}
}
