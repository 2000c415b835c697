package features

import (
	"math"

	"github.com/quintile-dev/quintile/features/internal/sorting"
)

// spread summarises the values that a customer's orders take. All fields are in
// the millionths, lines or days of the values themselves.
type spread struct {
	n              int
	mean, median   float64
	smallest, most float64
}

// The columns that spreads are taken of.
const (
	valueColumn   = iota // money of the orders
	basketColumn         // their lines
	contentColumn        // their quantity
	gapColumn            // days between consecutive purchase days
)

// fill summarises the first n values of a sorted column, which add up to sum.
//
// Missing: of no values all fields are NaN, and n is 0.
func (s *spread) fill(rows []sorting.Row, column, n int, sum int64) {
	s.n = n
	if n == 0 {
		nan := math.NaN()
		s.mean, s.median, s.smallest, s.most = nan, nan, nan, nan
		return
	}
	rows = rows[:n]
	low, high := rows[(n-1)/2][column], rows[n/2][column] // the same where n is odd
	s.mean = float64(sum) / float64(n)
	s.median = (float64(low) + float64(high)) / 2
	s.smallest = float64(rows[0][column])
	s.most = float64(rows[n-1][column])
}

// deviation returns the sample standard deviation of the first n values of a
// column around their mean, or NaN for fewer than two.
func deviation(rows []sorting.Row, column, n int, mean float64) float64 {
	if n < 2 {
		return math.NaN()
	}
	squares := 0.0
	for i := range rows[:n] {
		d := float64(rows[i][column]) - mean
		squares += float64(d * d)
	}
	return math.Sqrt(squares / float64(n-1))
}

// gaps describes the days between consecutive purchase days.
type gaps struct {
	spread
	sd         float64
	last       int     // the most recent closed gap
	clumpiness float64 // see the feature of that name
}
