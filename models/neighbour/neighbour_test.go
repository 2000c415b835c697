package neighbour

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/quintile-dev/quintile/models"
)

// random draws rows of items in two groups, so that items have neighbours.
func random(seed uint64, rows, items int) Rows {
	rng := rand.New(rand.NewPCG(seed, 0))
	x := Rows{ItemCount: items}
	for range rows {
		var row []uint32
		half := rng.IntN(2) * items / 2
		for i := range items {
			p := 0.3 / float64(1+i%7)
			if i >= half && i < half+items/2 {
				p *= 2
			}
			if rng.Float64() < p {
				row = append(row, uint32(i))
			}
		}
		x.Add(row)
	}
	return x
}

func fit(t testing.TB, c Config, x Rows) (*Model, Report) {
	t.Helper()
	m, report, err := c.Fit(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	return m, report
}

func encoded(t testing.TB, m *Model) []byte {
	t.Helper()
	b, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Two rows {0,1} and {0}, λ = 1: XᵀX + λI = [3 1; 1 2], its inverse
// [2 −1; −1 3]/5, so w₀₁ = 1/3 and w₁₀ = 1/2.
func TestEASEByHand(t *testing.T) {
	x := Rows{ItemCount: 3}
	x.Add([]uint32{0, 1})
	x.Add([]uint32{0})
	c := DefaultConfig()
	c.L2 = 1
	m, report := fit(t, c, x)
	scores := make([]float64, 3)
	f := func(held []uint32, want ...float64) {
		t.Helper()
		if err := m.ScoreTo(scores, held); err != nil {
			t.Fatal(err)
		}
		for i, v := range want {
			if math.Abs(scores[i]-v) > 1e-15 {
				t.Errorf("holding %v: got %v, want %v", held, scores, want)
				return
			}
		}
	}
	f([]uint32{0}, 0, 1.0/3, 0)
	f([]uint32{1}, 0.5, 0, 0)
	f(nil, 0, 0, 0)
	if report.Rows != 2 || report.Items != 2 || report.Dense != 2 || report.LineCount != 1 || report.Weights != 2 {
		t.Errorf("got %+v", report)
	}
}

// The tiles agree with a plain inverse that shares no code with them.
func TestEASEAgreesWithAPlainInverse(t *testing.T) {
	const seed, items = 5, 150 // more than two tiles, the last of them not full
	x := random(seed, 400, items)
	c := DefaultConfig()
	c.L2, c.Keep = 10, items
	m, _ := fit(t, c, x)
	gram := mat.NewDense(items, items, nil)
	for r := range x.Len() {
		for _, i := range x.Row(r) {
			for _, j := range x.Row(r) {
				gram.Set(int(i), int(j), gram.At(int(i), int(j))+1)
			}
		}
	}
	for i := range items {
		gram.Set(i, i, gram.At(i, i)+c.L2)
	}
	var inverse mat.Dense
	if err := inverse.Inverse(gram); err != nil {
		t.Fatal(err)
	}
	scores := make([]float64, items)
	for i := range items {
		if err := m.ScoreTo(scores, []uint32{uint32(i)}); err != nil {
			t.Fatal(err)
		}
		for j, got := range scores {
			want := -inverse.At(i, j) / inverse.At(j, j)
			if i == j {
				want = 0
			}
			if math.Abs(got-want) > 1e-12 {
				t.Fatalf("seed %d, weight of %d for %d: got %v, want %v", seed, i, j, got, want)
			}
		}
	}
}

// Four rows {0,1}, {0,1}, {0,2}, {1}: n = 3, 3, 1, n₀₁ = 2, n₀₂ = 1.
func TestCosineByHand(t *testing.T) {
	x := Rows{ItemCount: 3}
	for _, row := range [][]uint32{{0, 1}, {0, 1}, {0, 2}, {1}} {
		x.Add(row)
	}
	c := DefaultConfig()
	c.Dense = 0
	scores := make([]float64, 3)
	m, _ := fit(t, c, x)
	if err := m.ScoreTo(scores, []uint32{0}); err != nil {
		t.Fatal(err)
	}
	if scores[0] != 0 || scores[1] != 2.0/3 || math.Abs(scores[2]-1/math.Sqrt(3)) > 1e-15 {
		t.Errorf("got %v", scores)
	}
	c.Neighbours = 1
	m, _ = fit(t, c, x)
	if err := m.ScoreTo(scores, []uint32{0}); err != nil || scores[2] != 0 {
		t.Errorf("one neighbour: got %v, %v", scores, err)
	}

	// With item 0 alone within EASE, κ is Σ x·s / Σ s². The sums of cosines are
	// by row: s₁ = ⅔ and s₂ = 1/√3 from 0; s₂ = 0 from 1; s₁ = 0 from 2.
	// Σ x·s = ⅔ + ⅔ + 1/√3 and Σ s² = 3·(4/9 + 1/3) = 7/3.
	c.Dense, c.Neighbours = 1, 2
	m, report := fit(t, c, x)
	want := (4.0/3 + 1/math.Sqrt(3)) / (7.0 / 3)
	if math.Abs(report.CosineScale-want) > 1e-15 {
		t.Errorf("scale: got %v, want %v", report.CosineScale, want)
	}
	if err := m.ScoreTo(scores, []uint32{0}); err != nil || math.Abs(scores[1]-want*2/3) > 1e-15 {
		t.Errorf("got %v, %v", scores, err)
	}
	if !m.Dense(0) || m.Dense(1) || m.Dense(2) {
		t.Error("want item 0 alone within EASE")
	}
}

func TestWorkersAndOrderOfRowsDoNotMatter(t *testing.T) {
	const seed = 8
	x := random(seed, 500, 200)
	c := DefaultConfig()
	c.Dense, c.Keep, c.Workers = 130, 40, 1
	m, _ := fit(t, c, x)
	want := encoded(t, m)
	top := Top{K: 7, Order: placesOf(t, x), Workers: 1}
	lists, err := m.Recommend(context.Background(), x, top)
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{2, 8} {
		c.Workers, top.Workers = workers, workers
		other, _ := fit(t, c, x)
		if !bytes.Equal(encoded(t, other), want) {
			t.Errorf("seed %d: %d workers give other bytes than 1", seed, workers)
		}
		again, err := other.Recommend(context.Background(), x, top)
		if err != nil || !slices.EqualFunc(again, lists, slices.Equal[[]Candidate]) {
			t.Errorf("seed %d: %d workers give other lists than 1 (%v)", seed, workers, err)
		}
	}
	reversed := Rows{ItemCount: x.ItemCount}
	for i := range x.Len() {
		reversed.Add(x.Row(x.Len() - 1 - i))
	}
	c.Dense = x.ItemCount
	a, _ := fit(t, c, x)
	b, _ := fit(t, c, reversed)
	if !bytes.Equal(encoded(t, a), encoded(t, b)) {
		t.Errorf("seed %d: rows reversed give other weights", seed)
	}
}

func placesOf(t testing.TB, x Rows) []uint32 {
	t.Helper()
	places, err := Order(x.Counts())
	if err != nil {
		t.Fatal(err)
	}
	return places
}

// Renaming the items renames the weights, within rounding.
func TestNamesOfItemsDoNotMatter(t *testing.T) {
	const seed, items = 4, 90
	x := random(seed, 300, items)
	name := rand.New(rand.NewPCG(seed, 1)).Perm(items)
	renamed := Rows{ItemCount: items}
	for i := range x.Len() {
		var row []uint32
		for _, item := range x.Row(i) {
			row = append(row, uint32(name[item]))
		}
		slices.Sort(row)
		renamed.Add(row)
	}
	c := DefaultConfig()
	c.Keep = items
	a, _ := fit(t, c, x)
	b, _ := fit(t, c, renamed)
	one, two := make([]float64, items), make([]float64, items)
	for i := range items {
		if err := errors.Join(a.ScoreTo(one, []uint32{uint32(i)}), b.ScoreTo(two, []uint32{uint32(name[i])})); err != nil {
			t.Fatal(err)
		}
		for j := range items {
			if math.Abs(one[j]-two[name[j]]) > 1e-12 {
				t.Fatalf("seed %d, %d for %d: got %v and %v", seed, i, j, one[j], two[name[j]])
			}
		}
	}
}

func TestKeptWeightsAreTheLargest(t *testing.T) {
	x := random(2, 300, 80)
	c := DefaultConfig()
	c.Keep = 80
	all, _ := fit(t, c, x)
	c.Keep = 5
	few, report := fit(t, c, x)
	if report.Weights != 5*80 {
		t.Errorf("got %d weights, want 5 for each of 80 items", report.Weights)
	}
	for j := range uint32(80) {
		var sizes []float64
		least := math.Inf(1)
		for i := range uint32(80) {
			for k, to := range first(all.Weights(i)) {
				if to == j {
					_, w := all.Weights(i)
					sizes = append(sizes, math.Abs(w[k]))
				}
			}
			for k, to := range first(few.Weights(i)) {
				if to == j {
					_, w := few.Weights(i)
					least = min(least, math.Abs(w[k]))
				}
			}
		}
		slices.Sort(sizes)
		if want := sizes[len(sizes)-5]; least != want {
			t.Errorf("item %d: the least weight kept is %v, want %v", j, least, want)
		}
	}
}

func first[A, B any](a A, _ B) A { return a }

func TestTopRanksTiesByOrder(t *testing.T) {
	held := Rows{ItemCount: 6}
	held.Add([]uint32{1, 4})
	held.Add(nil)
	order, err := Order([]uint32{5, 9, 5, 7, 1, 0}) // 1, 3, 0, 2, 4, 5
	if err != nil || !slices.Equal(order, []uint32{2, 0, 3, 1, 4, 5}) {
		t.Fatalf("got %v, %v", order, err)
	}
	f := func(top Top, score Scorer, want ...[]uint32) {
		t.Helper()
		top.Order, top.Workers = order, 2
		lists, err := top.Of(context.Background(), held, score)
		if err != nil {
			t.Fatal(err)
		}
		for i, list := range lists {
			var items []uint32
			for _, c := range list {
				items = append(items, c.Item)
			}
			if !slices.Equal(items, want[i]) {
				t.Errorf("row %d: got %v, want %v", i, items, want[i])
			}
		}
	}
	none := func([]float64, int, []uint32) {}
	f(Top{K: 3}, none, []uint32{3, 0, 2}, []uint32{1, 3, 0})
	f(Top{K: 3, Repeats: true}, none, []uint32{1, 3, 0}, []uint32{1, 3, 0})
	f(Top{K: 9, Exclude: []bool{3: true, 5: false}}, none, []uint32{0, 2, 5}, []uint32{1, 0, 2, 4, 5})
	some := func(dst []float64, row int, _ []uint32) {
		copy(dst, []float64{1, 2, 1 + 1e-12, 3, math.NaN(), -1})
		dst[5] -= float64(row)
	}
	f(Top{K: 4}, some, []uint32{3, 0, 2, 5}, []uint32{3, 1, 0, 2})
	f(Top{K: 2, Factor: []float64{1, 1, 1, 0, 1, -9}}, some, []uint32{5, 0}, []uint32{5, 1})
}

// A plain sort gives the same lists as the one pass.
func TestTopAgreesWithASort(t *testing.T) {
	const seed, items = 12, 300
	rng := rand.New(rand.NewPCG(seed, 0))
	x := random(seed, 40, items)
	scores := make([][]float64, x.Len())
	for i := range scores {
		for range items {
			scores[i] = append(scores[i], float64(rng.IntN(20))/7)
		}
	}
	top := Top{K: 25, Order: placesOf(t, x), Workers: 2}
	lists, err := top.Of(context.Background(), x, func(dst []float64, row int, _ []uint32) { copy(dst, scores[row]) })
	if err != nil {
		t.Fatal(err)
	}
	for i, list := range lists {
		var all []Candidate
		for item, score := range scores[i] {
			if !slices.Contains(x.Row(i), uint32(item)) {
				all = append(all, Candidate{uint32(item), math.Round(score*1e9) / 1e9})
			}
		}
		slices.SortFunc(all, func(a, b Candidate) int {
			switch {
			case a.Score > b.Score || a.Score == b.Score && top.Order[a.Item] < top.Order[b.Item]:
				return -1
			default:
				return 1
			}
		})
		if !slices.Equal(list, all[:25]) {
			t.Errorf("seed %d, row %d: got %v, want %v", seed, i, list, all[:25])
		}
	}
}

func TestChoiceOfThePenaltyIsTheBestAsJudged(t *testing.T) {
	x := random(3, 200, 40)
	c := DefaultConfig()
	c.Dense = 30
	asked := 0
	judge := func(m *Model) (float64, error) {
		asked++
		return []float64{1, 3, 3, 2}[asked-1], nil
	}
	best, trials, err := c.ChooseL2(context.Background(), x, []float64{1, 10, 100, 1000}, judge)
	if err != nil || best != 100 || len(trials) != 4 || trials[1] != (Trial{10, 3}) {
		t.Errorf("got %v, %v, %v", best, trials, err)
	}
	// The models are those that Fit makes.
	var seen []byte
	_, _, err = c.ChooseL2(context.Background(), x, []float64{5, 50}, func(m *Model) (float64, error) {
		seen = encoded(t, m)
		return 0, nil
	})
	c.L2 = 50
	m, _ := fit(t, c, x)
	if err != nil || !bytes.Equal(seen, encoded(t, m)) {
		t.Errorf("ChooseL2 judges another model than Fit makes (%v)", err)
	}
	wrong := errors.New("wrong")
	if _, _, err := c.ChooseL2(context.Background(), x, []float64{5}, func(*Model) (float64, error) { return 0, wrong }); !errors.Is(err, wrong) {
		t.Errorf("got %v, want the error of the judge", err)
	}
}

func TestRhythmByHand(t *testing.T) {
	f := func(r Rhythm, want float64) {
		t.Helper()
		if got := r.Score(); math.Abs(got-want) > 1e-12 {
			t.Errorf("%+v: got %v, want %v", r, got, want)
		}
	}
	f(Rhythm{Times: 1, Since: 100}, 1)                           // one gap of 100 days is not overdue
	f(Rhythm{Times: 1, Since: 400}, math.Exp(-1))                // three gaps overdue
	f(Rhythm{Times: 3, Since: 60, MeanGap: 20}, 3)               // g = (40 + 200)/4 = 60
	f(Rhythm{Times: 3, Since: 240, MeanGap: 20}, 3*math.Exp(-1)) // three of them overdue
	f(Rhythm{Times: 0, Since: 3}, 0)
	f(Rhythm{Times: 2, Since: -1, MeanGap: 3}, 0)
	f(Rhythm{Times: 2, Since: math.NaN(), MeanGap: 3}, 0)
	f(Rhythm{Times: 2, Since: 1, MeanGap: math.NaN()}, 0)
	f(Rhythm{Times: 1, Since: 1, MeanGap: math.NaN()}, 1) // has no gap
}

func TestTrendByHand(t *testing.T) {
	got, err := Trend([]uint32{0, 9, 30}, []uint32{90, 10, 30})
	if err != nil || !slices.Equal(got, []float64{0.01, 0.5, 31.0 / 40}) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestBadInputIsRefused(t *testing.T) {
	refuse := func(name string, x Rows) {
		t.Helper()
		if _, _, err := DefaultConfig().Fit(context.Background(), x); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	refuse("no rows", Rows{ItemCount: 3})
	refuse("no items", Rows{Offsets: []int64{0, 0}, ItemCount: 3})
	refuse("a code too high", Rows{Offsets: []int64{0, 1}, Items: []uint32{3}, ItemCount: 3})
	refuse("a code twice", Rows{Offsets: []int64{0, 2}, Items: []uint32{1, 1}, ItemCount: 3})
	refuse("offsets that fall", Rows{Offsets: []int64{0, 2, 1, 2}, Items: []uint32{0, 1}, ItemCount: 3})
	refuse("offsets beyond the items", Rows{Offsets: []int64{0, 5, 2}, Items: []uint32{0, 1}, ItemCount: 3})
	refuse("offsets that start late", Rows{Offsets: []int64{1, 2}, Items: []uint32{0, 1}, ItemCount: 3})
	refuse("items without offsets", Rows{Items: []uint32{0}, ItemCount: 3})
	refuse("negative item count", Rows{ItemCount: -1})

	x := random(1, 20, 5)
	bad := Config{Dense: -1, L2: math.NaN()}
	if _, _, err := bad.Fit(context.Background(), x); err == nil {
		t.Error("a config without a valid field passes")
	}
	m, _ := fit(t, DefaultConfig(), x)
	var shape *models.ShapeError
	var value *models.ValueError
	if err := m.ScoreTo(make([]float64, 4), nil); !errors.As(err, &shape) {
		t.Errorf("got %v", err)
	}
	if err := m.ScoreTo(make([]float64, 5), []uint32{5}); !errors.As(err, &value) {
		t.Errorf("got %v", err)
	}
	top := Top{K: 1, Order: placesOf(t, x), Workers: 1}
	for _, spoil := range []func(*Top){
		func(t *Top) { t.K = 0 }, func(t *Top) { t.Workers = 0 }, func(t *Top) { t.Order = nil },
		func(t *Top) { t.Factor = []float64{1} }, func(t *Top) { t.Factor = []float64{1, 1, 1, 1, math.Inf(1)} },
		func(t *Top) { t.Exclude = []bool{true} },
	} {
		spoiled := top
		spoil(&spoiled)
		if _, err := m.Recommend(context.Background(), x, spoiled); err == nil {
			t.Errorf("%+v passes", spoiled)
		}
	}
	if _, err := m.Recommend(context.Background(), random(1, 3, 6), top); !errors.As(err, &shape) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := DefaultConfig().Fit(ctx, x); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := m.Recommend(ctx, x, top); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestModelsLoadToTheSameBits(t *testing.T) {
	x := random(6, 200, 70)
	c := DefaultConfig()
	c.Dense, c.Keep = 50, 20
	m, _ := fit(t, c, x)
	b := encoded(t, m)
	var loaded Model
	if err := loaded.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(encoded(t, &loaded), b) {
		t.Error("a model that was loaded writes other bytes")
	}
	for cut := range len(b) {
		if (&Model{}).UnmarshalBinary(b[:cut]) == nil {
			t.Fatalf("a model cut off after %d of %d bytes loads", cut, len(b))
		}
	}
	for at := range b {
		damaged := slices.Clone(b)
		damaged[at] ^= 4
		if (&Model{}).UnmarshalBinary(damaged) == nil {
			t.Fatalf("a model with a bit changed in byte %d loads", at)
		}
	}
}

func FuzzUnmarshalBinary(f *testing.F) {
	c := DefaultConfig()
	c.Dense, c.Keep = 5, 3
	m, _ := fit(f, c, random(6, 20, 8))
	f.Add(encoded(f, m))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 4 { // so that the checksum does not hide the rest
			b = append(slices.Clone(b[:len(b)-4]), 0, 0, 0, 0)
			sum := checksum(b[:len(b)-4])
			for k := range 4 {
				b[len(b)-4+k] = byte(sum >> (8 * k))
			}
		}
		var m Model
		if m.UnmarshalBinary(b) != nil {
			return
		}
		if again := encoded(t, &m); len(again) != len(b) {
			t.Errorf("got %d bytes, want %d", len(again), len(b))
		}
		if err := m.ScoreTo(make([]float64, m.Items()), nil); err != nil {
			t.Error(err)
		}
	})
}
