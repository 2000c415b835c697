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
		table, err := crossValidate(context.Background(), &c, s, full)
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
			mean, se := slowCrossValidation(t, &c, s, target, price)
			if math.Abs(row.Error-mean) > 1e-9 || math.Abs(row.StdErr-se) > 1e-9 {
				t.Errorf("%d leaves: got %v ± %v, want %v ± %v", row.Leaves, row.Error, row.StdErr, mean, se)
			}
		}
	}
}

func slowCrossValidation(t *testing.T, c *Config, s *sample, y target, price float64) (mean, stdErr float64) {
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
			case y.class[i] != n.label:
				loss[i] = 1
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
	return mean, math.Sqrt(stdErr) / weight
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
