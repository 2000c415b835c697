package itemset

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/quintile-dev/quintile/models/itemset/internal/kernel"
)

// randomEntries returns rules of all kinds: far above and below chance, with empty
// cells, with sides that overlap only as far as they must.
func randomEntries(rng *rand.Rand, n, baskets int) []entry {
	rules := make([]entry, n)
	for i := range rules {
		most := 1 + rng.IntN(baskets)
		x, y := 1+rng.IntN(most), 1+rng.IntN(most)
		least := max(1, x+y-baskets)
		both := least + rng.IntN(min(x, y)-least+1)
		switch rng.IntN(4) {
		case 0:
			both = least
		case 1:
			both = min(x, y)
		}
		rules[i] = entry{
			Table: kernel.Table{Both: uint32(both), Antecedent: uint32(x), Consequent: uint32(y), Items: [2]uint16{1, 1}},
			left:  i, right: n + i, improvement: rng.Float64() - 0.5,
		}
	}
	return rules
}

// inPieces cuts rules somewhere, often.
func inPieces(rng *rand.Rand, rules []entry) []piece {
	var pieces []piece
	for from := 0; from < len(rules); {
		to := min(len(rules), from+1+rng.IntN(9))
		pieces = append(pieces, piece{from, rules[from:to]})
		from = to
	}
	return pieces
}

func TestMeasuresOfFourRulesAtATimeHaveTheSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 9))
	for _, baskets := range []int{2, 40, 18_532, kernel.MostBaskets, kernel.MostBaskets + 1, (1<<32 - 1) & math.MaxInt} {
		for _, n := range []int{0, 1, 3, 4, 5, 401} {
			r := &Rules{
				baskets: baskets, items: make([]uint32, 2*n), pieces: inPieces(rng, randomEntries(rng, n, baskets)),
				p: make([]float64, n), adjusted: make([]float64, n),
			}
			for i := range n {
				r.items[i], r.items[n+i], r.p[i], r.adjusted[i] = uint32(i), uint32(n+i), rng.Float64(), rng.Float64()
			}
			seen := 0
			for i, got := range r.All() {
				want := r.At(i)
				if got.Measures != got.Counts.Measures() || !reflect.DeepEqual(got, want) {
					t.Fatalf("%d baskets: rule %d of %d: got %+v, want %+v", baskets, i, n, got, want)
				}
				seen++
			}
			if seen != n {
				t.Fatalf("got %d rules, want %d", seen, n)
			}
		}
	}
}

func TestPValuesOfFourRulesAtATimeHaveTheSameBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 9))
	for _, baskets := range []int{2, 40, 18_532, mostFactorial, mostFactorial + 1} {
		for _, n := range []int{0, 1, 3, 4, 5, 4001} {
			rules := randomEntries(rng, n, baskets)
			for i := range rules {
				if e := &rules[i]; i%3 > 0 { // as the rules that are looked for: with a high lift, so that few terms matter
					e.Antecedent, e.Consequent = 1+e.Antecedent%uint32(1+baskets/20), 1+e.Consequent%uint32(1+baskets/20)
					e.Both = (min(e.Antecedent, e.Consequent) + 1) / 2
				}
			}
			for _, remembered := range []int{0, 100, 100_000} {
				p := make([]float64, n)
				newMemory(n, newFactorials(baskets, min(remembered, baskets))).fisherPs(p, rules)
				for i := range rules {
					if want := FisherP(rules[i].counts(baskets)); p[i] != want {
						t.Fatalf("%d of %d: %+v: got %v, want %v", i, n, rules[i].counts(baskets), p[i], want)
					}
				}
			}
		}
	}
}

// Were the kernels not to run where they can, nothing else would tell.
func TestFourRulesAreComputedTogetherWhereTheMachineCan(t *testing.T) {
	if !kernel.Fast() {
		t.Skip("no AVX2")
	}
	usual := entry{Table: kernel.Table{Both: 202, Antecedent: 224, Consequent: 265}}
	r, entries := &Rules{baskets: 18_532}, []entry{usual, usual, usual, usual}
	var rules [kernel.Rules]Rule
	if !r.measureFour(&rules, entries, 1/18_532.0) || rules[3].Measures != usual.counts(r.baskets).Measures() {
		t.Errorf("measures: got %+v", rules[3].Measures)
	}
	f := newFactorials(r.baskets, 0)
	logs := [kernel.Rules]int64{}
	for i := range logs {
		logs[i] = f.logProb(usual.Both, usual.Antecedent, usual.Consequent)
	}
	var p [kernel.Rules]float64
	if !kernel.SetP(&p, tables(entries), &logs, &expTable, float64(r.baskets)) || p[2] != FisherP(usual.counts(r.baskets)) {
		t.Errorf("p-values: got %v", p)
	}
	for _, changed := range []kernel.Table{
		{Both: 224, Antecedent: 224, Consequent: 265}, {Both: 1, Antecedent: 224, Consequent: 265},
	} {
		entries[1].Table = changed
		if r.measureFour(&rules, entries, 1/18_532.0) {
			t.Errorf("measures of %+v are found together with others", changed)
		}
	}
}
