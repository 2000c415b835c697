package tree

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// reference is a tree that scikit-learn grew; see testdata/reference/README.md.
type reference struct {
	Name     string
	Settings struct {
		Criterion   string
		MaxDepth    *int    `json:"max_depth"`
		MinLeafRows int     `json:"min_samples_leaf"`
		MaxLeaves   *int    `json:"max_leaf_nodes"`
		MinDecrease float64 `json:"min_impurity_decrease"`
	}
	X           [][]*float32
	Y           []float64
	Weight      []float64
	Classes     int
	Nodes       []referenceNode
	Importances []float64
	Score       float64
	Alphas      []float64 `json:"ccp_alphas"`
	Impurities  []float64 `json:"ccp_impurities"`
}

type referenceNode struct {
	Rows             int
	Weight, Impurity float64
	Value            []float64
	Column           *int
	Threshold        *float64
	Right            int
	MissingLeft      bool `json:"missing_left"`
}

func readReferences(t *testing.T) []reference {
	t.Helper()
	paths, err := filepath.Glob("testdata/reference/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no reference trees: %v", err)
	}
	refs := make([]reference, len(paths))
	for i, path := range paths {
		b, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(b, &refs[i])
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return refs
}

func (r *reference) fit(t *testing.T, maxBins int) (*Tree, Report, models.Matrix) {
	t.Helper()
	c := Default()
	c.MaxDepth, c.MinLeafRows, c.MinGain, c.Folds, c.MaxBins = NoLimit, max(1, r.Settings.MinLeafRows), r.Settings.MinDecrease, 0, maxBins
	if r.Settings.MaxDepth != nil {
		c.MaxDepth = *r.Settings.MaxDepth
	}
	if r.Settings.MaxLeaves != nil {
		c.MaxLeaves = *r.Settings.MaxLeaves
	}
	if r.Settings.Criterion == "entropy" {
		c.Criterion = Entropy
	}
	var x models.Matrix
	for _, col := range r.X {
		values := make([]float32, len(col))
		for i, v := range col {
			values[i] = float32(math.NaN())
			if v != nil {
				values[i] = *v
			}
		}
		x.Cols = append(x.Cols, values)
	}
	var tr *Tree
	var rep Report
	var err error
	if r.Classes > 0 {
		y := make([]int32, len(r.Y))
		for i, v := range r.Y {
			y[i] = int32(v)
		}
		tr, rep, err = c.FitClasses(context.Background(), x, y, r.Classes, r.Weight)
	} else {
		tr, rep, err = c.FitValues(context.Background(), x, r.Y, r.Weight)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tr, rep, x
}

// tolerance of figures that both sides round in their own order.
const tolerance = 1e-9

func near(a, b float64) bool { return math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b)) }

func TestExactTreesAreThoseOfScikitLearn(t *testing.T) {
	for _, r := range readReferences(t) {
		t.Run(r.Name, func(t *testing.T) {
			got, rep, _ := r.fit(t, 0)
			if len(got.nodes) != len(r.Nodes) {
				t.Fatalf("got %d nodes, want %d", len(got.nodes), len(r.Nodes))
			}
			for i, want := range r.Nodes {
				compareNode(t, i, got, want)
			}
			for j, share := range got.Importances() {
				if !near(share, r.Importances[j]) {
					t.Errorf("importance of column %d: got %v, want %v", j, share, r.Importances[j])
				}
			}
			if !near(rep.Score, r.Score) {
				t.Errorf("score: got %v, want %v", rep.Score, r.Score)
			}
		})
	}
}

func compareNode(t *testing.T, i int, got *Tree, want referenceNode) {
	t.Helper()
	n := &got.nodes[i]
	if n.rows != want.Rows || !near(n.weight, want.Weight) || !near(n.impurity, want.Impurity) {
		t.Errorf("node %d: got %d rows, weight %v, impurity %v, want %+v", i, n.rows, n.weight, n.impurity, want)
	}
	for k, v := range want.Value {
		if got.classes > 0 && !near(n.mass[k]/n.weight, v) || got.classes == 0 && !near(n.mean, v) {
			t.Errorf("node %d: got mass %v, mean %v, want %v", i, n.mass, n.mean, want.Value)
		}
	}
	if want.Column == nil {
		if !n.isLeaf() {
			t.Errorf("node %d: got a question about column %d, want a leaf", i, n.column)
		}
		return
	}
	threshold := math.Inf(1)
	if want.Threshold != nil {
		threshold = *want.Threshold
	}
	if n.column != *want.Column || n.threshold != threshold || n.right != want.Right {
		t.Errorf("node %d: got column %d at %v, right %d, want %d at %v, right %d", i, n.column, n.threshold, n.right, *want.Column, threshold, want.Right)
	}
	if got.columns[n.column].missing && n.missingLeft != want.MissingLeft {
		t.Errorf("node %d: got missing left %t, want %t", i, n.missingLeft, want.MissingLeft)
	}
}

func TestPruningPathIsThatOfScikitLearn(t *testing.T) {
	seen := 0
	for _, r := range readReferences(t) {
		if r.Alphas == nil {
			continue
		}
		seen++
		tr, _, _ := r.fit(t, 0)
		path := tr.PruningPath()
		if len(path) != len(r.Alphas) {
			t.Errorf("%s: got %d steps, want %d", r.Name, len(path), len(r.Alphas))
			continue
		}
		for i, step := range path {
			if math.Abs(step.Alpha-r.Alphas[i]) > tolerance || math.Abs(step.Impurity-r.Impurities[i]) > tolerance {
				t.Errorf("%s: step %d: got alpha %v, impurity %v, want %v, %v", r.Name, i, step.Alpha, step.Impurity, r.Alphas[i], r.Impurities[i])
			}
		}
	}
	if seen < 5 {
		t.Errorf("only %d references have a pruning path", seen)
	}
}

// Columns of few distinct values are cut as exactly by bins as without.
func TestBinsOfFewValuesCutExactly(t *testing.T) {
	for _, r := range readReferences(t) {
		if r.Name != "gini-few-values" {
			continue
		}
		got, _, _ := r.fit(t, 255)
		for i, want := range r.Nodes {
			compareNode(t, i, got, want)
		}
		return
	}
	t.Error("the reference gini-few-values is missing")
}
