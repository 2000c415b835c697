package metric

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

const relationSeed = 7

// sample is data with ties in everything, for the relations.
type sample struct {
	score, label, weight []float64
	trial                Trial
}

func draw(n int) sample {
	rng := rand.New(rand.NewPCG(relationSeed, 0))
	var s sample
	for range n {
		s.score = append(s.score, float64(rng.IntN(20))/20)
		s.label = append(s.label, float64(rng.IntN(2)))
		s.weight = append(s.weight, float64(rng.IntN(4)))
		s.trial.Uplift = append(s.trial.Uplift, float64(rng.IntN(15))-7)
		s.trial.Outcome = append(s.trial.Outcome, float64(rng.IntN(2)))
		s.trial.Treated = append(s.trial.Treated, rng.IntN(2) == 1)
	}
	return s
}

func (s sample) take(index []int) sample {
	pick := func(v []float64) []float64 {
		out := make([]float64, len(index))
		for k, i := range index {
			out[k] = v[i]
		}
		return out
	}
	treated := make([]bool, len(index))
	for k, i := range index {
		treated[k] = s.trial.Treated[i]
	}
	return sample{pick(s.score), pick(s.label), pick(s.weight),
		Trial{pick(s.trial.Uplift), pick(s.trial.Outcome), treated}}
}

// figures computes every order-free measure.
func (s sample) figures(t *testing.T, weighted bool) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	put := func(name string) func(v float64, err error) {
		return func(v float64, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out[name] = v
		}
	}
	var w []float64
	if weighted {
		w = s.weight
	}
	put("ROC AUC")(ROCAUC(s.score, s.label, w))
	put("AP")(AveragePrecision(s.score, s.label, w))
	put("KS")(KS(s.score, s.label, w))
	put("log-loss")(LogLoss(s.score, s.label, w))
	put("Brier")(Brier(s.score, s.label, w))
	put("Brier skill")(BrierSkill(s.score, s.label, w))
	put("R²")(R2(s.score, s.label, w))
	c, err := FitCalibration(s.score, s.label, w)
	put("slope")(c.Slope, err)
	if weighted {
		return out
	}
	put("top lift")(TopLift(s.score, s.label, 0.1))
	table, err := Gains(s.score, s.label, 10)
	for _, row := range table {
		put(fmt.Sprintf("gain %d", row.Group))(row.CumPositives, err)
	}
	bins, err := CalibrationBins(s.score, s.label, 10)
	put("ECE")(ECE(bins), err)
	put("Qini")(QiniAUC(s.trial, DistinctThresholds))
	put("AUUC")(AUUC(s.trial, DistinctThresholds))
	put("uplift at")(UpliftAt(s.trial, 0.3, Overall))
	put("uplift by arm")(UpliftAt(s.trial, 0.3, ByArm))
	return out
}

func compare(t *testing.T, relation string, want, got map[string]float64, skip ...string) {
	t.Helper()
	for _, name := range skip {
		delete(want, name)
	}
	if len(want) == 0 {
		t.Fatalf("%s: nothing to compare", relation)
	}
	for name, w := range want {
		if math.Abs(got[name]-w) > 1e-9*(1+math.Abs(w)) {
			t.Errorf("%s (seed %d): %s is %v, want %v", relation, relationSeed, name, got[name], w)
		}
	}
}

func TestOrderOfRowsDoesNotMatter(t *testing.T) {
	s := draw(500)
	index := rand.New(rand.NewPCG(relationSeed, 1)).Perm(500)
	for _, weighted := range []bool{false, true} {
		compare(t, "rows permuted", s.figures(t, weighted), s.take(index).figures(t, weighted))
	}
}

func TestWeightsAreRepeatedRows(t *testing.T) {
	s := draw(300)
	var repeated []int
	for i, w := range s.weight {
		for range int(w) {
			repeated = append(repeated, i)
		}
	}
	weighted, plain := s.figures(t, true), s.take(repeated).figures(t, false)
	compare(t, "weights as repetitions", weighted, plain)
}

func TestMonotoneScoresRankAlike(t *testing.T) {
	s := draw(400)
	before := s.figures(t, false)
	for i, v := range s.score {
		s.score[i] = v * v * 0.9
	}
	for i, v := range s.trial.Uplift {
		s.trial.Uplift[i] = math.Exp(v)
	}
	compare(t, "scores transformed", before, s.figures(t, false),
		"log-loss", "Brier", "Brier skill", "R²", "slope", "ECE")
}

func TestReversedScoresReverseTheAUC(t *testing.T) {
	s := draw(400)
	a, _ := ROCAUC(s.score, s.label, s.weight)
	for i := range s.score {
		s.score[i] = -s.score[i]
	}
	if b, _ := ROCAUC(s.score, s.label, s.weight); math.Abs(a+b-1) > 1e-12 {
		t.Errorf("AUC of the scores %v and of their negatives %v, want a sum of 1", a, b)
	}
}

func TestPerfectQiniRankingScoresOne(t *testing.T) {
	s := draw(400)
	for i, y := range s.trial.Outcome {
		s.trial.Uplift[i] = y
		if !s.trial.Treated[i] {
			s.trial.Uplift[i] = -y
		}
	}
	if got, err := QiniAUC(s.trial, DistinctThresholds); err != nil || math.Abs(got-1) > 1e-12 {
		t.Errorf("got %v, %v; want 1", got, err)
	}
}

func TestEqualUpliftIsTheDiagonal(t *testing.T) {
	s := draw(400)
	clear(s.trial.Uplift)
	if got, err := QiniAUC(s.trial, DistinctThresholds); err != nil || math.Abs(got) > 1e-12 {
		t.Errorf("got %v, %v; want 0 for a ranking that ranks nobody", got, err)
	}
	whole, _ := UpliftAt(s.trial, 1, Overall)
	if got, err := UpliftAt(s.trial, 0.25, Overall); err != nil || math.Abs(got-whole) > 1e-12 {
		t.Errorf("uplift at a quarter: got %v, %v; want %v as of everyone", got, err, whole)
	}
}

func TestGroupNamesDoNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(relationSeed, 2))
	a, b, renamed := make([]int, 300), make([]int, 300), make([]string, 300)
	names := []string{"x", "a", "q", "b"}
	for i := range a {
		a[i], b[i] = rng.IntN(4), rng.IntN(3)
		renamed[i] = names[a[i]]
	}
	check := func(name string, f func() (float64, error), g func() (float64, error)) {
		t.Helper()
		v, err1 := f()
		w, err2 := g()
		if err1 != nil || err2 != nil || math.Abs(v-w) > 1e-12 {
			t.Errorf("%s: got %v and %v (%v, %v)", name, v, w, err1, err2)
		}
	}
	check("ARI renamed", func() (float64, error) { return AdjustedRand(a, b) }, func() (float64, error) { return AdjustedRand(renamed, b) })
	check("ARI swapped", func() (float64, error) { return AdjustedRand(a, b) }, func() (float64, error) { return AdjustedRand(b, a) })
	check("NMI renamed", func() (float64, error) { return NMI(a, b) }, func() (float64, error) { return NMI(renamed, b) })
	check("NMI swapped", func() (float64, error) { return NMI(a, b) }, func() (float64, error) { return NMI(b, a) })
	check("ARI of itself", func() (float64, error) { return AdjustedRand(a, renamed) }, func() (float64, error) { return 1, nil })
	check("NMI of itself", func() (float64, error) { return NMI(a, renamed) }, func() (float64, error) { return 1, nil })
}

func TestInputsAreNotChanged(t *testing.T) {
	s := draw(200)
	index := make([]int, 200)
	for i := range index {
		index[i] = i
	}
	before := s.take(index)
	s.figures(t, true)
	s.figures(t, false)
	for i := range index {
		if s.score[i] != before.score[i] || s.label[i] != before.label[i] || s.weight[i] != before.weight[i] ||
			s.trial.Uplift[i] != before.trial.Uplift[i] || s.trial.Outcome[i] != before.trial.Outcome[i] {
			t.Fatalf("row %d was changed", i+1)
		}
	}
}

func TestSilhouetteRefusesBadInput(t *testing.T) {
	ctx := context.Background()
	x := models.Matrix{Cols: [][]float32{{1, 2, 3}}}
	bad := models.Matrix{Cols: [][]float32{{1, float32(nan), 3}}}
	f := func(name string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	_, err := Silhouette(ctx, x, []int{1, 1, 1}, 1)
	f("one group", err)
	_, err = Silhouette(ctx, x, []int{1, 2}, 1)
	f("labels", err)
	_, err = Silhouette(ctx, bad, []int{1, 2, 1}, 1)
	f("NaN", err)
	_, err = Silhouette(ctx, x, []int{1, 2, 1}, 0)
	f("workers", err)
	_, err = SimplifiedSilhouette(ctx, x, []int{0, 1, 2}, [][]float64{{1}, {2}}, 1)
	f("label without a centre", err)
	_, err = SimplifiedSilhouette(ctx, x, []int{0, 1, 1}, [][]float64{{1}, {2, 3}}, 1)
	f("centre of another width", err)
	_, err = SimplifiedSilhouette(ctx, x, []int{0, 0, 0}, [][]float64{{1}}, 1)
	f("one centre", err)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = Silhouette(cancelled, x, []int{1, 2, 1}, 1)
	f("cancelled", err)
}

// With true probabilities, the mean ECE over many draws of the labels is the
// floor.
func TestTheFloorOfTheECEIsWhatTrueProbabilitiesShow(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	const rows, draws = 2000, 400
	prob, label := make([]float64, rows), make([]float64, rows)
	var ece, floor float64
	for range draws {
		for i := range prob {
			prob[i], label[i] = rng.Float64(), 0
			if rng.Float64() < prob[i] {
				label[i] = 1
			}
		}
		bins, err := CalibrationBins(prob, label, 10)
		if err != nil {
			t.Fatal(err)
		}
		ece += ECE(bins) / draws
		floor += ECEFloor(bins) / draws
	}
	// The mean ECE has a relative deviation of about 0.24/√400 = 0.012.
	if math.Abs(ece/floor-1) > 0.05 {
		t.Errorf("got a mean ECE of %v, a floor of %v; want them within a twentieth", ece, floor)
	}
	if got := ECEFloor([]CalibrationBin{{Rows: 100, Variance: 0.25}}); math.Abs(got-0.05*math.Sqrt(2/math.Pi)) > 1e-15 {
		t.Errorf("got %v of 100 rows at ½, want √(2/π)/20", got)
	}
}
