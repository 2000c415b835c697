package boost

import (
	"context"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// known returns what tree t says of a row when only the columns in set are known.
func known(t tree, i int32, x models.Matrix, row int, set uint) float64 {
	n := &t[i]
	if n.isLeaf() {
		return n.value
	}
	if set>>n.column&1 == 1 {
		return known(t, n.next(x.Cols[n.column][row]), x, row, set)
	}
	left, right := float64(t[n.left].rows), float64(t[n.right].rows)
	return (left*known(t, n.left, x, row, set) + right*known(t, n.right, x, row, set)) / (left + right)
}

// definition returns the Shapley values of a row by summing over all sets.
func definition(m *Ensemble, x models.Matrix, row int) []float64 {
	d := len(m.names)
	value := make([]float64, 1<<d)
	for set := range value {
		for _, tr := range m.trees {
			value[set] += known(tr, 0, x, row, uint(set))
		}
	}
	weights := shapleyWeights(d)
	phi := make([]float64, d)
	for j := range phi {
		for set := range value {
			if set>>j&1 == 0 {
				phi[j] += weights[bits.OnesCount(uint(set))] * (value[set|1<<j] - value[set])
			}
		}
	}
	return phi
}

func TestShapToIsTheDefinition(t *testing.T) {
	const tolerance = 1e-12
	x, y := customers(3000, 7, 81)
	c := Default()
	c.Trees, c.MinRows, c.RowShare = 8, 3, 0.7
	m, _ := mustFit(t, c, x, y, nil)
	few, _ := customers(25, 7, 82)
	phi := make([]float64, 25*7)
	if err := m.ShapTo(context.Background(), phi, few, 2); err != nil {
		t.Fatal(err)
	}
	for i := range 25 {
		if want := definition(m, few, i); furthest(phi[7*i:7*i+7], want) > tolerance {
			t.Errorf("row %d: got %v, want %v", i, phi[7*i:7*i+7], want)
		}
	}
}

// Leaves below more columns than are remembered take the other way.
func TestShapToOfDeepTreesIsTheDefinition(t *testing.T) {
	const columns, tolerance = 13, 1e-12
	rng := rand.New(rand.NewPCG(8, 8))
	var chain tree // each column cuts one leaf off
	for j := range columns {
		at := int32(2 * j)
		chain = append(chain,
			node{column: int32(j), threshold: 0.5, left: at + 1, right: at + 2, rows: int64(40 - 3*j)},
			node{column: leafColumn, value: rng.NormFloat64(), rows: 3})
	}
	// Nodes stand as inner, leaf, inner, leaf, …: the right child of one is the next.
	chain = append(chain, node{column: leafColumn, value: 1, rows: int64(40 - 3*columns)})
	names := make([]string, columns)
	m, err := newEnsemble(Squared, 0, names, 0, nil, []tree{chain})
	if err != nil {
		t.Fatal(err)
	}
	x := models.Matrix{Cols: make([][]float32, columns)}
	const rows = 6
	for j := range x.Cols {
		for range rows {
			x.Cols[j] = append(x.Cols[j], float32(0.3+0.6*rng.Float64()))
		}
	}
	phi := make([]float64, rows*columns)
	if err := m.ShapTo(context.Background(), phi, x, 1); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if want := definition(m, x, i); furthest(phi[columns*i:columns*(i+1)], want) > tolerance {
			t.Errorf("row %d: got %v, want %v", i, phi[columns*i:columns*(i+1)], want)
		}
	}
}

func TestShapleyValuesAddUpToTheScore(t *testing.T) {
	const tolerance, rows = 1e-9, 2500
	x, y := customers(20_000, 15, 83)
	for _, leaves := range []int{31, 120} {
		c := Default()
		c.Trees, c.MaxLeaves = 30, leaves
		m, _ := mustFit(t, c, x, y, nil)
		few := x.Slice(0, rows)
		phi := make([]float64, rows*15)
		if err := m.ShapTo(context.Background(), phi, few, 2); err != nil {
			t.Fatal(err)
		}
		expected := m.ExpectedScore()
		for i, score := range scores(t, m, few) {
			total := expected
			for _, v := range phi[15*i : 15*i+15] {
				total += v
			}
			if math.Abs(total-score) > tolerance {
				t.Fatalf("%d leaves, row %d: values add up to %v, the score is %v", leaves, i, total, score)
			}
		}
		one := make([]float64, 15)
		if err := m.ShapTo(context.Background(), one, x.Slice(1234, 1235), 1); err != nil {
			t.Fatal(err)
		}
		for j, v := range one {
			if v != phi[1234*15+j] {
				t.Errorf("%d leaves: row 1235 alone gets %v for column %d, among others %v", leaves, v, j+1, phi[1234*15+j])
			}
		}
	}
}
