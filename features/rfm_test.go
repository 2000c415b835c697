package features

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// score fits and scores in one go.
func score(t testing.TB, c RFMConfig, in RFMInput) Scores {
	t.Helper()
	m, err := c.Fit(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := m.ScoreAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func digits(scores []uint8) string {
	var b strings.Builder
	for _, s := range scores {
		fmt.Fprint(&b, s)
	}
	return b.String()
}

// TestScoresByHand works ⌊5·r/(n+1)⌋ + 1, and ⌊5·w/n⌋ + 1, out on small lists.
func TestScoresByHand(t *testing.T) {
	f := func(what string, values []float64, ties Ties, want string) {
		t.Helper()
		c := DefaultRFM()
		c.Ties = ties
		in := RFMInput{Recency: make([]float64, len(values)), Frequency: make([]float64, len(values)), Monetary: values}
		for i := range values {
			in.Recency[i], in.Frequency[i] = -values[i], 1 // fewer days are better: the scores must be those of the money
			in.Hash = append(in.Hash, uint64(100-i))       // ties go to the later rows first
		}
		s := score(t, c, in)
		if got := digits(s.M); got != want {
			t.Errorf("%s: money: got %s, want %s", what, got, want)
		}
		if got := digits(s.R); got != want {
			t.Errorf("%s: recency: got %s, want %s", what, got, want)
		}
	}
	// n = 10: 5r/11 = .45 .91 1.4 1.8 2.3 2.7 3.2 3.6 4.1 4.5
	f("ten", []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Shared, "1122334455")
	// n = 4: 5r/5 = 1 2 3 4
	f("four", []float64{10, 20, 30, 40}, Shared, "2345")
	// n = 1: 5/2 = 2.5: one customer is in the middle
	f("one", []float64{7}, Shared, "3")
	// n = 5, ranks 2 2 2 4 5: 10/6 = 1.7, 20/6 = 3.3, 25/6 = 4.2
	f("three tied", []float64{1, 1, 1, 2, 3}, Shared, "22245")
	// all tied: mean rank 3, 15/6 = 2.5
	f("all tied", []float64{9, 9, 9, 9, 9}, Shared, "33333")
	// ranks by hash: 5·1/6 = .8, 1.7, 2.5, 3.3, 4.2, the last row first
	f("all tied, hashed", []float64{9, 9, 9, 9, 9}, Hashed, "54321")
	f("three tied, hashed", []float64{1, 1, 1, 2, 3}, Hashed, "32145")
	// w = 0 … 9: 5w/10 = 0 .5 1 1.5 2 2.5 3 3.5 4 4.5
	f("ten, cut", []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Lowest, "1122334455")
	// 5w/4 = 0 1.25 2.5 3.75
	f("four, cut", []float64{10, 20, 30, 40}, Lowest, "1234")
	f("one, cut", []float64{7}, Lowest, "1")
	// w = 0 0 0 3 4: 0 0 0 3 4
	f("three tied, cut", []float64{1, 1, 1, 2, 3}, Lowest, "11145")
	f("all tied, cut", []float64{9, 9, 9, 9, 9}, Lowest, "11111")
	// n = 7: 5r/8 = .6 1.25 1.9 2.5 3.1 3.75 4.4
	f("seven, unsorted", []float64{70, 10, 60, 20, 50, 30, 40}, Shared, "5142423")
}

func TestCustomersWithoutPurchasesHaveNoScore(t *testing.T) {
	nan := math.NaN()
	in := RFMInput{
		Recency:   []float64{3, nan, 2, 5, 1},
		Frequency: []float64{1, 0, 2, 0, 3},
		Monetary:  []float64{10, 0, 20, 4, 30},
	}
	s := score(t, DefaultRFM(), in)
	// Three are ranked: 5w/3 = 0 1.67 3.33
	if digits(s.R) != "10204" || digits(s.F) != "10204" || digits(s.M) != "10204" {
		t.Errorf("got %s %s %s", digits(s.R), digits(s.F), digits(s.M))
	}
	if s.Segment[1] != NoSegment || s.Segment[0] == NoSegment {
		t.Errorf("got segments %v", s.Segment)
	}
	m, err := DefaultRFM().Fit(context.Background(), RFMInput{})
	if err != nil {
		t.Fatal(err)
	}
	if r, f, v := m.Score(1, 1, 1, 0); r != 0 || f != 0 || v != 0 {
		t.Errorf("a model of nobody: got %d %d %d, want no scores", r, f, v)
	}
}

func TestCutsScoreByFixedLimits(t *testing.T) {
	c := DefaultRFM()
	c.Cuts = &Cuts{
		Recency:   []float64{30, 90, 180, 365},
		Frequency: []float64{2, 4, 7, 10},
		Monetary:  []float64{50, 100, 500, 1000},
	}
	in := RFMInput{
		Recency:   []float64{0, 30, 31, 365, 366},
		Frequency: []float64{1, 2, 6, 7, 99},
		Monetary:  []float64{-3, 49.99, 50, 1000, 5},
	}
	s := score(t, c, in)
	if digits(s.R) != "55421" || digits(s.F) != "12345" || digits(s.M) != "11251" {
		t.Errorf("got %s %s %s, want 55421 12345 11251", digits(s.R), digits(s.F), digits(s.M))
	}
	c.Cuts.Recency, c.Cuts.Monetary = nil, nil // what has no limits of its own is ranked
	want := score(t, DefaultRFM(), in)
	s = score(t, c, in)
	if digits(s.R) != digits(want.R) || digits(s.F) != "12345" || digits(s.M) != digits(want.M) {
		t.Errorf("got %s %s %s, want %s 12345 %s", digits(s.R), digits(s.F), digits(s.M), digits(want.R), digits(want.M))
	}
}

// A value that was not ranked scores as the next better one that was, and as k if
// it is better than all.
func TestCutScoresNewValuesByCountingThoseWorse(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 0))
	for range 50 {
		in := randomCustomers(rng, 1+rng.IntN(40))
		m, err := DefaultRFM().Fit(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			r, f, v := float64(rng.IntN(90))/2, float64(1+rng.IntN(14))/2, float64(rng.IntN(4400))/8-20
			worse := func(ranked []float64, value, sign float64) uint8 {
				n, w := 0, 0
				for i, x := range ranked {
					if in.scored(i) {
						n++
						if sign*x < sign*value {
							w++
						}
					}
				}
				if n == 0 {
					return 0
				}
				return uint8(min(5, 1+5*w/n))
			}
			want := [3]uint8{worse(in.Recency, r, -1), worse(in.Frequency, f, 1), worse(in.Monetary, v, 1)}
			if a, b, c := m.Score(r, f, v, 0); [3]uint8{a, b, c} != want {
				t.Fatalf("%v, %v, %v: got %d%d%d, want %d", r, f, v, a, b, c, want)
			}
		}
	}
}

// randomCustomers makes customers with many ties.
func randomCustomers(rng *rand.Rand, n int) RFMInput {
	var in RFMInput
	for i := range n {
		r, f, m := float64(rng.IntN(40)), float64(1+rng.IntN(6)), float64(rng.IntN(2000))/4
		if rng.IntN(10) == 0 {
			r, f, m = math.NaN(), 0, 0
		}
		in.Recency, in.Frequency, in.Monetary = append(in.Recency, r), append(in.Frequency, f), append(in.Monetary, m)
		in.Hash = append(in.Hash, Hash(fmt.Append(nil, i), 1))
	}
	return in
}

func (in RFMInput) pick(at []int) RFMInput {
	var out RFMInput
	for _, i := range at {
		out.Recency, out.Frequency = append(out.Recency, in.Recency[i]), append(out.Frequency, in.Frequency[i])
		out.Monetary, out.Hash = append(out.Monetary, in.Monetary[i]), append(out.Hash, in.Hash[i])
	}
	return out
}

// oracle ranks every customer by counting, in cells for nested.
func oracle(c RFMConfig, in RFMInput) (r, f, m []uint8) {
	n := len(in.Recency)
	rank := func(values []float64, cell func(i int) int) []uint8 {
		out := make([]uint8, n)
		for i := range n {
			if !in.scored(i) {
				continue
			}
			size, below, ties := 0, 0, 0
			for j := range n {
				if !in.scored(j) || cell(j) != cell(i) {
					continue
				}
				size++
				switch {
				case values[j] < values[i], c.Ties == Hashed && values[j] == values[i] && in.Hash[j] < in.Hash[i]:
					below++
				case values[j] == values[i] && (c.Ties == Shared || j == i):
					ties++
				}
			}
			if c.Ties == Lowest {
				out[i] = uint8(c.Bins*below/size + 1)
				continue
			}
			mean := float64(below) + float64(ties+1)/2
			out[i] = uint8(float64(c.Bins)*mean/float64(size+1)) + 1
		}
		return out
	}
	minus := make([]float64, n)
	for i := range n {
		minus[i] = -in.Recency[i]
	}
	nested := c.Method == Nested
	none := func(int) int { return 0 }
	r = rank(minus, none)
	byR := none
	if nested {
		byR = func(i int) int { return int(r[i]) }
	}
	f = rank(in.Frequency, byR)
	byRF := none
	if nested {
		byRF = func(i int) int { return 10*int(r[i]) + int(f[i]) }
	}
	return r, f, rank(in.Monetary, byRF)
}

func TestScoresAgreeWithCounting(t *testing.T) {
	const seed = 5
	rng := rand.New(rand.NewPCG(seed, 0))
	for _, n := range []int{0, 1, 3, 8, 60, 700} {
		in := randomCustomers(rng, n)
		for _, method := range []Method{Independent, Nested} {
			for _, ties := range []Ties{Lowest, Shared, Hashed} {
				for _, bins := range []int{2, 5, 9} {
					c := DefaultRFM()
					c.Method, c.Ties, c.Bins = method, ties, bins
					s := score(t, c, in)
					r, f, m := oracle(c, in)
					if !slices.Equal(s.R, r) || !slices.Equal(s.F, f) || !slices.Equal(s.M, m) {
						t.Errorf("n %d, %s, %s, %d bins (seed %d): got\n%s\n%s\n%s\nwant\n%s\n%s\n%s", n, method, ties, bins, seed,
							digits(s.R), digits(s.F), digits(s.M), digits(r), digits(f), digits(m))
					}
				}
			}
		}
	}
}

func TestScoreRelations(t *testing.T) {
	const n, seed = 3000, 6
	rng := rand.New(rand.NewPCG(seed, 0))
	in := randomCustomers(rng, n)
	for _, method := range []Method{Independent, Nested} {
		for _, ties := range []Ties{Lowest, Shared, Hashed} {
			c := DefaultRFM()
			c.Method, c.Ties, c.Workers = method, ties, 1
			want := score(t, c, in)
			check := func(what string, c RFMConfig, changed RFMInput, at []int) {
				t.Helper()
				got := score(t, c, changed)
				for k, i := range at {
					if got.R[k] != want.R[i] || got.F[k] != want.F[i] || got.M[k] != want.M[i] || got.Segment[k] != want.Segment[i] {
						t.Fatalf("%s, %s, %s (seed %d): customer %d: got %d%d%d, want %d%d%d", what, method, ties, seed, i,
							got.R[k], got.F[k], got.M[k], want.R[i], want.F[i], want.M[i])
					}
				}
			}
			same := make([]int, n)
			for i := range same {
				same[i] = i
			}
			order := rng.Perm(n)
			check("rows permuted", c, in.pick(order), order)
			eight := c
			eight.Workers = 8
			check("eight workers", eight, in, same)
			dear := in.pick(same)
			for i := range dear.Monetary {
				dear.Monetary[i] *= 100
			}
			check("currency ×100", c, dear, same)
			later := in.pick(same)
			for i := range later.Recency {
				later.Recency[i] += 17
			}
			check("17 days later", c, later, same)
		}
	}
}

func TestRFMModelSurvivesJSON(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 0))
	in := randomCustomers(rng, 900)
	for _, ties := range []Ties{Lowest, Shared, Hashed} {
		for _, method := range []Method{Independent, Nested} {
			c := DefaultRFM()
			c.Method, c.Ties, c.Bins = method, ties, 4
			m, err := c.Fit(context.Background(), in)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			var back RFMModel
			if err := json.Unmarshal(raw, &back); err != nil {
				t.Fatal(err)
			}
			if err := back.Validate(); err != nil {
				t.Fatal(err)
			}
			a, ra, _ := m.ScoreAll(in)
			b, rb, _ := back.ScoreAll(in)
			if d := cmp.Diff(a, b) + cmp.Diff(ra, rb); d != "" {
				t.Errorf("%s, %s: %s", method, ties, d)
			}
		}
	}
}

func TestBadRFMModelsAreRefused(t *testing.T) {
	f := func(change func(m *RFMModel), want string) {
		t.Helper()
		m, err := DefaultRFM().Fit(context.Background(), randomCustomers(rand.New(rand.NewPCG(1, 0)), 50))
		if err != nil {
			t.Fatal(err)
		}
		change(m)
		if err := m.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f(func(m *RFMModel) { m.Bins = 0 }, "bins: got 0")
	f(func(m *RFMModel) { m.Bins = 4 }, "rising scores from 1 to 4")
	f(func(m *RFMModel) { m.Method = "" }, "method")
	f(func(m *RFMModel) { m.Ties = "random" }, "ties")
	f(func(m *RFMModel) { m.Method = Nested }, "want 5 of f, 25 of m")
	f(func(m *RFMModel) { m.F[0] = nil }, "limits of each")
	f(func(m *RFMModel) { m.M[0][0].Score = 5 }, "m[0]")
	f(func(m *RFMModel) { m.Segments = SegmentMap{} }, "segments.version")
}

// TestNestedModelScoresNewCustomers: values and cells that the fit never saw
// still have scores.
func TestNestedModelScoresNewCustomers(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 0))
	for _, n := range []int{1, 2, 5, 20} {
		c := DefaultRFM()
		c.Method = Nested
		in := randomCustomers(rng, n)
		in.Recency[0], in.Frequency[0], in.Monetary[0] = 3, 1, 5
		m, err := c.Fit(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		for range 500 {
			r, f, v := m.Score(float64(rng.IntN(1000)), float64(1+rng.IntN(50)), float64(rng.IntN(5000)-100), 0)
			if r < 1 || f < 1 || v < 1 || r > 5 || f > 5 || v > 5 {
				t.Fatalf("%d customers: got %d%d%d", n, r, f, v)
			}
		}
	}
}

func TestBadRFMConfigsAreRefused(t *testing.T) {
	f := func(change func(c *RFMConfig), want ...string) {
		t.Helper()
		c := DefaultRFM()
		change(&c)
		_, err := c.Fit(context.Background(), RFMInput{})
		if err == nil {
			t.Errorf("want an error with %q", want)
			return
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("got %v, want it to hold %q", err, w)
			}
		}
	}
	f(func(c *RFMConfig) { c.Bins, c.Method = 1, "nest" },
		"features: bins: got 1, want an integer from 2 to 9", `features: method: got "nest", want "independent" or "nested"`)
	f(func(c *RFMConfig) { c.Ties = "" }, `ties: got ""`)
	f(func(c *RFMConfig) { c.Monetary = "profit" }, `monetary: got "profit", want "gross", "net", "average" or "none"`)
	f(func(c *RFMConfig) { c.Cuts = &Cuts{Recency: []float64{1, 1, 2, 3}} }, "cuts.recency: got [1 1 2 3], want 4 rising numbers, one less than bins")
	f(func(c *RFMConfig) { c.Cuts = &Cuts{Frequency: []float64{1, 2, 3}, Monetary: []float64{}} }, "cuts.frequency", "cuts.monetary")
	f(func(c *RFMConfig) { c.Cuts = &Cuts{} }, "cuts: got \"none\"")
	f(func(c *RFMConfig) { c.Cuts, c.Method = &Cuts{Frequency: []float64{1, 2, 3, 4}}, Nested }, `method: got "nested", want "independent" with cuts`)
	f(func(c *RFMConfig) { c.Workers = 0 }, "workers")
	f(func(c *RFMConfig) { c.Segments.Rules = c.Segments.Rules[1:] }, `segments.rules: got "0 rules for cell 111 []", want one rule for each cell`)

	c := DefaultRFM()
	if _, err := c.Fit(context.Background(), RFMInput{Recency: []float64{1}}); err == nil || !strings.Contains(err.Error(), "got 1, 0 and 0 values") {
		t.Errorf("columns of different lengths: got %v", err)
	}
	c.Ties = Hashed
	one := []float64{1}
	if _, err := c.Fit(context.Background(), RFMInput{Recency: one, Frequency: one, Monetary: one}); err == nil || !strings.Contains(err.Error(), "hashes") {
		t.Errorf("no hashes: got %v", err)
	}
	inf := []float64{math.Inf(1)}
	if _, err := DefaultRFM().Fit(context.Background(), RFMInput{Recency: one, Frequency: one, Monetary: inf}); err == nil || !strings.Contains(err.Error(), "row 1") {
		t.Errorf("infinite money: got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := DefaultRFM().Fit(ctx, RFMInput{Recency: one, Frequency: one, Monetary: one}); err != context.Canceled {
		t.Errorf("cancelled: got %v", err)
	}
}

func TestSortKeysSortsAsFloatsDo(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	for _, n := range []int{0, 1, 511, 512, 5000} {
		values := make([]float64, n)
		for i := range values {
			values[i] = math.Float64frombits(rng.Uint64())
			if v := values[i]; v != v || i%3 == 0 {
				values[i] = float64(rng.IntN(50) - 25)
			}
		}
		for _, falling := range []bool{false, true} {
			keys := make([]uint64, n)
			for i, v := range values {
				keys[i] = sortKey(v, falling)
			}
			keys = sortKeys(keys, make([]uint64, n))
			want := slices.Sorted(slices.Values(values))
			if falling {
				slices.Reverse(want)
			}
			for i := range keys {
				if got := keyValue(keys[i], falling); got != want[i] {
					t.Fatalf("n %d, falling %v: at %d got %v, want %v", n, falling, i, got, want[i])
				}
			}
		}
	}
	if sortKey(math.Copysign(0, -1), false) != sortKey(0, false) {
		t.Error("−0 and 0 are not one value")
	}
}

func BenchmarkRFM(b *testing.B) {
	const n = 1_000_000
	rng := rand.New(rand.NewPCG(4, 0))
	in := RFMInput{Recency: make([]float64, n), Frequency: make([]float64, n), Monetary: make([]float64, n), Hash: make([]uint64, n)}
	for i := range n {
		in.Recency[i], in.Frequency[i] = float64(rng.IntN(700)), math.Ceil(rng.ExpFloat64()*5)
		in.Monetary[i], in.Hash[i] = math.Round(rng.ExpFloat64()*1e5)/100, rng.Uint64()
	}
	for _, method := range []Method{Independent, Nested} {
		for _, ties := range []Ties{Lowest, Shared, Hashed} {
			b.Run(fmt.Sprintf("rows=1e6/method=%s/ties=%s", method, ties), func(b *testing.B) {
				c := DefaultRFM()
				c.Method, c.Ties, c.Workers = method, ties, 1
				b.ReportAllocs()
				for b.Loop() {
					m, err := c.Fit(context.Background(), in)
					if err != nil {
						b.Fatal(err)
					}
					if _, _, err := m.ScoreAll(in); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
			})
		}
	}
}
