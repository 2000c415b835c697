package itemset

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// reference is a row of testdata/reference/measures.json; a field is nil where
// the tool gives no finite value.
type reference struct {
	Both, X, Y, N                                   int
	Support, Confidence, Lift, Leverage, Conviction *float64
	Jaccard, Certainty, Kulczynski, Chi2            *float64
	Zhang                                           *float64 `json:"zhangs_metric"`
	PhiSize                                         *float64 `json:"phi_abs"`
	OddsRatio                                       *float64 `json:"odds_ratio"`
	P, Q                                            float64
	SciPy                                           float64 `json:"p_scipy"`
}

func (r reference) counts() Counts {
	return Counts{Both: r.Both, WithAntecedent: r.X, WithConsequent: r.Y, Baskets: r.N}
}

func references(t *testing.T) []reference {
	t.Helper()
	data, err := os.ReadFile("testdata/reference/measures.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Tables []reference }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Tables) < 150 {
		t.Fatalf("got %d tables, want the whole file", len(file.Tables))
	}
	return file.Tables
}

// near reports whether got is within the relative tolerance of want.
func near(got, want, tolerance float64) bool {
	return got == want || math.Abs(got-want) <= tolerance*max(math.Abs(want), 1e-300)
}

func TestMeasuresAgreeWithEstablishedTools(t *testing.T) {
	// The tools subtract shares near 1; their own error bounds the agreement.
	const tolerance = 1e-9
	for _, r := range references(t) {
		m := r.counts().Measures()
		check := func(name string, got float64, want *float64, slack float64) {
			t.Helper()
			if want != nil && !near(got, *want, tolerance) && math.Abs(got-*want) > slack {
				t.Errorf("%+v: %s: got %v, want %v", r.counts(), name, got, *want)
			}
		}
		const absolute = 1e-13 // of differences of shares
		check("support", m.Support, r.Support, 0)
		check("confidence", m.Confidence, r.Confidence, 0)
		check("lift", m.Lift, r.Lift, 0)
		check("leverage", m.Leverage, r.Leverage, absolute)
		check("zhang", m.Zhang, r.Zhang, 1e-9)
		check("jaccard", m.Jaccard, r.Jaccard, 0)
		check("kulczynski", m.Kulczynski, r.Kulczynski, 0)
		check("chi2", m.ChiSquared, r.Chi2, 1e-9)
		check("phi", math.Abs(m.Phi), r.PhiSize, 1e-9)
		check("odds ratio", m.OddsRatio, r.OddsRatio, 0)
		if r.Conviction == nil != math.IsInf(m.Conviction, 1) {
			t.Errorf("%+v: conviction: got %v", r.counts(), m.Conviction)
		}
		check("conviction", m.Conviction, r.Conviction, 0)
		if m.AddedValue > 0 { // mlxtend has the first branch only
			check("certainty", m.Certainty, r.Certainty, 1e-9)
		}
	}
}

func TestMeasuresOfAWorkedExample(t *testing.T) {
	// 10 baskets; X in 4, Y in 5, both in 3: the cells are 3, 1, 2, 4.
	got := Counts{Both: 3, WithAntecedent: 4, WithConsequent: 5, Baskets: 10}.Measures()
	want := Measures{
		Support: 0.3, Confidence: 0.75, Lift: 1.5, Leverage: 0.1, AddedValue: 0.25, Conviction: 2,
		Zhang: 0.1 / 0.18, Certainty: 0.5, Jaccard: 0.5, Cosine: 3 / math.Sqrt(20), Kulczynski: (0.75 + 0.6) / 2,
		Imbalance: 1.0 / 6, OddsRatio: 6, ChiSquared: 10 * 25.0 / 150, Phi: 5 / math.Sqrt(6*25*4),
	}
	want.ChiSquared, want.Phi = 10*0.1*0.1/(0.4*0.5*0.6*0.5), 0.1/math.Sqrt(0.4*0.5*0.6*0.5)
	sameMeasures(t, got, want)

	// Fewer together than by chance: the second branch of certainty. The cells are
	// 1, 4, 4, 1.
	got = Counts{Both: 1, WithAntecedent: 5, WithConsequent: 5, Baskets: 10}.Measures()
	want = Measures{
		Support: 0.1, Confidence: 0.2, Lift: 0.4, Leverage: -0.15, AddedValue: -0.3, Conviction: 0.5 / 0.8,
		Zhang: -0.15 / 0.2, Certainty: -0.6, Jaccard: 1.0 / 9, Cosine: 0.2, Kulczynski: 0.2,
		OddsRatio: 1.0 / 16, ChiSquared: 3.6, Phi: -0.6,
	}
	sameMeasures(t, got, want)

	// An empty cell: X always comes with Y. The cells are 4, 0, 1, 5.
	got = Counts{Both: 4, WithAntecedent: 4, WithConsequent: 5, Baskets: 10}.Measures()
	if !math.IsInf(got.Conviction, 1) || got.Certainty != 1 || !near(got.OddsRatio, 4.5*5.5/(0.5*1.5), 1e-15) {
		t.Errorf("got %+v, want conviction +Inf, certainty 1, odds ratio of the corrected table", got)
	}

	// Y in every basket says nothing.
	got = Counts{Both: 4, WithAntecedent: 4, WithConsequent: 10, Baskets: 10}.Measures()
	if got.ChiSquared != 0 || got.Phi != 0 || got.Zhang != 0 || got.Certainty != 0 || got.Lift != 1 || got.Leverage != 0 {
		t.Errorf("got %+v, want no relation", got)
	}
}

func sameMeasures(t *testing.T, got, want Measures) {
	t.Helper()
	a, b := got.list(), want.list()
	for i := range a {
		if !near(a[i], b[i], 1e-14) {
			t.Errorf("measure %d of %+v: got %v, want %v", i+1, want, a[i], b[i])
		}
	}
}

func (m Measures) list() []float64 {
	return []float64{
		m.Support, m.Confidence, m.Lift, m.Leverage, m.AddedValue, m.Conviction, m.Zhang, m.Certainty,
		m.Jaccard, m.Cosine, m.Kulczynski, m.Imbalance, m.OddsRatio, m.ChiSquared, m.Phi,
	}
}

// The cell-sum form is the definition; the code takes a shorter way.
func TestChiSquaredIsTheSumOverTheCells(t *testing.T) {
	for _, r := range references(t) {
		c, sum := r.counts(), 0.0
		for _, cell := range [][3]int{
			{c.Both, r.X, r.Y}, {r.X - c.Both, r.X, r.N - r.Y}, {r.Y - c.Both, r.N - r.X, r.Y}, {r.N - r.X - r.Y + c.Both, r.N - r.X, r.N - r.Y},
		} {
			expected := float64(cell[1]) * float64(cell[2]) / float64(r.N)
			if expected > 0 {
				sum += (float64(cell[0]) - expected) * (float64(cell[0]) - expected) / expected
			}
		}
		if got := c.Measures().ChiSquared; !near(got, sum, 1e-9) && math.Abs(got-sum) > 1e-12 {
			t.Errorf("%+v: got %v, want %v", c, got, sum)
		}
	}
}

func TestMeasuresStayWithinTheirRanges(t *testing.T) {
	const rounding = 1e-12
	rng := rand.New(rand.NewPCG(3, 9))
	for range 20_000 {
		c := randomCounts(rng)
		m := c.Measures()
		for _, r := range []struct {
			name        string
			value       float64
			least, most float64
		}{
			{"leverage", m.Leverage, -0.25, 0.25}, {"zhang", m.Zhang, -1, 1}, {"certainty", m.Certainty, -1, 1},
			{"jaccard", m.Jaccard, 0, 1}, {"cosine", m.Cosine, 0, 1}, {"kulczynski", m.Kulczynski, 0, 1},
			{"imbalance", m.Imbalance, 0, 1}, {"phi", m.Phi, -1, 1}, {"odds", m.OddsRatio, 0, math.Inf(1)},
			{"p", FisherP(c), 0, 1},
		} {
			if !(r.value >= r.least-rounding && r.value <= r.most+rounding) {
				t.Fatalf("%+v: %s: got %v, want a value in [%v,%v]", c, r.name, r.value, r.least, r.most)
			}
		}
	}
}

func randomCounts(rng *rand.Rand) Counts {
	c := Counts{Baskets: 1 + rng.IntN(1+rng.IntN(100_000))}
	c.WithAntecedent, c.WithConsequent = 1+rng.IntN(c.Baskets), 1+rng.IntN(c.Baskets)
	least := max(1, c.WithAntecedent+c.WithConsequent-c.Baskets)
	c.Both = least + rng.IntN(min(c.WithAntecedent, c.WithConsequent)-least+1)
	return c
}

func TestFisherAgreesWithExactArithmetic(t *testing.T) {
	const fromDeviance = 1e-11 // relative, to exact arithmetic
	const fromFactorials = 1e-12
	const scipyError = 2e-9   // what scipy.hypergeom loses at n near 10⁷
	const smallest = 1e-300   // below, the exponential loses digits
	const scipyExact = 20_000 // n up to which scipy is good to 1e-10
	for _, r := range references(t) {
		got, tolerance := FisherP(r.counts()), fromDeviance
		if r.N <= mostFactorial {
			tolerance = fromFactorials
		}
		if r.P > smallest && !near(got, r.P, tolerance) || r.P <= smallest && got > 2*smallest {
			t.Errorf("%+v: got %v, want %v", r.counts(), got, r.P)
		}
		slack := scipyError
		if r.N <= scipyExact {
			slack = 1e-10
		}
		if r.P > smallest && !near(got, r.SciPy, slack) {
			t.Errorf("%+v: got %v, scipy %v", r.counts(), got, r.SciPy)
		}
	}
}

// One more shared basket makes a rule more significant, and X and Y may change
// places.
func TestFisherIsMonotoneAndSymmetric(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 9))
	for range 5_000 {
		c := randomCounts(rng)
		p := FisherP(c)
		swapped := c
		swapped.WithAntecedent, swapped.WithConsequent = c.WithConsequent, c.WithAntecedent
		if q := FisherP(swapped); !near(p, q, 1e-12) && p > 1e-300 {
			t.Fatalf("%+v: got %v, swapped %v", c, p, q)
		}
		more := c
		more.Both++
		if more.Both <= min(c.WithAntecedent, c.WithConsequent) && FisherP(more) > p*(1+1e-12) {
			t.Fatalf("%+v: got %v, with one more %v", c, p, FisherP(more))
		}
	}
}

func TestBenjaminiHochbergAgreesWithSciPy(t *testing.T) {
	var p, want []float64
	for _, r := range references(t) {
		p, want = append(p, r.P), append(want, r.Q)
	}
	for i, q := range BenjaminiHochberg(p) {
		if !near(q, want[i], 1e-14) {
			t.Errorf("p %v: got %v, want %v", p[i], q, want[i])
		}
	}
	if got := BenjaminiHochberg(nil); len(got) != 0 {
		t.Errorf("got %v for no values", got)
	}
	// By hand: 0.02·4/2 = 0.04; 0.03·4/3 = 0.04; 0.005·4 = 0.02; 0.9 stays.
	got := BenjaminiHochberg([]float64{0.03, 0.9, 0.005, 0.02})
	for i, want := range []float64{0.04, 0.9, 0.02, 0.04} {
		if !near(got[i], want, 1e-15) {
			t.Errorf("got %v, want %v at %d", got, want, i)
		}
	}
}

// Reciprocals that divisions share change no more than last bits.
func TestMeasuresAreThoseOfTheirDefinitions(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 20_000 {
		c := randomCounts(rng)
		var want Measures
		c.measurePlainly(&want)
		got := c.Measures()
		sameMeasures(t, got, want)
	}
}
