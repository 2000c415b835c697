package metric

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// trialOf draws a trial in which uplift rises with the prediction where strength
// is above 0; predictions are coarse, so that many are equal.
func trialOf(seed uint64, n int, strength float64) Trial {
	rng := rand.New(rand.NewPCG(seed, 0))
	t := Trial{Uplift: make([]float64, n), Outcome: make([]float64, n), Treated: make([]bool, n)}
	for i := range n {
		t.Uplift[i] = float64(rng.IntN(40)) / 40
		t.Treated[i] = rng.IntN(3) > 0
		p := 0.2
		if t.Treated[i] {
			p += float64(strength * (t.Uplift[i] - 0.3))
		}
		if rng.Float64() < p {
			t.Outcome[i] = 1
		}
	}
	return t
}

// Where every row counts once, the fast scores are those of the plain ones.
func TestScoresOfResamplesAgreeWithThePlainScores(t *testing.T) {
	for seed := range uint64(20) {
		trial := trialOf(seed, 200, 0.3)
		if seed%2 == 1 { // responses so rare that the perfect ranking has its other form
			for i := range trial.Outcome {
				trial.Outcome[i] = 1 - trial.Outcome[i]
			}
		}
		times := make([]uint32, 200)
		for i := range times {
			times[i] = 1
		}
		qini, auuc, base := upliftScores(trial.cells(), times)
		wantQini, err1 := QiniAUC(trial, DistinctThresholds)
		wantAUUC, err2 := AUUC(trial, DistinctThresholds)
		wantBase, err3 := UpliftAt(trial, 1, Overall)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		if !near(qini, wantQini) || !near(auuc, wantAUUC) || !near(base, wantBase) {
			t.Errorf("seed %d: got %v, %v, %v; want %v, %v, %v", seed, qini, auuc, base, wantQini, wantAUUC, wantBase)
		}
	}
}

func TestIntervalsOfUpliftTellSignalFromNone(t *testing.T) {
	f := func(seed uint64, strength float64) UpliftInterval {
		t.Helper()
		i, err := UpliftBootstrap(context.Background(), trialOf(seed, 4000, strength), DefaultBootstrap())
		if err != nil {
			t.Fatal(err)
		}
		if !(i.QiniLow < i.QiniHigh && i.AUUCLow < i.AUUCHigh && i.BaseLow < i.BaseHigh) {
			t.Errorf("seed %d: got %+v", seed, i)
		}
		return i
	}
	if i := f(1, 0.5); i.QiniLow <= 0 || i.AUUCLow <= 0 {
		t.Errorf("a strong signal: got %+v, want intervals above 0", i)
	}
	holds := 0
	for seed := range uint64(20) {
		if i := f(seed+10, 0); i.QiniLow <= 0 && i.QiniHigh >= 0 {
			holds++
		}
	}
	if holds < 16 { // 19 of 20 are expected
		t.Errorf("no signal: the interval holds 0 in %d of 20 trials", holds)
	}
}

func TestResamplesDependOnTheRowsAndTheSeedAlone(t *testing.T) {
	trial := trialOf(3, 500, 0.2)
	b := DefaultBootstrap()
	b.Resamples = 60
	get := func(trial Trial, b Bootstrap) UpliftInterval {
		t.Helper()
		i, err := UpliftBootstrap(context.Background(), trial, b)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	want := get(trial, b)
	b.Workers = 8
	if got := get(trial, b); got != want {
		t.Errorf("8 workers: got %+v, want %+v", got, want)
	}
	var shuffled Trial
	for _, i := range rand.New(rand.NewPCG(9, 0)).Perm(500) {
		shuffled.Uplift = append(shuffled.Uplift, trial.Uplift[i])
		shuffled.Outcome = append(shuffled.Outcome, trial.Outcome[i])
		shuffled.Treated = append(shuffled.Treated, trial.Treated[i])
	}
	if got := get(shuffled, b); got != want {
		t.Errorf("rows shuffled: got %+v, want %+v", got, want)
	}
	b.Seed++
	if got := get(trial, b); got == want {
		t.Error("another seed gives the same interval")
	}
}

func TestBootstrapRefusesBadInput(t *testing.T) {
	trial := trialOf(3, 50, 0.2)
	for _, spoil := range []func(*Bootstrap){
		func(b *Bootstrap) { b.Resamples = 0 }, func(b *Bootstrap) { b.Level = 1 }, func(b *Bootstrap) { b.Workers = 0 },
	} {
		b := DefaultBootstrap()
		spoil(&b)
		var config *models.ConfigError
		if _, err := UpliftBootstrap(context.Background(), trial, b); !errors.As(err, &config) {
			t.Errorf("%+v: got %v, want a ConfigError", b, err)
		}
	}
	trial.Outcome[4] = 0.5
	var value *models.ValueError
	if _, err := UpliftBootstrap(context.Background(), trial, DefaultBootstrap()); !errors.As(err, &value) || value.Row != 5 {
		t.Errorf("got %v, want the fault of row 5", err)
	}
	none := Trial{Uplift: []float64{1, 2}, Outcome: []float64{0, 1}, Treated: []bool{true, true}}
	i, err := UpliftBootstrap(context.Background(), none, DefaultBootstrap())
	if err != nil || !math.IsNaN(i.QiniLow) || !math.IsNaN(i.BaseHigh) {
		t.Errorf("without controls: got %+v, %v", i, err)
	}
}

// Five rows in two groups: three, then two. Best first the rows are
// treated 1, control 0, treated 0 | control 1, treated 1.
func TestUpliftGroupsByHand(t *testing.T) {
	trial := Trial{
		Uplift:  []float64{5, 4, 3, 2, 1},
		Outcome: []float64{1, 0, 0, 1, 1},
		Treated: []bool{true, false, true, false, true},
	}
	got, err := UpliftGroups(trial, 2)
	want := []UpliftRow{
		{Group: 1, Rows: 3, Treated: 2, TreatedMean: 0.5, ControlMean: 0, Uplift: 0.5},
		{Group: 2, Rows: 2, Treated: 1, TreatedMean: 1, ControlMean: 1, Uplift: 0},
	}
	if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	// The Qini curve is 0, 1, 1, 1, 1 − 1·2/2 = 0, 2 − 1·3/2 = ½: its area is
	// ½ + 1 + 1 + ½ + ¼ = 3.25, that of the diagonal 5·½/2 = 1.25; by row 0.4.
	if a, err := QiniArea(trial); err != nil || !near(a, 0.4) {
		t.Errorf("got %v, %v; want 0.4", a, err)
	}
	var config *models.ConfigError
	if _, err := UpliftGroups(trial, 0); !errors.As(err, &config) {
		t.Errorf("got %v, want a ConfigError", err)
	}
}
