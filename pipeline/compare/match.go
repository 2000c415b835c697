package compare

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/models/drift"
	"github.com/quintile-dev/quintile/pipeline/published"
)

// pair is a table of both runs, with the rows of the common customers.
type pair struct {
	left, right *published.Table
	rows        [][2]int
}

// match finds the rows of the customers in both tables. Both are sorted by customer.
func match(left, right *published.Table) *pair {
	p := &pair{left: left, right: right}
	a, b := left.Column("customer").Texts, right.Column("customer").Texts
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch c := strings.Compare(a[i], b[j]); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			p.rows = append(p.rows, [2]int{i, j})
			i, j = i+1, j+1
		}
	}
	return p
}

// groupings are the columns of segments.parquet that name a group.
var groupings = []string{"rfm_segment", "segment_name", "abc_class", "quadrant", "portfolio", "lifecycle_stage", "relationship"}

// moves counts who changed the group, the largest moves of a grouping first.
func (p *pair) moves() []Move {
	out := []Move{}
	money := p.right.Column("monetary")
	for _, name := range groupings {
		a, b := p.left.Column(name), p.right.Column(name)
		if a == nil || b == nil || a.Texts == nil || b.Texts == nil {
			continue
		}
		sums := map[[2]string]*Move{}
		for _, r := range p.rows {
			key := [2]string{a.Texts[r[0]], b.Texts[r[1]]}
			if key[0] == key[1] {
				continue
			}
			m := sums[key]
			if m == nil {
				m = &Move{Grouping: name, From: key[0], To: key[1]}
				sums[key] = m
			}
			m.Customers++
			if money != nil && !math.IsNaN(money.Numbers[r[1]]) {
				m.Money += money.Numbers[r[1]]
			}
		}
		from := len(out)
		for _, m := range sums {
			out = append(out, *m)
		}
		slices.SortFunc(out[from:], func(x, y Move) int {
			return cmp.Or(cmp.Compare(y.Customers, x.Customers), cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To))
		})
	}
	return out
}

// tenths is the number of bins of the stability index, and floor the least share of a bin.
const (
	tenths = 10
	floor  = 1e-4
)

// names are the columns of segments.parquet whose numbers are the names of groups or of leaves: their mean means
// nothing.
var names = []string{"segment", "class"}

// columns compares the columns of numbers with a different value or mean.
func (p *pair) columns() []Column {
	out := []Column{}
	for i := range p.left.Columns {
		a := &p.left.Columns[i]
		b := p.right.Column(a.Name)
		if a.Numbers == nil || b == nil || b.Numbers == nil || slices.Contains(names, a.Name) {
			continue
		}
		c := Column{Name: a.Name, MeanBefore: mean(a.Numbers), MeanAfter: mean(b.Numbers)}
		sum, known := 0.0, 0
		for _, r := range p.rows {
			x, y := a.Numbers[r[0]], b.Numbers[r[1]]
			if x != y && !(math.IsNaN(x) && math.IsNaN(y)) {
				c.Changed++
			}
			if d := math.Abs(x - y); !math.IsNaN(d) {
				sum += d
				known++
			}
		}
		if c.Changed == 0 && same(c.MeanBefore, c.MeanAfter) {
			continue
		}
		if known > 0 {
			c.MeanChange = new(sum / float64(known))
		}
		c.PSI = stability(a.Numbers, b.Numbers)
		out = append(out, c)
	}
	return out
}

// stability returns the population stability index, nil if undefined.
func stability(a, b []float64) *float64 {
	bins, err := drift.QuantileBins(a, tenths)
	if err != nil {
		return nil
	}
	v, err := drift.PSI(drift.Shares(bins, a), drift.Shares(bins, b), floor)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func mean(values []float64) *float64 {
	sum, n := 0.0, 0
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			sum += v
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return new(sum / float64(n))
}

func same(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
