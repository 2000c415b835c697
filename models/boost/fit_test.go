package boost

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

var nan32 = float32(math.NaN())

func single(values ...float32) models.Matrix { return models.Matrix{Cols: [][]float32{values}} }

// one returns settings for a single full step without any caution.
func one(loss Loss) Config {
	c := Default()
	c.Loss, c.Trees, c.LearningRate, c.MinRows, c.MinChildWeight = loss, 1, 1, 1, 0
	return c
}

func mustFit(t testing.TB, c Config, x models.Matrix, target, weights []float64) (*Ensemble, Report) {
	t.Helper()
	m, r, err := c.Fit(context.Background(), x, target, weights)
	if err != nil {
		t.Fatal(err)
	}
	return m, r
}

func scores(t testing.TB, m *Ensemble, x models.Matrix) []float64 {
	t.Helper()
	n, _ := x.Dims()
	dst := make([]float64, n)
	if err := m.ScoreTo(context.Background(), dst, x, 1); err != nil {
		t.Fatal(err)
	}
	return dst
}

func marshal(t testing.TB, m *Ensemble) []byte {
	t.Helper()
	b, err := m.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFitByHand(t *testing.T) {
	f := func(name string, c Config, x models.Matrix, target []float64, want ...float64) {
		t.Helper()
		m, _ := mustFit(t, c, x, target, nil)
		if got := scores(t, m, x); furthest(got, want) > 1e-6 {
			t.Errorf("%s: got scores %v, want %v", name, got, want)
		}
	}
	two := one(Squared)
	two.MaxLeaves = 2
	f("squared: the means of two leaves", two, single(1, 2, 3, 4), []float64{0, 2, 10, 12}, 1, 1, 11, 11)
	// Mean 6; the left leaf's gradients sum to 10 and shrink to 10/(2+3) = 2.
	two.L2 = 3
	f("squared: L2 = 3", two, single(1, 2, 3, 4), []float64{0, 2, 10, 12}, 4, 4, 8, 8)
	// |10| less L1 = 4 leaves 6, over two rows 3.
	two.L2, two.L1 = 0, 4
	f("squared: L1 = 4", two, single(1, 2, 3, 4), []float64{0, 2, 10, 12}, 3, 3, 9, 9)
	two.L1, two.LearningRate = 0, 0.5
	f("squared: half the step", two, single(1, 2, 3, 4), []float64{0, 2, 10, 12}, 3.5, 3.5, 8.5, 8.5)

	// p = ½: gradients ±½, hessians ¼; a leaf of two ones gets 1/½ = 2.
	f("logistic: a Newton step", one(Logistic), single(1, 2, 3, 4), []float64{0, 0, 1, 1}, -2, -2, 2, 2)
	// Mean 2, hessian 2·e^0.7 a row: (3−2)/(2·e^0.7).
	step := 0.5 / math.Exp(0.7)
	f("poisson: a cautious step", one(Poisson), single(1, 2, 3, 4), []float64{1, 1, 3, 3},
		math.Ln2-step, math.Ln2-step, math.Ln2+step, math.Ln2+step)

	q := one(Quantile)
	q.QuantileProb, q.MaxLeaves = 0.75, 2
	// The least value that three quarters of the rows of a leaf do not exceed.
	f("quantile: of each leaf", q, single(1, 1, 1, 1, 2, 2, 2, 2), []float64{1, 2, 3, 4, 11, 12, 13, 14}, 3, 3, 3, 3, 13, 13, 13, 13)

	f("missing with the high ones", two1(), single(1, 2, 3, nan32), []float64{0, 0, 6, 6}, 0, 0, 6, 6)
	f("missing with the low ones", two1(), single(1, 2, 3, nan32), []float64{0, 0, 6, 0}, 0, 0, 6, 0)
	f("missing against all others", two1(), single(1, 2, 3, nan32), []float64{0, 0, 0, 6}, 0, 0, 0, 6)
	f("only missing and one value", two1(), single(5, 5, nan32, nan32), []float64{0, 0, 6, 6}, 0, 0, 6, 6)
}

func two1() Config {
	c := one(Squared)
	c.MaxLeaves = 2
	return c
}

func TestUnseenMissingGoesToTheHeavierSide(t *testing.T) {
	m, _ := mustFit(t, two1(), single(1, 2, 3, 4, 5), []float64{0, 0, 0, 9, 9}, nil)
	if got := scores(t, m, single(nan32))[0]; math.Abs(got) > 1e-6 {
		t.Errorf("three of five rows went left, so NaN should get 0; got %v", got)
	}
	m, _ = mustFit(t, two1(), single(1, 2, 3, 4, 5), []float64{0, 0, 9, 9, 9}, nil)
	if got := scores(t, m, single(nan32))[0]; math.Abs(got-9) > 1e-6 {
		t.Errorf("three of five rows went right, so NaN should get 9; got %v", got)
	}
}

// customers draws n rows of d columns, some with missing values, and a 0/1 target.
func customers(n, d int, seed uint64) (models.Matrix, []float64) {
	rng := rand.New(rand.NewPCG(seed, 9))
	x := models.Matrix{Cols: make([][]float32, d)}
	for j := range x.Cols {
		for range n {
			v := float32(rng.NormFloat64())
			switch {
			case j%3 == 1:
				v = float32(rng.IntN(12))
			case j%3 == 2 && rng.IntN(8) == 0:
				v = nan32
			}
			x.Cols[j] = append(x.Cols[j], v)
		}
	}
	y := make([]float64, n)
	for i := range y {
		z := float64(x.Cols[0][i]) - 0.5
		if d > 1 {
			z += 0.2*float64(x.Cols[1][i]) - 1
		}
		if d > 2 && x.Cols[2][i] != x.Cols[2][i] {
			z += 2
		}
		if rng.Float64() < 1/(1+math.Exp(-z)) {
			y[i] = 1
		}
	}
	return x, y
}

// amounts turns a 0/1 target into one for the given loss.
func amounts(loss Loss, x models.Matrix, y []float64) []float64 {
	if loss == Logistic {
		return y
	}
	out := make([]float64, len(y))
	for i := range y {
		out[i] = math.Floor(3*y[i] + math.Abs(2*float64(x.Cols[0][i])))
	}
	return out
}

func take(x models.Matrix, y []float64, index []int) (models.Matrix, []float64) {
	out := models.Matrix{Names: x.Names, Cols: make([][]float32, len(x.Cols))}
	var target []float64
	for _, i := range index {
		for j, col := range x.Cols {
			out.Cols[j] = append(out.Cols[j], col[i])
		}
		target = append(target, y[i])
	}
	return out, target
}

var losses = []Loss{Logistic, Squared, Poisson, Quantile}

// Each relation changes the fit in a way that must not change the model.
func TestFitRelations(t *testing.T) {
	const rows, seed = 40_000, 3 // more than two blocks
	x, ones := customers(rows, 10, seed)
	for _, loss := range losses {
		y := amounts(loss, x, ones)
		c := Default()
		c.Loss, c.Trees, c.RowShare, c.ColumnShare, c.ValidShare, c.Workers = loss, 4, 0.8, 0.7, 0.1, 1
		m, _ := mustFit(t, c, x, y, nil)
		want := marshal(t, m)
		check := func(name string, c Config, x models.Matrix, y, w []float64) {
			t.Helper()
			m, _ := mustFit(t, c, x, y, w)
			if !bytes.Equal(marshal(t, m), want) {
				t.Errorf("%s, %s (seed %d): another model", loss, name, seed)
			}
		}
		for _, workers := range []int{2, 3, 8} {
			c.Workers = workers
			check(fmt.Sprintf("%d workers", workers), c, x, y, nil)
		}
		w := slices.Repeat([]float64{1}, rows)
		check("weight 1", c, x, y, w)

		// Rows of weight 0 put in between.
		var index []int
		var weights []float64
		for i := range rows {
			index, weights = append(index, i), append(weights, 1)
			if i%7 == 0 {
				index, weights = append(index, (i*31)%rows), append(weights, 0)
			}
		}
		more, moreY := take(x, y, index)
		check("weight 0", c, more, moreY, weights)
	}
}

func TestOrderOfRowsChangesNoSplit(t *testing.T) {
	const seed = 5
	x, ones := customers(30_000, 6, seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for _, loss := range losses {
		y := amounts(loss, x, ones)
		c := Default()
		c.Loss, c.Trees = loss, 3
		m, _ := mustFit(t, c, x, y, nil)
		px, py := take(x, y, rng.Perm(len(y)))
		p, _ := mustFit(t, c, px, py, nil)
		if loss != Poisson { // its base score is a mean, and so a rounded sum
			if !bytes.Equal(marshal(t, m), marshal(t, p)) {
				t.Errorf("%s (seed %d): rows permuted, another model", loss, seed)
			}
			continue
		}
		if d := furthest(scores(t, p, x), scores(t, m, x)); d > 1e-9 {
			t.Errorf("%s (seed %d): rows permuted, scores differ by %g", loss, seed, d)
		}
	}
}

func TestWeightTwoIsARowTwice(t *testing.T) {
	const tolerance = 1e-3 // gradients are rounded by their largest, which doubles
	x, ones := customers(3000, 5, 8)
	for _, col := range x.Cols { // few values, so that bins do not depend on the rows
		for i, v := range col {
			col[i] = float32(math.Round(10*float64(v)) / 10)
		}
	}
	for _, loss := range losses {
		y := amounts(loss, x, ones)
		c := Default()
		c.Loss, c.Trees, c.MinRows, c.MinChildWeight = loss, 10, 1, 10
		var index []int
		w := make([]float64, len(y))
		for i := range y {
			index, w[i] = append(index, i), 1
			if i%3 == 0 {
				index, w[i] = append(index, i), 2
			}
		}
		weighted, _ := mustFit(t, c, x, y, w)
		tx, ty := take(x, y, index)
		twice, _ := mustFit(t, c, tx, ty, nil)
		if d := furthest(scores(t, weighted, x), scores(t, twice, x)); d > tolerance {
			t.Errorf("%s: scores differ by up to %g", loss, d)
		}
	}
}

func TestMinRowsIsKeptExactly(t *testing.T) {
	x, ones := customers(4000, 6, 11)
	for _, loss := range losses {
		c := Default()
		c.Loss, c.Trees, c.MinRows, c.MinChildWeight, c.MaxLeaves = loss, 15, 37, 0, 60
		m, _ := mustFit(t, c, x, amounts(loss, x, ones), nil)
		least := int64(math.MaxInt64)
		for _, tr := range m.trees {
			for _, n := range tr {
				least = min(least, n.rows)
			}
		}
		if least < 37 || least > 40 {
			t.Errorf("%s: the smallest leaf has %d rows, want 37 or a few more", loss, least)
		}
	}
}

func TestLimitsOfTrees(t *testing.T) {
	x, y := customers(5000, 6, 12)
	c := Default()
	c.Trees, c.MaxDepth, c.MaxLeaves = 5, 3, 7
	m, _ := mustFit(t, c, x, y, nil)
	for _, tr := range m.trees {
		if tr.leaves() > 7 {
			t.Errorf("got %d leaves, want at most 7", tr.leaves())
		}
		depth := make([]int, len(tr))
		for i, n := range tr {
			if !n.isLeaf() {
				depth[n.left], depth[n.right] = depth[i]+1, depth[i]+1
			}
		}
		if d := slices.Max(depth); d > 3 {
			t.Errorf("got depth %d, want at most 3", d)
		}
	}
}

func TestMonotoneConstraintsHold(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := models.Matrix{Cols: [][]float32{nil, nil}}
	var y []float64
	for range 4000 {
		a, b := rng.Float64(), rng.Float64()
		x.Cols[0], x.Cols[1] = append(x.Cols[0], float32(a)), append(x.Cols[1], float32(b))
		y = append(y, math.Sin(9*a)+2*a-b*b+0.3*rng.NormFloat64())
	}
	for _, direction := range []int{-1, 1} {
		c := Default()
		c.Loss, c.Monotone = Squared, []int{direction, 0}
		m, _ := mustFit(t, c, x, y, nil)
		for _, b := range []float32{0.1, 0.5, 0.9} {
			var line models.Matrix
			line.Cols = [][]float32{nil, nil}
			for k := range 1000 {
				line.Cols[0], line.Cols[1] = append(line.Cols[0], float32(k)/1000), append(line.Cols[1], b)
			}
			s := scores(t, m, line)
			for k := 1; k < len(s); k++ {
				if float64(direction)*(s[k]-s[k-1]) < 0 {
					t.Fatalf("direction %d: at %d/1000 the score goes from %v to %v", direction, k, s[k-1], s[k])
				}
			}
		}
		if slices.Max(scores(t, m, x))-slices.Min(scores(t, m, x)) < 0.3 {
			t.Errorf("direction %d: the ensemble learned nothing", direction)
		}
	}
}

func TestEarlyStoppingKeepsTheBestRound(t *testing.T) {
	x, y := customers(3000, 6, 21)
	vx, vy := customers(1000, 6, 22)
	c := Default()
	c.Trees, c.Patience, c.LearningRate = 500, 10, 0.3
	m, r, err := c.FitValidated(context.Background(), Set{x, y, nil}, Set{vx, vy, nil})
	if err != nil {
		t.Fatal(err)
	}
	if !r.EarlyStopped || !r.Converged || r.Trees != r.BestIteration || m.Trees() != r.Trees {
		t.Fatalf("got %d trees, report %+v, want it to stop early at the best", m.Trees(), r)
	}
	if got := len(r.ValidLoss) - 1; got != r.BestIteration+c.Patience {
		t.Errorf("ran %d rounds, want %d after the best of %d", got, c.Patience, r.BestIteration)
	}
	if slices.Min(r.ValidLoss) != r.ValidLoss[r.BestIteration] {
		t.Errorf("the best round %d has loss %v, the least is %v", r.BestIteration, r.ValidLoss[r.BestIteration], slices.Min(r.ValidLoss))
	}
	// The reported losses are those of the returned ensemble.
	o := objective{loss: Logistic}
	var loss float64
	for i, f := range scores(t, m, vx) {
		l, _, _ := o.at(f, vy[i])
		loss += l / float64(len(vy))
	}
	if math.Abs(loss-r.ValidLoss[r.BestIteration]) > 1e-12 {
		t.Errorf("the ensemble's validation loss is %v, the report says %v", loss, r.ValidLoss[r.BestIteration])
	}
}

func TestReportedTrainLossIsThatOfTheEnsemble(t *testing.T) {
	x, ones := customers(20_000, 6, 31)
	w := make([]float64, len(ones))
	for i := range w {
		w[i] = 0.5 + float64(i%4)
	}
	for _, loss := range losses {
		for _, weights := range [][]float64{nil, w} {
			y := amounts(loss, x, ones)
			c := Default()
			c.Loss, c.Trees = loss, 5
			m, r := mustFit(t, c, x, y, weights)
			o := objective{loss, c.QuantileProb}
			var total, all float64
			for i, f := range scores(t, m, x) {
				l, _, _ := o.at(f, y[i])
				v := 1.0
				if weights != nil {
					v = weights[i]
				}
				total, all = total+v*l, all+v
			}
			if len(r.TrainLoss) != 6 || math.Abs(r.TrainLoss[5]-total/all) > 1e-9*math.Abs(total/all) {
				t.Errorf("%s: the report says %v, the ensemble's loss is %v", loss, r.TrainLoss, total/all)
			}
			for k := 1; k < len(r.TrainLoss); k++ {
				if r.TrainLoss[k] >= r.TrainLoss[k-1] {
					t.Errorf("%s: train loss %v does not fall", loss, r.TrainLoss)
				}
			}
		}
	}
}

func TestLittleDataWarnsAndStillPredicts(t *testing.T) {
	f := func(name, code string, x models.Matrix, y []float64, want float64) {
		t.Helper()
		m, r := mustFit(t, Default(), x, y, nil)
		if !slices.ContainsFunc(r.Warnings, func(w models.Warning) bool { return w.Code == code }) {
			t.Errorf("%s: got warnings %v, want %q", name, r.Warnings, code)
		}
		p := make([]float64, len(y))
		if err := m.ProbTo(context.Background(), p, x, 1); err != nil || math.Abs(p[0]-want) > 1e-12 {
			t.Errorf("%s: got probability %v, %v; want %v", name, p, err, want)
		}
	}
	f("one row", "constant_target", single(1), []float64{1}, 0.75) // (1+½)/(1+1)
	f("few rows", "too_few_rows", single(1, 2, 3, 4), []float64{1, 0, 0, 0}, 0.25)
	f("a constant column", "constant_column", single(slices.Repeat([]float32{7}, 50)...), halves(50), 0.5)
	f("a missing column", "constant_column", single(slices.Repeat([]float32{nan32}, 50)...), halves(50), 0.5)
	f("one class", "constant_target", single(make([]float32, 99)...), make([]float64, 99), 0.005) // ½ of 100
	noise := make([]float32, 80)
	for i := range noise {
		noise[i] = float32(i / 2 % 2) // each value has as many ones as zeros
	}
	f("no gain", "no_split", single(noise...), halves(80), 0.5)
}

func halves(n int) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = float64(i % 2)
	}
	return y
}

func TestFitRefuses(t *testing.T) {
	x := single(1, 2, 3)
	f := func(name string, c Config, target, weights []float64, row int) {
		t.Helper()
		_, _, err := c.Fit(context.Background(), x, target, weights)
		var v *models.ValueError
		if !errors.As(err, &v) || v.Row != row || v.Column != 0 {
			t.Errorf("%s: got error %v, want a *models.ValueError for row %d", name, err, row)
		}
	}
	f("a class 2", one(Logistic), []float64{0, 1, 2}, nil, 3)
	f("a missing class", one(Logistic), []float64{0, math.NaN(), 1}, nil, 2)
	f("a negative count", one(Poisson), []float64{-1, 1, 1}, nil, 1)
	f("a missing weight", one(Squared), []float64{1, 1, 1}, []float64{1, math.NaN(), 1}, 2)
	f("an immense target", one(Squared), []float64{1, 1e31, 1}, nil, 2)

	c := Default()
	c.Loss, c.Trees, c.Bins, c.Workers, c.RowShare, c.Monotone = "hinge", 0, 256, 0, 0, []int{2}
	_, _, err := c.Fit(context.Background(), x, []float64{0, 1, 1}, nil)
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) || len(joined.Unwrap()) != 6 {
		t.Errorf("got %v, want six faults", err)
	}
	c = Default()
	c.Patience = 5
	var fault *models.ConfigError
	if _, _, err := c.Fit(context.Background(), x, []float64{0, 1, 1}, nil); !errors.As(err, &fault) || fault.Field != "patience" {
		t.Errorf("patience without a validation set: got %v", err)
	}
	c = Default()
	c.Loss, c.Monotone = Quantile, []int{1}
	if err := c.Validate(); !errors.As(err, &fault) || fault.Field != "monotone" {
		t.Errorf("monotone quantile: got %v", err)
	}
}

func TestClassWeightsAreWeights(t *testing.T) {
	x, y := customers(2000, 4, 41)
	w := make([]float64, len(y))
	for i := range y {
		w[i] = 1 + 3*y[i]
	}
	c := Default()
	c.Trees = 5
	weighted, _ := mustFit(t, c, x, y, w)
	c.ClassWeights = [2]float64{1, 4}
	classes, _ := mustFit(t, c, x, y, nil)
	if !bytes.Equal(marshal(t, weighted), marshal(t, classes)) {
		t.Error("class weights 1 and 4 give another model than row weights 1 and 4")
	}
}
