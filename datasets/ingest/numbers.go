package ingest

import (
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/text"
)

// micro is the number of millionths in one.
const micro = 1_000_000

// limit bounds quantities and amounts: what a DECIMAL(18,6) holds.
const limit = 1_000_000_000_000 * micro

// outcome is what became of one number.
type outcome uint8

const (
	unread outcome = iota
	fits
	missing
	malformed
	tooLarge
)

// numbers is a column of numbers in millionths.
type numbers struct {
	values  []int64
	outcome []outcome
	rounded int64 // values with more than six decimal places
}

// read fills the numbers of the given rows.
func (n *numbers) read(c *datasets.Column, rows []uint32, s *Source) {
	for _, i := range rows {
		n.values[i], n.outcome[i] = n.readOne(c, int(i), s)
	}
}

func (n *numbers) readOne(c *datasets.Column, i int, s *Source) (int64, outcome) {
	if !c.Valid.Get(i) {
		return 0, missing
	}
	switch c.Kind {
	case datasets.Text:
		return n.readText(c.TextAt(i), s)
	case datasets.Float:
		return n.readFloat(c.Floats[i])
	case datasets.Decimal:
		return n.rescale(c.Ints[i], c.Scale)
	case datasets.Int:
		return n.rescale(c.Ints[i], 0)
	}
	return 0, malformed
}

func (n *numbers) readText(cell []byte, s *Source) (int64, outcome) {
	if len(cell) == 0 {
		return 0, missing
	}
	v, result := text.ParseDecimal(cell, s.Decimal, s.Thousands)
	switch {
	case result == text.NotNumber:
		return 0, malformed
	case result == text.TooLarge || v <= -limit || v >= limit:
		return 0, tooLarge
	case result == text.Rounded:
		n.rounded++
	}
	return v, fits
}

func (n *numbers) readFloat(v float64) (int64, outcome) {
	scaled := v * micro
	switch {
	case math.IsNaN(v):
		return 0, missing
	case math.Abs(scaled) >= limit:
		return 0, tooLarge
	}
	whole := math.RoundToEven(scaled)
	if math.Abs(scaled-whole) > 1e-9*math.Abs(scaled)+1e-6 {
		n.rounded++
		whole = math.Round(scaled)
	}
	return int64(whole), fits
}

// rescale turns unscaled/10^scale into millionths, rounding half away from
// zero.
func (n *numbers) rescale(v int64, scale int) (int64, outcome) {
	for ; scale < 6; scale++ {
		if v > limit/10 || v < -limit/10 {
			return 0, tooLarge
		}
		v *= 10
	}
	if scale > 6 {
		divisor := int64(1)
		for ; scale > 6 && divisor <= math.MaxInt64/10; scale-- {
			divisor *= 10
		}
		if scale > 6 {
			return 0, fits // below half a millionth, whatever it is
		}
		quotient, rest := v/divisor, v%divisor
		if rest != 0 {
			n.rounded++
		}
		switch half := divisor / 2; {
		case rest >= half && rest > 0:
			quotient++
		case rest <= -half && rest < 0:
			quotient--
		}
		v = quotient
	}
	if v <= -limit || v >= limit {
		return 0, tooLarge
	}
	return v, fits
}
