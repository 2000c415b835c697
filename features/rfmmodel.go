package features

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// Limit is where a score begins: at Value and beyond, up to the next limit.
// Beyond means more, and for recency fewer days. Of customers with exactly this
// value, those with a hash of at least Hash have the score, or none where the
// limit is Open.
type Limit struct {
	Score uint8   `json:"score"`
	Value float64 `json:"value"`
	Hash  uint64  `json:"hash,omitempty,string"` // a text in JSON, where numbers lose digits
	Open  bool    `json:"open,omitempty"`
}

// Limits are the limits of one quantity, from the worst to the best. Unused
// scores are left out. A value worse than all limits has the first one's score.
type Limits []Limit

// score returns the score of a value, or 0 without limits. falling says that
// less is better.
func (l Limits) score(value float64, hash uint64, falling bool) uint8 {
	if len(l) == 0 {
		return 0
	}
	score := l[0].Score
	for i := 1; i < len(l); i++ {
		beyond := value > l[i].Value
		if falling {
			beyond = value < l[i].Value
		}
		if !beyond && (value != l[i].Value || hash < l[i].Hash || l[i].Open) {
			break
		}
		score = l[i].Score
	}
	return score
}

// RFMModel scores customers in the same way as the customers of the fit. A
// RFMModel is immutable, and the JSON form restores it.
type RFMModel struct {
	Bins     int        `json:"bins"`
	Method   Method     `json:"method"`
	Ties     Ties       `json:"ties"`
	Seed     uint64     `json:"seed"`
	Monetary Monetary   `json:"monetary"`
	R        Limits     `json:"r"`
	F        []Limits   `json:"f"` // one; or one per R score
	M        []Limits   `json:"m"` // one; or one per R and F score, R the slower
	Segments SegmentMap `json:"segments"`
}

// Score returns the scores of one customer. A customer without a purchase (NaN,
// or frequency 0) has no scores, that is 0; with NoMoney s is 0 for all customers. A
// nested model has no limits for an empty cell of the fit; the nearest cell with
// customers, the lower of two, is used instead.
func (m *RFMModel) Score(recency, frequency, monetary float64, hash uint64) (r, f, s uint8) {
	priced := m.Monetary != NoMoney
	if math.IsNaN(recency) || math.IsNaN(frequency) || priced && math.IsNaN(monetary) || !(frequency > 0) {
		return 0, 0, 0
	}
	r = m.R.score(recency, hash, true)
	if r == 0 {
		return 0, 0, 0
	}
	nested := m.Method == Nested
	if nested {
		f = nearest(m.F, int(r)-1).score(frequency, hash, false)
	} else {
		f = m.F[0].score(frequency, hash, false)
	}
	switch {
	case !priced:
		return r, f, 0
	case !nested:
		return r, f, m.M[0].score(monetary, hash, false)
	}
	row := m.M[(int(r)-1)*m.Bins : int(r)*m.Bins]
	if empty(row) {
		row = m.M
		return r, f, nearest(row, (int(r)-1)*m.Bins+int(f)-1).score(monetary, hash, false)
	}
	return r, f, nearest(row, int(f)-1).score(monetary, hash, false)
}

func empty(cells []Limits) bool {
	for _, l := range cells {
		if len(l) > 0 {
			return false
		}
	}
	return true
}

// nearest returns the limits of cell i, or of the nearest cell that has any.
func nearest(cells []Limits, i int) Limits {
	for d := range cells {
		if i-d >= 0 && i-d < len(cells) && len(cells[i-d]) > 0 {
			return cells[i-d]
		}
		if i+d < len(cells) && len(cells[i+d]) > 0 {
			return cells[i+d]
		}
	}
	return nil
}

// Scores holds the scores of all customers, from 1 to the number of bins; 0
// stands for no score.
type Scores struct {
	R, F, M []uint8
	Segment []uint8 // index into the names of the segment map, or NoSegment
}

// Segment returns the index of a customer's segment among the names of the map, −1 for
// a customer without scores, and for all where the map asks for money that there is not.
func (m *RFMModel) Segment(r, f, s uint8) int {
	if m.Monetary == NoMoney && !m.Segments.NeedsMoney() {
		s = 1 // any: money plays no part
	}
	return slices.Index(m.Segments.Names(), m.Segments.Name(r, f, s, m.Bins))
}

// NoSegment marks a customer without a score.
const NoSegment = ^uint8(0)

// ScoreAll scores all customers.
//
// Errors: columns of different lengths, or missing hashes.
//
// Cost: four bytes a customer; no sorting.
func (m *RFMModel) ScoreAll(in RFMInput) (Scores, RFMReport, error) {
	if err := in.check(m.Ties, m.Monetary); err != nil {
		return Scores{}, RFMReport{}, err
	}
	n := len(in.Recency)
	s := Scores{R: make([]uint8, n), F: make([]uint8, n), M: make([]uint8, n), Segment: make([]uint8, n)}
	report := RFMReport{Customers: n, R: make([]int, m.Bins), F: make([]int, m.Bins)}
	if m.Monetary != NoMoney {
		report.M = make([]int, m.Bins)
	}
	cells := m.Segments.table(m.Bins)
	priced := m.Monetary != NoMoney
	named := priced || !m.Segments.NeedsMoney()
	for i := range n {
		r, f, v := m.Score(in.Recency[i], in.Frequency[i], in.money(i), in.hash(uint32(i)))
		s.R[i], s.F[i], s.M[i] = r, f, v
		if r == 0 {
			s.Segment[i] = NoSegment
			continue
		}
		s.Segment[i] = NoSegment
		if named {
			s.Segment[i] = cells[(int(r-1)*m.Bins+int(f-1))*m.Bins+int(max(v, 1)-1)]
		}
		report.Scored++
		report.R[r-1]++
		report.F[f-1]++
		if priced {
			report.M[v-1]++
		}
	}
	return s, report, nil
}

// Validate returns an error where the model, as from a file, cannot score.
func (m *RFMModel) Validate() error {
	var f faults
	if m.Bins < 2 || m.Bins > 9 {
		f.add("bins", m.Bins, "an integer from 2 to 9")
		return f.join()
	}
	if m.Method != Independent && m.Method != Nested {
		f.add("method", string(m.Method), `"independent" or "nested"`)
	}
	if !m.Ties.known() {
		f.add("ties", string(m.Ties), tiesWanted)
	}
	if !m.Monetary.known() {
		f.add("monetary", string(m.Monetary), monetaryWanted)
	}
	cells := [2]int{1, 1}
	if m.Method == Nested {
		cells = [2]int{m.Bins, m.Bins * m.Bins}
	}
	priced := m.Monetary != NoMoney
	if !priced {
		cells[1] = 0
	}
	if len(m.F) != cells[0] || len(m.M) != cells[1] {
		f.add("limits", fmt.Sprintf("%d of f, %d of m", len(m.F), len(m.M)), fmt.Sprintf("%d of f, %d of m", cells[0], cells[1]))
	}
	if len(m.R) > 0 && (empty(m.F) || priced && empty(m.M)) {
		f.add("limits", "none of f or m", "limits of each, as there are of r")
	}
	check := func(name string, l Limits) {
		ok := sort.SliceIsSorted(l, func(i, j int) bool { return l[i].Score < l[j].Score })
		for _, limit := range l {
			ok = ok && limit.Score >= 1 && int(limit.Score) <= m.Bins && !math.IsNaN(limit.Value)
		}
		if !ok {
			f.add(name, l, fmt.Sprintf("rising scores from 1 to %d", m.Bins))
		}
	}
	check("r", m.R)
	for i := range m.F {
		check(fmt.Sprintf("f[%d]", i), m.F[i])
	}
	for i := range m.M {
		check(fmt.Sprintf("m[%d]", i), m.M[i])
	}
	if err := m.Segments.Validate(); err != nil {
		f = append(f, err)
	}
	return f.join()
}

// Adopt returns a model that scores by the limits of a reference, and names the cells as c does. With limits of another day a
// score means the same on both: who becomes better scores higher, whatever the others do.
//
// Fixed limits of c stay in place. The reference is not modified.
//
// Errors: a *ConfigError for each fault of c, and for the first of bins, method, ties, monetary and seed in which the
// reference differs, so that its limits are none for c. A reference that scored nobody has no limits.
func (c RFMConfig) Adopt(reference *RFMModel) (*RFMModel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	differs := func(field string, got, want any) error {
		return &ConfigError{Field: field, Got: got, Want: fmt.Sprintf("%v, as in the reference", want)}
	}
	switch {
	case reference.Bins != c.Bins:
		return nil, differs("bins", c.Bins, reference.Bins)
	case reference.Method != c.Method:
		return nil, differs("method", c.Method, reference.Method)
	case reference.Ties != c.Ties:
		return nil, differs("ties", c.Ties, reference.Ties)
	case reference.Monetary != c.Monetary:
		return nil, differs("monetary", c.Monetary, reference.Monetary)
	case c.Ties == Hashed && reference.Seed != c.Seed:
		return nil, differs("seed", c.Seed, reference.Seed)
	case len(reference.R) == 0:
		return nil, &ConfigError{Field: "reference", Got: "no limits", Want: "limits, of a day on which somebody had bought"}
	}
	m := &RFMModel{
		Bins: c.Bins, Method: c.Method, Ties: c.Ties, Seed: c.Seed, Monetary: c.Monetary, Segments: c.Segments,
		R: slices.Clone(reference.R), F: slices.Clone(reference.F), M: slices.Clone(reference.M),
	}
	if c.Cuts != nil {
		c.Cuts.replace(m)
	}
	return m, nil
}
