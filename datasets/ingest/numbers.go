package ingest

import (
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/ingest/internal/millionths"
	"github.com/quintile-dev/quintile/datasets/text"
)

// micro is the number of millionths in one.
const micro = 1_000_000

// limit bounds quantities and amounts: what a DECIMAL(18,6) holds.
const limit = 1_000_000_000_000 * micro

// outcome is the result of reading one number.
type outcome uint8

const (
	fits outcome = iota
	missing
	malformed
	tooLarge
)

// numbers is a column of numbers in millionths.
type numbers struct {
	known   bool // of this frame
	values  []int64
	outcome []outcome // by row; nothing where all fit
	memory  []outcome // for outcome
	percent bool      // 12% is a number; not where it would be taken for money
	rounded int64     // values with more than six decimal places
}

// plainForm is how programs write numbers.
var plainForm = Source{Decimal: '.'}

// formOf returns how the numbers of a column are written.
func (s *Source) formOf(c *datasets.Column) *Source {
	if c.Plain {
		return &plainForm
	}
	return s
}

// of returns what became of the number of row i.
func (n *numbers) of(i uint32) outcome {
	if len(n.outcome) == 0 {
		return fits
	}
	return n.outcome[i]
}

// read fills the numbers of the given rows: numbers of the usual form in
// ranges, including rows between the given rows, and other numbers in turn.
func (n *numbers) read(c *datasets.Column, rows []uint32, s *Source) {
	n.known, n.outcome = true, nil
	usual := n.reader(c, s)
	for len(rows) > 0 {
		run := rows[:together(rows)]
		rows = rows[len(run):]
		for len(run) > 0 {
			i := run[0]
			i += uint32(usual(i, run[len(run)-1]+1))
			if run = run[before(run, i):]; len(run) == 0 || run[0] != i {
				continue
			}
			v, o := n.readOne(c, int(i), s)
			n.values[i] = v
			if o != fits {
				n.except(i, o)
			}
			run = run[1:]
		}
	}
}

// except notes that the number of row i does not fit.
func (n *numbers) except(i uint32, o outcome) {
	if len(n.outcome) == 0 {
		n.memory = resize(n.memory, len(n.values))
		clear(n.memory)
		n.outcome = n.memory
	}
	n.outcome[i] = o
}

// reader returns a function that reads the numbers of rows from to to (excluded)
// up to a number that is not of the usual form, and returns the number of rows
// read. All numbers read fit.
func (n *numbers) reader(c *datasets.Column, s *Source) func(from, to uint32) int {
	switch t := &c.Texts; {
	case c.Valid != nil:
	case c.Kind == datasets.Text && c.Codes == nil && t.Trimmed:
		return func(from, to uint32) int {
			return text.Decimals(n.values[from:to], t.Data, t.Start[from:to], t.End[from:to], s.Decimal)
		}
	case c.Kind == datasets.Float:
		return func(from, to uint32) int { return millionths.OfFloats(n.values[from:to], c.Floats[from:to]) }
	case c.Kind == datasets.Int:
		return func(from, to uint32) int { return readInts(n.values[from:to], c.Ints[from:to], micro) }
	case c.Kind == datasets.Decimal && c.Scale >= 0 && c.Scale <= 6:
		factor := int64(micro)
		for range c.Scale {
			factor /= 10
		}
		return func(from, to uint32) int { return readInts(n.values[from:to], c.Ints[from:to], factor) }
	}
	return func(uint32, uint32) int { return 0 }
}

// readInts is rescale for a column, up to the first value that is too large.
func readInts(dst, values []int64, factor int64) int {
	most := uint64(limit/factor - 1)
	values = values[:len(dst)]
	for i := range dst {
		v := values[i]
		if uint64(v)+most > 2*most {
			return i
		}
		dst[i] = v * factor
	}
	return len(dst)
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
	if result == text.NotNumber {
		form := text.Form{Decimal: s.Decimal, Thousands: s.Thousands, Signs: s.Signs, Percent: n.percent}
		v, result = form.Parse(cell)
	}
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
	if math.Abs(scaled-whole) > float64(1e-9*math.Abs(scaled))+1e-6 {
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
