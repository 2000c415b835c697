package itemset

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// Each relation changes the input in a way whose effect is known.
func TestMineRelations(t *testing.T) {
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 8))
		b := randomBaskets(rng, 100+rng.IntN(300), 4+rng.IntN(12))
		for kind := range Maximal + 1 {
			c := plain(2 + rng.IntN(8))
			c.MaxLength, c.Kind = 2+rng.IntN(5), kind
			want := mine(t, c, b)
			check := func(name string, c Config, b Baskets, change func(Set) Set) {
				t.Helper()
				var changed []Set
				for _, s := range want.All() {
					changed = append(changed, change(s))
				}
				slices.SortFunc(changed, compareSets)
				sameSets(t, name, mine(t, c, b), changed)
			}
			keep := func(s Set) Set { return s }

			check("baskets permuted", c, permuted(rng, b), keep)
			check("an empty basket added", c, concat(b, Baskets{Offsets: []int64{0, 0}}), keep)

			for _, c.Workers = range []int{1, 8} {
				if got := mine(t, c, b); !reflect.DeepEqual(got, want) {
					t.Errorf("seed %d, %v, %d workers: got other sets", seed, kind, c.Workers)
				}
			}

			doubled := c
			doubled.MinCount *= 2
			check("baskets doubled", doubled, concat(b, b), func(s Set) Set { return Set{s.Items, 2 * s.Count} })

			code := rng.Perm(1000)
			check("items renamed", c, renamed(b, code), func(s Set) Set {
				items := make([]uint32, len(s.Items))
				for i, item := range s.Items {
					items[i] = uint32(code[item])
				}
				slices.Sort(items)
				return Set{items, s.Count}
			})

			if kind == Maximal {
				continue // the only ones that a higher count makes new
			}
			higher := c
			higher.MinCount++
			for _, s := range mine(t, higher, b).All() {
				if i, ok := want.Index(s.Items); !ok || want.At(i).Count != s.Count {
					t.Errorf("seed %d, %v: %v is frequent at a higher count only", seed, kind, s)
				}
			}
		}
	}
}

func permuted(rng *rand.Rand, b Baskets) Baskets {
	var build Builder
	for _, i := range rng.Perm(b.Len()) {
		basket := slices.Clone(b.Basket(i))
		rng.Shuffle(len(basket), func(i, j int) { basket[i], basket[j] = basket[j], basket[i] })
		build.Add(basket)
	}
	p := build.Baskets()
	p.ItemCount = b.ItemCount
	return p
}

func concat(a, b Baskets) Baskets {
	var build Builder
	for _, part := range []Baskets{a, b} {
		for i := range part.Len() {
			build.Add(part.Basket(i))
		}
	}
	return build.Baskets()
}

func renamed(b Baskets, code []int) Baskets {
	var build Builder
	for i := range b.Len() {
		var basket []uint32
		for _, item := range b.Basket(i) {
			basket = append(basket, uint32(code[item]))
		}
		build.Add(basket)
	}
	return build.Baskets()
}

func TestDoublingTheBasketsKeepsTheMeasures(t *testing.T) {
	b := randomBaskets(rand.New(rand.NewPCG(5, 8)), 200, 7)
	one, two := plain(4), plain(8)
	rc := DefaultRuleConfig()
	rc.MinConfidence = 0.2
	rules, _ := derive(t, mine(t, one, b), rc)
	doubled, _ := derive(t, mine(t, two, concat(b, b)), rc)
	if rules.Len() == 0 || rules.Len() != doubled.Len() {
		t.Fatalf("got %d rules and %d of the doubled baskets", rules.Len(), doubled.Len())
	}
	for i, r := range rules.All() {
		d := doubled.At(i)
		if !slices.Equal(r.Antecedent, d.Antecedent) || !slices.Equal(r.Consequent, d.Consequent) || 2*r.Both != d.Both {
			t.Fatalf("rule %d: got %+v, want %+v with twice the count", i, d, r)
		}
		want := r.Measures
		want.ChiSquared *= 2
		if r.OddsRatio != d.OddsRatio {
			want.OddsRatio = d.OddsRatio // an empty cell: half a basket more weighs less among twice as many
			if c := r.Counts; c.Both < c.WithAntecedent && c.Both < c.WithConsequent && c.WithAntecedent+c.WithConsequent-c.Both < c.Baskets {
				t.Errorf("rule %d: odds ratio %v, doubled %v", i, r.OddsRatio, d.OddsRatio)
			}
		}
		sameMeasures(t, d.Measures, want)
		if r.Improvement != d.Improvement {
			t.Errorf("rule %d: improvement %v, doubled %v", i, r.Improvement, d.Improvement)
		}
		if r.Lift > 1 && d.PValue > r.PValue {
			t.Errorf("rule %d: p %v, doubled %v: more evidence must not weigh less", i, r.PValue, d.PValue)
		}
	}
}

func TestMineRefusesBadInput(t *testing.T) {
	good := Baskets{Offsets: []int64{0, 2, 3}, Items: []uint32{0, 1, 1}, ItemCount: 2}
	for want, change := range map[string]func(*Baskets){
		"offset of basket 1":             func(b *Baskets) { b.Offsets = []int64{1, 2, 3} },
		"offset of basket 3":             func(b *Baskets) { b.Offsets = []int64{0, 4, 3} },
		"last offset":                    func(b *Baskets) { b.Offsets = []int64{0, 2, 2} },
		"item at position 3: got code 9": func(b *Baskets) { b.Items = []uint32{0, 1, 9} },
		"item count: got -1":             func(b *Baskets) { b.ItemCount = -1 },
		"without offsets":                func(b *Baskets) { b.Offsets = nil },
	} {
		b := good
		change(&b)
		if _, _, err := plain(1).Mine(t.Context(), b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that says %q", err, want)
		}
	}
	bad := Config{MinSupport: 2, MaxLength: -1, Kind: 7}
	_, _, err := bad.Mine(t.Context(), good)
	wantFields(t, err, "min_support", "min_count", "min_length", "max_length", "kind", "budget.sets", "budget.bytes", "workers")
	_, _, err = mine(t, plain(1), good).Rules(t.Context(), RuleConfig{MinConfidence: 2, MinLift: -1, TopPerConsequent: -1, RankBy: 9, MaxAdjustedP: 3})
	wantFields(t, err, "min_confidence", "min_lift", "rule_min_length", "max_consequent", "top_per_consequent", "rank_by", "max_adjusted_p", "max_rules", "workers")
}

func wantFields(t *testing.T, err error, fields ...string) {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("got %v, want all faults", err)
	}
	var got []string
	for _, e := range joined.Unwrap() {
		var fault *models.ConfigError
		if errors.As(e, &fault) {
			got = append(got, fault.Field)
		}
	}
	if !slices.Equal(got, fields) {
		t.Errorf("got faults in %v, want %v", got, fields)
	}
}

func TestRoomMadeBeforeChangesNothing(t *testing.T) {
	var plain, grown Builder
	for i := range 50 {
		if i == 7 || i == 20 { // too little, and more than enough
			grown.Grow(i-5, 3*i)
		}
		basket := []uint32{uint32(i % 9), uint32(i)}[:i%3]
		plain.Add(basket)
		grown.Add(basket)
	}
	if got, want := grown.Baskets(), plain.Baskets(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBuilderKeepsWhatItReturned(t *testing.T) {
	var build Builder
	reused := []uint32{3, 1, 3}
	build.Add(reused)
	first := build.Baskets()
	reused[0] = 9
	build.Add(reused)
	build.Add(nil)
	all := build.Baskets()
	if first.Len() != 1 || first.ItemCount != 4 || !slices.Equal(first.Basket(0), []uint32{3, 1, 3}) {
		t.Errorf("first: got %+v", first)
	}
	if all.Len() != 3 || all.ItemCount != 10 || !slices.Equal(all.Basket(1), []uint32{9, 1, 3}) || len(all.Basket(2)) != 0 {
		t.Errorf("all: got %+v", all)
	}
}
