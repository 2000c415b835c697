package models_test

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/quintile-dev/quintile/datasets/realdata"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/boost"
	"github.com/quintile-dev/quintile/models/linear"
	"github.com/quintile-dev/quintile/models/metric"
	"github.com/quintile-dev/quintile/models/uplift"
)

// honest is one treatment of Hillstrom's e-mail test and its control, split by a
// hash of the row number.
type honest struct{ train, test uplift.Data }

func readHonest(t *testing.T, treatment, outcome string) honest {
	t.Helper()
	f, err := os.Open(realdata.Path(t, "hillstrom/hillstrom.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) int { return slices.Index(rows[0], name) }
	names := []string{"recency", "history", "mens", "womens", "newbie", "Surburban", "Urban", "Phone", "Web"}
	empty := func() uplift.Data {
		return uplift.Data{X: models.Matrix{Names: names, Cols: make([][]float32, len(names))}}
	}
	h := honest{empty(), empty()}
	for i, row := range rows[1:] {
		segment := row[at("segment")]
		if segment != treatment && segment != "No E-Mail" {
			continue
		}
		d := &h.test
		if sha256.Sum256([]byte(strconv.Itoa(i)))[0] < 128 {
			d = &h.train
		}
		for j, name := range names {
			v, err := 0.0, error(nil)
			switch {
			case j < 5:
				v, err = strconv.ParseFloat(row[at(name)], 32)
			case row[at("zip_code")] == name || row[at("channel")] == name:
				v = 1
			}
			if err != nil {
				t.Fatal(err)
			}
			d.X.Cols[j] = append(d.X.Cols[j], float32(v))
		}
		y, err := strconv.ParseFloat(row[at(outcome)], 64)
		if err != nil {
			t.Fatal(err)
		}
		d.Outcome = append(d.Outcome, y)
		d.Treated = append(d.Treated, segment == treatment)
	}
	return h
}

// logistic is a plain logistic regression.
func logistic(ctx context.Context, x models.Matrix, y []float64) (uplift.Predictor, error) {
	c := linear.DefaultLogistic()
	c.L2, c.Workers = 0, 2
	m, _, err := c.Fit(ctx, x, y, nil)
	return m, err
}

// leastSquares is an ordinary linear regression, solved by QR.
func leastSquares(_ context.Context, x models.Matrix, y []float64) (uplift.Predictor, error) {
	n, d := x.Dims()
	design := mat.NewDense(n, d+1, nil)
	for i := range n {
		design.Set(i, 0, 1)
		for j := range d {
			design.Set(i, j+1, float64(x.Cols[j][i]))
		}
	}
	var coefficients mat.VecDense
	err := coefficients.SolveVec(design, mat.NewVecDense(n, y))
	return linearFit{coefficients.RawVector().Data}, err
}

type linearFit struct{ coefficients []float64 }

func (l linearFit) PredictTo(dst []float64, x models.Matrix) error {
	for i := range dst {
		dst[i] = l.coefficients[0]
		for j, col := range x.Cols {
			dst[i] += float64(l.coefficients[j+1] * float64(col[i]))
		}
	}
	return nil
}

// boosted is the boosting of the keys: 100 trees, 8 leaves, rate 0.05.
func boosted(loss boost.Loss) uplift.Fit {
	return func(ctx context.Context, x models.Matrix, y []float64) (uplift.Predictor, error) {
		c := boost.Default()
		c.Loss, c.MaxLeaves, c.LearningRate, c.MinRows, c.L2, c.Workers = loss, 8, 0.05, 200, 1, 2
		m, _, err := c.Fit(ctx, x, y, nil)
		return ensemble{m}, err
	}
}

type ensemble struct{ *boost.Ensemble }

func (e ensemble) PredictTo(dst []float64, x models.Matrix) error {
	return e.Ensemble.PredictTo(context.Background(), dst, x, 2)
}

// judged learns from train and returns the trial of the test rows.
func (h honest) judged(t *testing.T, learn uplift.Learner) metric.Trial {
	t.Helper()
	m, err := learn(context.Background(), h.train)
	if err != nil {
		t.Fatal(err)
	}
	trial := metric.Trial{Uplift: make([]float64, len(h.test.Outcome)), Outcome: h.test.Outcome, Treated: h.test.Treated}
	if err := m.PredictTo(trial.Uplift, h.test.X); err != nil {
		t.Fatal(err)
	}
	return trial
}

type upliftKey struct{ qini, auuc, area, at10, overall30, byArm30 float64 }

func figures(t *testing.T, trial metric.Trial) upliftKey {
	t.Helper()
	must := func(v float64, err error) float64 {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	return upliftKey{
		must(metric.QiniAUC(trial, metric.DistinctThresholds)),
		must(metric.AUUC(trial, metric.DistinctThresholds)),
		must(metric.QiniArea(trial)),
		must(metric.UpliftAt(trial, 0.1, metric.Overall)),
		must(metric.UpliftAt(trial, 0.3, metric.Overall)),
		must(metric.UpliftAt(trial, 0.3, metric.ByArm)),
	}
}

func TestLearnersMeetTheKeysOfHillstrom(t *testing.T) {
	womens, mens := readHonest(t, "Womens E-Mail", "visit"), readHonest(t, "Mens E-Mail", "visit")
	conversion := readHonest(t, "Womens E-Mail", "conversion")
	if n, m := len(womens.train.Outcome), len(womens.test.Outcome); n != 21388 || m != 21305 {
		t.Fatalf("got %d rows to learn from and %d to test, want 21388 and 21305", n, m)
	}
	f := func(name string, h honest, learn uplift.Learner, want upliftKey) {
		t.Helper()
		got := figures(t, h.judged(t, learn))
		t.Logf("%-40s %+v", name, got)
		for _, p := range [][2]float64{{got.qini, want.qini}, {got.auuc, want.auuc}, {got.area, want.area},
			{got.at10, want.at10}, {got.overall30, want.overall30}} {
			// Columns are float32 here: a few of 21,000 rows may change places.
			if !(math.Abs(p[0]-p[1]) <= 2e-6*math.Max(1, math.Abs(p[1]))) {
				t.Errorf("%s: got %.6f, want %.6f", name, p[0], p[1])
			}
		}
		// The key takes equal predictions at the cut in the order of a sort; here
		// each counts with the share that fits.
		if math.Abs(got.byArm30-want.byArm30) > 3e-4 {
			t.Errorf("%s, by arm: got %.6f, want about %.6f", name, got.byArm30, want.byArm30)
		}
	}
	f("womens visit, T logistic", womens, uplift.TLearner(logistic),
		upliftKey{0.065300, 0.029579, 83.556541, 0.092120, 0.076410, 0.076639})
	f("womens visit, S logistic", womens, uplift.SLearner(logistic),
		upliftKey{0.025754, 0.012246, 32.954034, 0.035852, 0.055365, 0.055994})
	f("womens visit, class transformation", womens, uplift.ClassTransformation(logistic),
		upliftKey{0.059632, 0.026597, 76.303837, 0.068725, 0.079100, 0.077681})
	f("womens visit, transformed outcome", womens, uplift.TransformedOutcome(leastSquares),
		upliftKey{0.060638, 0.027499, 77.590858, 0.069091, 0.071196, 0.070901})
	f("womens visit, X logistic", womens, uplift.XLearner(logistic, leastSquares),
		upliftKey{0.062101, 0.027866, 79.463868, 0.076532, 0.074919, 0.072068})
	f("mens visit, T logistic", mens, uplift.TLearner(logistic),
		upliftKey{0.015198, 0.008336, 21.975163, 0.134912, 0.100847, 0.100557})
	f("mens visit, X logistic", mens, uplift.XLearner(logistic, leastSquares),
		upliftKey{0.014694, 0.008150, 21.246823, 0.134322, 0.093769, 0.094604})
	f("womens conversion, T logistic", conversion, uplift.TLearner(logistic),
		upliftKey{0.041268, 0.001153, 3.092286, 0.002597, 0.002873, 0.002751})
	f("womens conversion, class transformation", conversion, uplift.ClassTransformation(logistic),
		upliftKey{0.112804, 0.003110, 8.452522, 0.002793, 0.004672, 0.004965})

	// Bars, within the bootstrap interval of the tool beside ours.
	bar := func(name string, learn uplift.Learner, low, high float64) {
		t.Helper()
		got := figures(t, womens.judged(t, learn))
		t.Logf("%-40s %+v", name, got)
		if got.qini < low || got.qini > high {
			t.Errorf("%s: got Qini %.6f, want %v to %v", name, got.qini, low, high)
		}
	}
	bar("T boosted", uplift.TLearner(boosted(boost.Logistic)), 0.0251, 0.0692)
	bar("S boosted", uplift.SLearner(boosted(boost.Logistic)), 0.0251, 0.0721)
	bar("X boosted", uplift.XLearner(boosted(boost.Logistic), boosted(boost.Squared)), 0.0320, 0.0763)
}

func TestTenthsAndIntervalsMeetTheKeysOfHillstrom(t *testing.T) {
	trial := readHonest(t, "Womens E-Mail", "visit").judged(t, uplift.TLearner(logistic))
	table, err := metric.UpliftGroups(trial, 10)
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{0.091935, 0.077021, 0.059532, 0.066836, 0.054821, 0.017625, 0.021063, 0.007297, 0.000485, 0.031281}
	for g, row := range table {
		if math.Abs(row.Uplift-want[g]) > 2e-6 {
			t.Errorf("tenth %d: got %.6f, want %.6f", g+1, row.Uplift, want[g])
		}
	}
	b := metric.DefaultBootstrap()
	b.Workers = 2
	i, err := metric.UpliftBootstrap(context.Background(), trial, b)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", i)
	// Another generator draws other resamples; the bounds agree within their noise.
	if math.Abs(i.QiniLow-0.0410) > 0.006 || math.Abs(i.QiniHigh-0.0892) > 0.006 {
		t.Errorf("Qini: got %.4f to %.4f, want about 0.0410 to 0.0892", i.QiniLow, i.QiniHigh)
	}
}

func TestUpliftOfModelsWithinSurvivesJSON(t *testing.T) {
	h := readHonest(t, "Womens E-Mail", "visit")
	m, err := uplift.TLearner(logistic)(context.Background(), h.train)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := uplift.Load(b, func(b []byte) (uplift.Predictor, error) {
		part := new(linear.Model)
		return part, json.Unmarshal(b, part)
	})
	if err != nil {
		t.Fatal(err)
	}
	want, got := make([]float64, len(h.test.Outcome)), make([]float64, len(h.test.Outcome))
	if err := m.PredictTo(want, h.test.X); err != nil {
		t.Fatal(err)
	}
	if err := loaded.PredictTo(got, h.test.X); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Error("a model that was loaded predicts other bits")
	}
	coefficients := loaded.Parts()[0].(*linear.Model)
	for j, v := range []float64{-0.03945012, 0.00042252, 0.36854668, 0.95799828, -0.45875420, -0.27207046, -0.34139299, -0.09242572, 0.16401550} {
		if got := coefficients.Coefficients()[j].Value; math.Abs(got-v) > 1e-7 {
			t.Errorf("coefficient %d: got %.8f, want %.8f", j+1, got, v)
		}
	}
	if got := coefficients.Intercept().Value; math.Abs(got+1.939019119) > 1e-7 {
		t.Errorf("intercept: got %.9f", got)
	}
}
