package tree

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// The table agrees with pruning, predicting and counting fold by fold.
func TestCrossValidationAddsUp(t *testing.T) {
	const n = 700
	x, y := benchmarkTable(n, 5)
	values := make([]float64, n)
	w := make([]float64, n)
	rng := rand.New(rand.NewPCG(2, 0))
	for i := range n {
		values[i] = float64(y[i]) + rng.NormFloat64()
		w[i] = 0.5 + rng.Float64()
	}
	for _, target := range []target{{classes: 4, class: y}, {value: values}} {
		c := Default()
		c.Folds, c.MinLeafRows = 4, 10
		s, err := newSample(context.Background(), c, x, target, w)
		if err != nil {
			t.Fatal(err)
		}
		root, err := grow(context.Background(), &c, s, 1)
		if err != nil {
			t.Fatal(err)
		}
		full := newTree(root, s, &c, nil)
		table, quadratic, err := crossValidate(context.Background(), &c, s, full)
		if err != nil {
			t.Fatal(err)
		}
		if len(table) < 5 {
			t.Fatalf("only %d sizes: the test needs more", len(table))
		}
		for i, row := range table {
			if got := full.Pruned(row.Alpha).Leaves(); got != row.Leaves {
				t.Errorf("pruned at %v: got %d leaves, want %d", row.Alpha, got, row.Leaves)
			}
			price := math.Inf(1)
			if i+1 < len(table) {
				price = math.Sqrt(row.Alpha * table[i+1].Alpha)
			}
			mean, se, brier := slowCrossValidation(t, &c, s, target, price)
			if math.Abs(row.Error-mean) > 1e-9 || math.Abs(row.StdErr-se) > 1e-9 || math.Abs(row.Loss-brier) > 1e-9 {
				t.Errorf("%d leaves: got %v ± %v, loss %v; want %v ± %v, %v", row.Leaves, row.Error, row.StdErr, row.Loss, mean, se, brier)
			}
			sum := 0.0
			for _, v := range quadratic[i] {
				sum += v
			}
			if len(quadratic[i]) != c.Folds || math.Abs(sum-row.Loss) > 1e-9 {
				t.Errorf("%d leaves: got parts %v of the loss %v", row.Leaves, quadratic[i], row.Loss)
			}
		}
	}
}

func slowCrossValidation(t *testing.T, c *Config, s *sample, y target, price float64) (mean, stdErr, brier float64) {
	t.Helper()
	folds := assignFolds(c, s)
	loss, weight := make([]float64, len(folds)), 0.0
	for f := range c.Folds {
		var in []uint32
		for i, r := range s.rows {
			if folds[i] != f {
				in = append(in, r)
			}
		}
		root, err := grow(context.Background(), c, s.withRows(in), 1)
		if err != nil {
			t.Fatal(err)
		}
		tr := newTree(root, s, c, nil).Pruned(price)
		for i := range s.rows {
			if folds[i] != f {
				continue
			}
			n := &tr.nodes[0]
			for at := 0; !n.isLeaf(); n = &tr.nodes[at] {
				if n.goesLeft(tr, s.columns[n.column].values[i]) {
					at++
				} else {
					at = n.right
				}
			}
			switch {
			case y.classes == 0:
				loss[i] = (y.value[i] - n.mean) * (y.value[i] - n.mean)
				brier += s.weight[i] * loss[i]
			case y.class[i] != n.label:
				loss[i] = 1
			}
			for k, m := range n.mass {
				d := m / n.weight
				if int32(k) == y.class[i] {
					d--
				}
				brier += s.weight[i] * d * d
			}
		}
	}
	for i, l := range loss {
		mean += s.weight[i] * l
		weight += s.weight[i]
	}
	mean /= weight
	for i, l := range loss {
		stdErr += s.weight[i] * s.weight[i] * (l - mean) * (l - mean)
	}
	return mean, math.Sqrt(stdErr) / weight, brier / weight
}

func TestPruningTakesNoiseAwayAndLeavesSignal(t *testing.T) {
	const n, seed = 2000, 8
	rng := rand.New(rand.NewPCG(seed, 0))
	col, noise := make([]float32, n), make([]int32, n)
	signal := make([]int32, n)
	for i := range n {
		col[i] = float32(rng.NormFloat64())
		noise[i] = int32(rng.IntN(4) / 3)
		if signal[i] = noise[i]; rng.IntN(10) > 0 {
			signal[i] = int32(min(2, max(0, math.Floor(float64(col[i])+1))))
		}
	}
	c := Default()
	c.MinLeafRows = 5
	tr, rep, err := c.FitClasses(context.Background(), matrix(col), noise, 2, nil)
	if err != nil || tr.Leaves() != 1 || rep.Grown < 50 {
		t.Errorf("seed %d, noise: got %d leaves of %d (%v)", seed, tr.Leaves(), rep.Grown, err)
	}
	tr, rep, err = c.FitClasses(context.Background(), matrix(col), signal, 3, nil)
	if err != nil || tr.Leaves() != 3 || rep.CV[rep.Chosen].Leaves != 3 {
		t.Errorf("seed %d, three steps: got %d leaves of %d (%v)", seed, tr.Leaves(), rep.Grown, err)
	}
	c.OneSE = false
	_, loose, err := c.FitClasses(context.Background(), matrix(col), signal, 3, nil)
	if err != nil || loose.Leaves < rep.Leaves || loose.CV[loose.Chosen].Error > rep.CV[rep.Chosen].Error {
		t.Errorf("least error: got %d leaves, want at least %d (%v)", loose.Leaves, rep.Leaves, err)
	}
}

// Of 5,000 customers a twentieth buys, of half of them more and of half less: no
// leaf says that anybody does, and yet the tree ranks them.
func TestAWeakSignalIsNotPrunedToOneLeaf(t *testing.T) {
	const n = 5000
	found, falsely := 0, 0
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 31))
		cols := [][]float32{make([]float32, n), make([]float32, n), make([]float32, n)}
		weak, none := make([]int32, n), make([]int32, n)
		for i := range n {
			for j := range cols {
				cols[j][i] = float32(rng.NormFloat64())
			}
			rate := 0.02
			if cols[1][i] > 0 {
				rate = 0.08
			}
			if rng.Float64() < rate {
				weak[i] = 1
			}
			if rng.Float64() < 0.05 {
				none[i] = 1
			}
		}
		tr, rep, err := Default().FitClasses(context.Background(), matrix(cols...), weak, 2, nil)
		if err != nil {
			t.Fatal(err)
		}
		if tr.Leaves() > 1 && tr.nodes[0].column == 1 {
			found++
			if root := rep.CV[len(rep.CV)-1]; rep.CV[rep.Chosen].Loss >= root.Loss {
				t.Errorf("seed %d: got the loss %v of %d leaves, want less than that of one, %v", seed, rep.CV[rep.Chosen].Loss, tr.Leaves(), root.Loss)
			}
		}
		if tr, _, err = Default().FitClasses(context.Background(), matrix(cols...), none, 2, nil); err != nil {
			t.Fatal(err)
		}
		if tr.Leaves() > 1 {
			falsely++
		}
	}
	t.Logf("found %d of 20, falsely %d of 20", found, falsely)
	if found < 18 || falsely > 2 {
		t.Errorf("got the signal in %d samples of 20, and one that is not there in %d", found, falsely)
	}
}

func TestAlphaPrunesWithoutFolds(t *testing.T) {
	x, y := benchmarkTable(2000, 5)
	c := plain()
	c.MinLeafRows = 10
	full := fitClasses(t, c, x, y, 4, nil)
	last := full.Leaves()
	for _, step := range full.PruningPath()[1:] {
		if step.Leaves >= last {
			t.Fatalf("a step from %d to %d leaves", last, step.Leaves)
		}
		last = step.Leaves
	}
	if last != 1 {
		t.Errorf("the path ends with %d leaves, want 1", last)
	}
	c.Alpha = 0.002
	if got, want := fitClasses(t, c, x, y, 4, nil).Leaves(), full.Pruned(0.002).Leaves(); got != want || got >= full.Leaves() {
		t.Errorf("alpha 0.002: got %d leaves, want %d", got, want)
	}
}
