package metric

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

var nan = math.NaN()

// same reports equality in which NaN equals NaN.
func same(a, b float64) bool { return a == b || a != a && b != b }

func TestROCAUCByHand(t *testing.T) {
	f := func(score, label, weight []float64, want float64) {
		t.Helper()
		got, err := ROCAUC(score, label, weight)
		if err != nil || !same(got, want) {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
	}
	f(nil, nil, nil, nan)
	f([]float64{1, 2}, []float64{1, 1}, nil, nan)                                   // no negatives
	f([]float64{1, 2}, []float64{0, 1}, nil, 1)                                     // perfect
	f([]float64{2, 1}, []float64{0, 1}, nil, 0)                                     // reversed
	f([]float64{5, 5}, []float64{0, 1}, nil, 0.5)                                   // tied
	f([]float64{0, math.Copysign(0, -1)}, []float64{0, 1}, nil, 0.5)                // the two zeros are one score
	f([]float64{-1, 3, 2, 3}, []float64{0, 1, 1, 0}, nil, 0.625)                    // pairs won: 3>−1, 3=3 (½), 2>−1
	f([]float64{-1, 3, 2, 3}, []float64{0, 1, 1, 0}, []float64{3, 1, 1, 1}, 0.8125) // 3 + ½ + 3 of 8
	f([]float64{-1, 9, 2}, []float64{0, 0, 1}, []float64{1, 0, 1}, 1)               // the worst negative weighs nothing
}

// The definition, pair by pair, is the oracle.
func TestROCAUCIsTheShareOfPairsWon(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for range 200 {
		n := 2 + rng.IntN(30)
		score, label, weight := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			score[i], label[i], weight[i] = float64(rng.IntN(8))-4, float64(rng.IntN(2)), float64(rng.IntN(3))
		}
		var won, pairs float64
		for i := range n {
			for j := range n {
				if label[i] == 1 && label[j] == 0 {
					w := weight[i] * weight[j]
					pairs += w
					if score[i] > score[j] {
						won += w
					} else if score[i] == score[j] {
						won += w / 2
					}
				}
			}
		}
		got, err := ROCAUC(score, label, weight)
		if err != nil || !same(got, won/pairs) {
			t.Fatalf("got %v, %v; want %v", got, err, won/pairs)
		}
	}
}

func TestDescendingSortsStably(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	for _, n := range []int{0, 1, 2, 100, 3000} {
		score := make([]float64, n)
		for i := range score {
			switch rng.IntN(4) {
			case 0:
				score[i] = float64(rng.IntN(5)) - 2
			case 1:
				score[i] = rng.NormFloat64() * 1e-300
			case 2:
				score[i] = math.Copysign(0, -1)
			default:
				score[i] = rng.NormFloat64() * 1e12
			}
		}
		want := make([]int32, n)
		for i := range want {
			want[i] = int32(i)
		}
		sort.SliceStable(want, func(a, b int) bool { return score[want[a]] > score[want[b]] })
		if got := descending(score); !slices.Equal(got, want) {
			t.Errorf("n=%d: the order differs from a stable comparison sort", n)
		}
	}
}

func TestAveragePrecisionByHand(t *testing.T) {
	// Ranked: positive (P=1, R=½), negative, positive (P=⅔, R=1).
	got, err := AveragePrecision([]float64{3, 2, 1}, []float64{1, 0, 1}, nil)
	if want := 0.5*1 + 0.5*2/3; err != nil || !near(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	got, err = AveragePrecision([]float64{1, 1, 1, 1}, []float64{1, 0, 0, 0}, nil) // no ranking: the base rate
	if err != nil || got != 0.25 {
		t.Errorf("got %v, %v; want the base rate 0.25", got, err)
	}
}

func TestProbabilityScoresByHand(t *testing.T) {
	prob, label := []float64{0.8, 0.4}, []float64{1, 0}
	if got, err := Brier(prob, label, nil); err != nil || !near(got, 0.1) { // (0.04 + 0.16)/2
		t.Errorf("Brier: got %v, %v; want 0.1", got, err)
	}
	if got, err := BrierSkill(prob, label, nil); err != nil || !near(got, 0.6) { // 1 − 0.1/0.25
		t.Errorf("Brier skill: got %v, %v; want 0.6", got, err)
	}
	if got, err := LogLoss(prob, label, nil); err != nil || !near(got, -(math.Log(0.8)+math.Log(0.6))/2) {
		t.Errorf("log-loss: got %v, %v", got, err)
	}
	// A certain mistake costs ln 2⁵² and not infinity.
	if got, err := LogLoss([]float64{0}, []float64{1}, nil); err != nil || !near(got, 52*math.Ln2) {
		t.Errorf("log-loss of a certain mistake: got %v, %v; want %v", got, err, 52*math.Ln2)
	}
	if got, _ := BrierSkill([]float64{0.5, 0.5}, []float64{1, 1}, nil); !math.IsNaN(got) {
		t.Errorf("Brier skill without negatives: got %v, want NaN", got)
	}
}

func TestCalibrationWithoutALineSaysSo(t *testing.T) {
	f := func(prob, label []float64) {
		t.Helper()
		c, err := FitCalibration(prob, label, nil)
		if err != nil || c.Converged || !math.IsNaN(c.Slope) {
			t.Errorf("got %+v, %v; want no line", c, err)
		}
	}
	f(nil, nil)
	f([]float64{0.2, 0.3, 0.9}, []float64{0, 0, 1})         // separated
	f([]float64{0.2, 0.3, 0.9}, []float64{1, 1, 1})         // one label
	f([]float64{0.5, 0.5, 0.5, 0.5}, []float64{0, 1, 1, 0}) // one probability
	f([]float64{0, 0, 1, 1}, []float64{0, 0, 1, 1})         // certain and right
}

func TestUndefinedScoresAreNaN(t *testing.T) {
	f := func(name string, got float64, err error) {
		t.Helper()
		if err != nil || !math.IsNaN(got) {
			t.Errorf("%s: got %v, %v; want NaN", name, got, err)
		}
	}
	one, two := []float64{0.5}, []float64{0.5, 0.5}
	v, err := AveragePrecision(two, []float64{0, 0}, nil)
	f("average precision without positives", v, err)
	v, err = KS(two, []float64{1, 1}, nil)
	f("KS without negatives", v, err)
	v, err = LogLoss(nil, nil, nil)
	f("log-loss without rows", v, err)
	v, err = R2(one, one, nil)
	f("R² of one row", v, err)
	v, err = TopLift(two, []float64{0, 0}, 0.5)
	f("lift without positives", v, err)
	f("ECE without bins", ECE(nil), nil)
	v, err = QiniAUC(Trial{two, two, []bool{true, true}}, RowStepped)
	f("Qini without controls", v, err)
	v, err = QiniAUC(Trial{two, []float64{0, 0}, []bool{true, false}}, DistinctThresholds)
	f("Qini without responses", v, err)
	v, err = UpliftAt(Trial{[]float64{2, 1}, two, []bool{true, false}}, 0.5, Overall)
	f("uplift with one arm in the cut", v, err)
}

func TestBadRowsAreNamed(t *testing.T) {
	f := func(err error, row int, name string) {
		t.Helper()
		var v *models.ValueError
		if !errors.As(err, &v) || v.Row != row || v.Name != name {
			t.Errorf("got %v, want row %d, %q", err, row, name)
		}
	}
	good, label := []float64{0.1, 0.2, 0.3}, []float64{0, 1, 0}
	_, err := ROCAUC([]float64{1, nan, 3}, label, nil)
	f(err, 2, "score")
	_, err = KS(good, []float64{0, 1, 2}, nil)
	f(err, 3, "label")
	_, err = AveragePrecision(good, label, []float64{1, -1, 1})
	f(err, 2, "weight")
	_, err = LogLoss([]float64{0.1, 1.1, 0.3}, label, nil)
	f(err, 2, "probability")
	_, err = BrierSkill([]float64{0.1, 1.1, 0.3}, label, nil)
	f(err, 2, "probability")
	_, err = RMSE(good, []float64{0, 1, math.Inf(1)}, nil)
	f(err, 3, "actual")
	_, err = PoissonDeviance([]float64{1, 0, 1}, label, nil)
	f(err, 2, "prediction")
	_, err = Confuse([]int{0, 3}, []int{0, 0}, 3, nil)
	f(err, 2, "actual class")
	_, err = QiniAUC(Trial{good, []float64{0, 5, 0}, []bool{true, false, true}}, DistinctThresholds)
	f(err, 2, "outcome")
	_, err = QiniCurve(Trial{[]float64{0, nan, 0}, label, []bool{true, false, true}}, RowStepped)
	f(err, 2, "uplift")
}

func TestWrongShapesAndSettingsAreErrors(t *testing.T) {
	f := func(name string, err error) {
		t.Helper()
		var shape *models.ShapeError
		var config *models.ConfigError
		if !errors.As(err, &shape) && !errors.As(err, &config) {
			t.Errorf("%s: got %v, want a shape or a config error", name, err)
		}
	}
	two, three := []float64{0, 1}, []float64{0, 1, 0}
	_, err := ROCAUC(two, three, nil)
	f("labels", err)
	_, err = Brier(two, two, three)
	f("weights", err)
	_, err = RMSE(two, three, nil)
	f("actual", err)
	_, err = Gains(two, two, 0)
	f("groups", err)
	_, err = TopLift(two, two, 1.5)
	f("share", err)
	_, err = CalibrationBins(two, two, 0)
	f("bins", err)
	_, err = AdjustedRand([]int{1}, []string{"a", "b"})
	f("groupings", err)
	_, err = QiniAUC(Trial{two, two, []bool{true}}, DistinctThresholds)
	f("treated", err)
	_, err = QiniAUC(Trial{two, two, []bool{true, false}}, 7)
	f("convention", err)
	_, err = AUUC(Trial{two, two, []bool{true, false}}, 7)
	f("convention", err)
	_, err = UpliftAt(Trial{two, two, []bool{true, false}}, 0.5, 7)
	f("cut", err)
	_, err = Confuse([]int{0}, []int{0}, 0, nil)
	f("classes", err)
}
