package churn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// each calls f with a model of each kind, and rows to score.
func each(t *testing.T, f func(t *testing.T, m *Model, x models.Matrix)) {
	t.Helper()
	data := cohorts(3, 1200, interactingTruth, 11)
	made := map[string]*Model{}
	for _, kind := range []string{Logistic, Boost} {
		c := config()
		c.Models = []string{kind}
		m := fit(t, c, data).Model
		made[kind] = m
		t.Run(kind, func(t *testing.T) { f(t, m, data[2].X) })
	}
	m := *made[Logistic]
	m.kind = Average
	m.ranker = joined(fitted{ranker: made[Logistic].ranker}, fitted{ranker: made[Boost].ranker}).ranker
	t.Run(Average, func(t *testing.T) { f(t, &m, data[2].X) })
}

func sameBits(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

// sameReasons compares to the bit, missing values being equal.
func sameReasons(a, b []Reason) bool {
	return slices.EqualFunc(a, b, func(x, y Reason) bool {
		return x.Feature == y.Feature && sameBits([]float64{x.Value, x.Effect}, []float64{y.Value, y.Effect})
	})
}

func TestEffectsAddUpToTheLogOdds(t *testing.T) {
	each(t, func(t *testing.T, m *Model, x models.Matrix) {
		n, d := x.Dims()
		odds, effects := make([]float64, n), make([]float64, n*d)
		if err := m.ranker.scoreTo(context.Background(), odds, effects, x); err != nil {
			t.Fatal(err)
		}
		for i, want := range odds {
			got := m.ranker.base()
			for _, v := range effects[i*d : (i+1)*d] {
				got += v
			}
			if math.Abs(got-want) > 1e-9 {
				t.Fatalf("row %d: base and effects add up to %v, want %v", i+1, got, want)
			}
		}
	})
}

func TestReasonsAreTheStrongestEffectsTowardsTheSideOfTheCustomer(t *testing.T) {
	each(t, func(t *testing.T, m *Model, x models.Matrix) {
		n, d := x.Dims()
		odds, effects := make([]float64, n), make([]float64, n*d)
		if err := m.ranker.scoreTo(context.Background(), odds, effects, x); err != nil {
			t.Fatal(err)
		}
		_, reasons := score(t, m, x, 2)
		k := m.Reasons()
		for i := range n {
			row, want := effects[i*d:(i+1)*d], make([]int, d)
			sign := 1.0
			if sumOf(row) < 0 {
				sign = -1
			}
			for j := range want {
				want[j] = j
			}
			slices.SortStableFunc(want, func(a, b int) int { return -compare(sign*row[a], sign*row[b]) })
			for r, reason := range reasons[i*k : (i+1)*k] {
				j := want[r]
				if sign*row[j] < noticeable {
					j = -1
				}
				if reason.Feature != j {
					t.Fatalf("row %d, reason %d: got feature %d, want %d of effects %v", i+1, r+1, reason.Feature, j, row)
				}
				if j >= 0 && (reason.Effect != row[j] || !sameBits([]float64{reason.Value}, []float64{float64(x.Cols[j][i])})) {
					t.Fatalf("row %d: got %+v, want effect %v of value %v", i+1, reason, row[j], x.Cols[j][i])
				}
			}
		}
	})
}

func sumOf(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestStrongestByHand(t *testing.T) {
	f := func(effects []float64, want ...int) {
		t.Helper()
		dst := make([]Reason, 3)
		strongest(dst, effects)
		var got []int
		for _, r := range dst {
			got = append(got, r.Feature)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v: got %v, want %v", effects, got, want)
		}
	}
	f([]float64{0.1, -0.2, 0.3, 0.2, 0.05}, 2, 3, 0)
	f([]float64{0.1, -2, 0.3, -0.2, 0.05}, 1, 3, -1) // the sum keeps the customer: so do the reasons
	f([]float64{0.09, 0.05, 0.01, 0.09}, -1, -1, -1) // nothing is noticeable
	f([]float64{0.2, 0.2, 0.2, 0.2}, 0, 1, 2)        // equal: the first feature first
	f([]float64{0.1, 0.2, 0.1, 0.2}, 1, 3, 0)
	f([]float64{-0.1, 0, 0.5, 0}, 2, -1, -1) // an effect of 0 is no reason
	f(nil, -1, -1, -1)
}

func TestJSONRestoresTheModelToTheBit(t *testing.T) {
	each(t, func(t *testing.T, m *Model, x models.Matrix) {
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		read := new(Model)
		if err := json.Unmarshal(text, read); err != nil {
			t.Fatal(err)
		}
		if err := read.Validate(); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(read)
		if err != nil || string(again) != string(text) {
			t.Errorf("written again, the model differs (%v)", err)
		}
		prob, reasons := score(t, m, x, 2)
		gotProb, gotReasons := score(t, read, x, 2)
		if !sameBits(prob, gotProb) || !sameReasons(reasons, gotReasons) {
			t.Error("the model read scores differently")
		}
		if read.Kind() != m.Kind() || read.HorizonDays() != 90 || read.Reasons() != 3 || !slices.Equal(read.Features(), m.Features()) {
			t.Errorf("got %s, %d, %d, %v", read.Kind(), read.HorizonDays(), read.Reasons(), read.Features())
		}
	})
}

func TestWorkersNeverChangeABit(t *testing.T) {
	data := cohorts(3, 3000, interactingTruth, 12)
	for _, kind := range [][]string{{Logistic}, {Boost, Logistic}} {
		var wantText []byte
		var want *Findings
		var wantProb []float64
		var wantReasons []Reason
		for _, workers := range []int{1, 2, 8} {
			c := config()
			c.Models, c.Workers = kind, workers
			f := fit(t, c, data)
			text, err := json.Marshal(f.Model)
			if err != nil {
				t.Fatal(err)
			}
			prob, reasons := score(t, f.Model, data[0].X, workers)
			f.Model = nil
			if want == nil {
				want, wantText, wantProb, wantReasons = f, text, prob, reasons
			}
			if string(text) != string(wantText) || !reflect.DeepEqual(f, want) || !sameBits(prob, wantProb) || !sameReasons(reasons, wantReasons) {
				t.Errorf("%v: %d workers find something else than 1", kind, workers)
			}
		}
	}
}

func TestARowIsScoredTheSameInAnyCompany(t *testing.T) {
	each(t, func(t *testing.T, m *Model, x models.Matrix) {
		prob, reasons := score(t, m, x, 2)
		k := m.Reasons()
		for _, at := range []int{0, 1023, 1024, 1199} {
			p, r := score(t, m, x.Slice(at, at+1), 1)
			if p[0] != prob[at] || !sameReasons(r, reasons[at*k:(at+1)*k]) {
				t.Errorf("row %d alone: got %v, %v; want %v, %v", at+1, p, r, prob[at], reasons[at*k:(at+1)*k])
			}
		}
	})
}

func TestProbabilitiesStayWithinTheOpenInterval(t *testing.T) {
	each(t, func(t *testing.T, m *Model, x models.Matrix) {
		d := len(m.Features())
		far := models.Matrix{Names: m.Features(), Cols: make([][]float32, d)}
		for j := range d {
			far.Cols[j] = []float32{-math.MaxFloat32, math.MaxFloat32, 0, float32(math.NaN())}
		}
		prob, _ := score(t, m, far, 1)
		for i, p := range prob {
			if !(p > 0 && p < 1) {
				t.Errorf("row %d: got %v, want a probability between 0 and 1", i+1, p)
			}
		}
	})
}

func TestScoringRefusesWhatDoesNotFit(t *testing.T) {
	each(t, func(t *testing.T, m *Model, x models.Matrix) {
		ctx := context.Background()
		n, _ := x.Dims()
		f := func(want string, prob []float64, reasons []Reason, x models.Matrix, workers int) {
			t.Helper()
			if err := m.ScoreTo(ctx, prob, reasons, x, workers); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want an error with %q", err, want)
			}
		}
		prob := make([]float64, n)
		f("prob: got length", prob[1:], nil, x, 1)
		f("reasons: got length 5", prob, make([]Reason, 5), x, 1)
		f("features: got length 5, want 6", prob, nil, models.Matrix{Names: x.Names[1:], Cols: x.Cols[1:]}, 1)
		f("workers: got 0", prob, nil, x, 0)
		swapped := slices.Clone(x.Names)
		swapped[0], swapped[1] = swapped[1], swapped[0]
		f(`feature 1: got "feature_1", want "feature_0"`, prob, nil, models.Matrix{Names: swapped, Cols: x.Cols}, 1)
		bad := models.Matrix{Names: x.Names, Cols: slices.Clone(x.Cols)}
		bad.Cols[2] = slices.Clone(bad.Cols[2])
		bad.Cols[2][1100] = float32(math.Inf(-1))
		f(`row 1101, column 3 ("feature_2"): got -Inf`, prob, nil, bad, 2)
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		if err := m.ScoreTo(cancelled, prob, nil, x, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
	})
}

func TestDamagedModelsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, m *Model, x models.Matrix) {
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		f := func(old, changed string) {
			t.Helper()
			if !strings.Contains(string(text), old) {
				t.Fatalf("the model holds no %s", old)
			}
			if err := json.Unmarshal([]byte(strings.Replace(string(text), old, changed, 1)), new(Model)); err == nil {
				t.Errorf("with %s for %s: got no error", changed, old)
			}
		}
		f(`"quintile.churn/1"`, `"quintile.churn/2"`)
		f(`"horizon_days":90`, `"horizon_days":0`)
		f(`"reasons":3`, `"reasons":-1`)
		f(`"features":["feature_0"`, `"features":["feature_1"`)
		f(`"features":["feature_0"`, `"features":["other"`)
		f(`"features":["feature_0",`, `"features":[`)
		f(`"shift":`, `"unknown":`)
		f(`"least":`, `"least":2,"most":`)
		f(`"platt":`, `"isotonic":{"model":"isotonic","version":1,"scores":[0],"values":[0.5]},"platt":`)
		f(`"platt":`, `"flat":0.5,"platt":`)
		slope, _ := m.calibration.Platt.Curve()
		f(fmt.Sprintf(`"slope":%v`, slope), fmt.Sprintf(`"slope":-%v`, slope))
		f(fmt.Sprintf(`"slope":%v`, slope), `"slope":0`)
		kind := m.Kind()
		if kind == Average {
			kind = Boost
		}
		f(fmt.Sprintf("%q:{", kind), `"neither":{`)
	})
	if err := new(Model).Validate(); err == nil {
		t.Error("an empty model: got no fault")
	}
	if _, err := json.Marshal(new(Model)); err == nil {
		t.Error("an empty model was written")
	}
}

func TestPhrase(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name  string
		value float64
		want  string
	}{
		{"recency_days", 212, "recency_days=212"},
		{"money_trend", -0.123456, "money_trend=-0.1235"},
		{"share", float64(float32(0.1)), "share=0.1"},
		{"share", 0.99999, "share=1"},
		{"gap_mean_days", nan, "gap_mean_days=missing"},
		{"monetary", 280206.02, "monetary=280206"},
		{"monetary", 999.96, "monetary=1000"},
		{"monetary", 123456789, "monetary=123456789"},
		{"rate", 0.00001234, "rate=1.234e-05"},
		{"zero", math.Copysign(0, -1), "zero=0"},
		{"a, b;c\"d", 1, "a__b_c_d=1"},
	} {
		if got := Phrase(c.name, c.value); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestBaseRateAndCandidateHaveAPlainJSON(t *testing.T) {
	rate := BaseRate{start, 4, 1, 0.25}
	text, err := json.Marshal([]BaseRate{rate})
	if want := `[{"cutoff":"2020-01-01","customers":4,"churned":1,"rate":0.25}]`; err != nil || string(text) != want {
		t.Errorf("got %s, %v; want %s", text, err, want)
	}
	var read []BaseRate
	if err := json.Unmarshal(text, &read); err != nil || read[0] != rate {
		t.Errorf("got %v, %v; want %v", read, err, rate)
	}
	text, err = json.Marshal(Candidate{Name: Logistic, AUC: 0.75, PRAUC: 0.5, LogLoss: 0.5, Brier: 0.25, Converged: true, Calibration: "platt"})
	if want := `{"name":"logistic","auc":0.75,"pr_auc":0.5,"log_loss":0.5,"brier":0.25,"converged":true,"calibration":"platt"}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v; want %s", text, err, want)
	}
}
