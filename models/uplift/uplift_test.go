package uplift

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/linear"
	"github.com/quintile-dev/quintile/models/modelcheck"
)

// cellMeans predicts the mean of y among the rows of equal first column (and
// last, where there are two): a model to compute by hand.
type cellMeans struct{ Means map[string]float64 }

func cellOf(x models.Matrix, i int) string {
	var key strings.Builder
	for _, col := range x.Cols {
		key.WriteByte('0' + byte(col[i]))
	}
	return key.String()
}

func fitMeans(_ context.Context, x models.Matrix, y []float64) (Predictor, error) {
	if err := x.CheckFinite(); err != nil {
		return nil, err
	}
	sums, counts := map[string]float64{}, map[string]float64{}
	for i, v := range y {
		sums[cellOf(x, i)] += v
		counts[cellOf(x, i)]++
	}
	for key, n := range counts {
		sums[key] /= n
	}
	return cellMeans{sums}, nil
}

func (m cellMeans) PredictTo(dst []float64, x models.Matrix) error {
	if err := x.CheckFinite(); err != nil {
		return err
	}
	for i := range dst {
		dst[i] = m.Means[cellOf(x, i)]
	}
	return nil
}

// byHand is a trial with one column. Where it is 0, 1 of 2 treated and 0 of 2
// controls responded; where it is 1, 1 of 2 and 2 of 2.
func byHand() Data {
	return Data{
		X:       models.Matrix{Names: []string{"group"}, Cols: [][]float32{{0, 0, 0, 0, 1, 1, 1, 1}}},
		Outcome: []float64{1, 0, 0, 0, 1, 0, 1, 1},
		Treated: []bool{true, true, false, false, true, true, false, false},
	}
}

func TestLearnersByHand(t *testing.T) {
	x := models.Matrix{Cols: [][]float32{{0, 1}}}
	f := func(learn Learner, name string) {
		t.Helper()
		m, err := learn(context.Background(), byHand())
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float64, 2)
		if err := m.PredictTo(got, x); err != nil {
			t.Fatal(err)
		}
		// Means of cells find the uplift of each: ½ − 0 and ½ − 1.
		if m.Name() != name || m.TreatedShare() != 0.5 || math.Abs(got[0]-0.5) > 1e-15 || math.Abs(got[1]+0.5) > 1e-15 {
			t.Errorf("%s: got %v, want [0.5 -0.5]", m.Name(), got)
		}
	}
	f(TLearner(fitMeans), "t-learner")
	f(SLearner(fitMeans), "s-learner")
	f(ClassTransformation(fitMeans), "class-transformation")
	f(TransformedOutcome(fitMeans), "transformed-outcome")
	f(XLearner(fitMeans, fitMeans), "x-learner")
}

// The X-learner gives the regression of the controls the weight of the treated
// share: three of four rows are treated, so τ = ¾τ₀ + ¼τ₁.
func TestXLearnerMixesByTheTreatedShare(t *testing.T) {
	constant := func(v float64) Fit {
		return func(context.Context, models.Matrix, []float64) (Predictor, error) {
			return cellMeans{map[string]float64{"0": v}}, nil
		}
	}
	var calls int
	regress := func(ctx context.Context, x models.Matrix, y []float64) (Predictor, error) {
		calls++ // of the treated first
		return constant(float64(calls))(ctx, x, y)
	}
	d := Data{X: models.Matrix{Cols: [][]float32{{0, 0, 0, 0}}}, Outcome: []float64{1, 0, 1, 0}, Treated: []bool{true, false, true, true}}
	m, err := XLearner(constant(0), regress)(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float64, 1)
	if err := m.PredictTo(got, models.Matrix{Cols: [][]float32{{0}}}); err != nil || got[0] != 0.75*2+0.25*1 {
		t.Errorf("got %v, %v; want 1.75", got, err)
	}
}

func TestCrossFittedRowsAreNotSeen(t *testing.T) {
	const n = 60
	rng := rand.New(rand.NewPCG(2, 0))
	d := Data{X: models.Matrix{Cols: [][]float32{make([]float32, n)}}, Outcome: make([]float64, n), Treated: make([]bool, n)}
	fold := make([]int, n)
	for i := range n {
		d.X.Cols[0][i] = float32(i)
		d.Treated[i] = rng.IntN(2) == 0
		fold[i] = rng.IntN(3)
	}
	var current []float32
	spy := func(_ context.Context, d Data) (*Model, error) {
		current = d.X.Cols[0]
		return &Model{kind: kindOutcome, share: 0.5, parts: []Predictor{predictFunc(func(dst []float64, x models.Matrix) {
			for i := range dst {
				dst[i] = float64(x.Cols[0][i]) + 0.5
				if slices.Contains(current, x.Cols[0][i]) {
					t.Errorf("row %v is predicted by a model that has seen it", x.Cols[0][i])
				}
			}
		})}}, nil
	}
	got, err := CrossFit(context.Background(), spy, d, fold, 4) // the fourth fold is empty
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if v != float64(i)+0.5 {
			t.Fatalf("row %d: got %v, want its own prediction", i, v)
		}
	}
}

type predictFunc func(dst []float64, x models.Matrix)

func (f predictFunc) PredictTo(dst []float64, x models.Matrix) error {
	f(dst, x)
	return nil
}

func TestFaultyTrialsAreRefused(t *testing.T) {
	ctx := context.Background()
	learners := []Learner{TLearner(fitMeans), SLearner(fitMeans), ClassTransformation(fitMeans), TransformedOutcome(fitMeans), XLearner(fitMeans, fitMeans)}
	f := func(name string, spoil func(*Data)) {
		t.Helper()
		for k, learn := range learners {
			d := byHand()
			spoil(&d)
			if _, err := learn(ctx, d); err == nil {
				t.Errorf("%s, learner %d: got no error", name, k+1)
			}
		}
	}
	f("no columns", func(d *Data) { d.X = models.Matrix{} })
	f("outcome too short", func(d *Data) { d.Outcome = d.Outcome[:3] })
	f("treated too short", func(d *Data) { d.Treated = d.Treated[:3] })
	f("outcome NaN", func(d *Data) { d.Outcome[2] = math.NaN() })
	f("no controls", func(d *Data) {
		for i := range d.Treated {
			d.Treated[i] = true
		}
	})

	d := byHand()
	d.Outcome[3] = 2
	var value *models.ValueError
	if _, err := ClassTransformation(fitMeans)(ctx, d); !errors.As(err, &value) || value.Row != 4 {
		t.Errorf("an outcome of 2: got %v", err)
	}
	d = byHand()
	d.Treated[0] = false
	if _, err := ClassTransformation(fitMeans)(ctx, d); err == nil || !strings.Contains(err.Error(), "0.375") {
		t.Errorf("arms of different size: got %v", err)
	}
	if _, err := CrossFit(ctx, learners[0], byHand(), make([]int, 8), 1); err == nil {
		t.Error("one fold passes")
	}
	if _, err := CrossFit(ctx, learners[0], byHand(), make([]int, 3), 2); err == nil {
		t.Error("too few folds passes")
	}
	if _, err := CrossFit(ctx, learners[0], byHand(), []int{0, 1, 0, 1, 0, 1, 0, 2}, 2); err == nil {
		t.Error("a fold beyond the last passes")
	}
}

// A fault within an arm is named by its row in the whole trial.
func TestFaultsAreNamedByTheirRow(t *testing.T) {
	for _, learn := range []Learner{TLearner(fitMeans), XLearner(fitMeans, fitMeans)} {
		d := byHand()
		d.X.Cols[0][6] = float32(math.NaN()) // a control
		var value *models.ValueError
		if _, err := learn(context.Background(), d); !errors.As(err, &value) || value.Row != 7 || value.Column != 1 {
			t.Errorf("got %v, want row 7, column 1", err)
		}
		if _, err := CrossFit(context.Background(), learn, d, []int{0, 1, 0, 1, 0, 1, 0, 1}, 2); !errors.As(err, &value) || value.Row != 7 {
			t.Errorf("cross-fitted: got %v, want row 7", err)
		}
	}
}

func TestDamagedModelsAreRefused(t *testing.T) {
	part := func(b []byte) (Predictor, error) {
		m := new(linear.Model)
		return m, json.Unmarshal(b, m)
	}
	for _, text := range []string{
		``, `{}`, `{"model":"t-learner","version":2,"treated_share":0.5,"parts":[]}`,
		`{"model":"u-learner","version":1,"treated_share":0.5,"parts":[{}]}`,
		`{"model":"s-learner","version":1,"treated_share":1,"parts":[{}]}`,
		`{"model":"s-learner","version":1,"treated_share":0.5,"parts":[]}`,
		`{"model":"s-learner","version":1,"treated_share":0.5,"parts":[{}]}`,
		`{"model":"s-learner","version":1,"treated_share":0.5,"parts":[{}]} {}`,
	} {
		if m, err := Load([]byte(text), part); err == nil {
			t.Errorf("%s: got %+v, want an error", text, m)
		}
	}
	m, err := TLearner(fitMeans)(context.Background(), byHand())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(m); err == nil {
		t.Error("a model without JSON within is written")
	}
}

// contract treats every other row.
type contract struct{ *Model }

func (c contract) Predict(x models.Matrix) ([]float64, error) {
	n, d := x.Dims()
	if n > 0 && d == 0 {
		return nil, errors.New("no columns")
	}
	dst := make([]float64, n)
	return dst, c.PredictTo(dst, x)
}

func TestContract(t *testing.T) {
	f := func(name string, learner func(fit Fit) Learner) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			modelcheck.Run(t, modelcheck.Subject{
				Name: name, Target: modelcheck.Binary,
				Fit: func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
					c := linear.DefaultLogistic()
					c.Workers = o.Workers
					fit := func(ctx context.Context, x models.Matrix, y []float64) (Predictor, error) {
						m, _, err := c.Fit(ctx, x, y, nil)
						return m, err
					}
					treated := make([]bool, len(d.Y))
					for i := range treated {
						treated[i] = i%2 == 0
					}
					m, err := learner(fit)(ctx, Data{d.X, d.Y, treated})
					return contract{m}, err
				},
				Load: func(b []byte) (modelcheck.Fitted, error) {
					m, err := Load(b, func(b []byte) (Predictor, error) {
						part := new(linear.Model)
						return part, json.Unmarshal(b, part)
					})
					return contract{m}, err
				},
			})
		})
	}
	f("t-learner", TLearner)
	f("s-learner", SLearner)
	f("class-transformation", ClassTransformation)
}
