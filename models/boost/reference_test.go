package boost

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// numbers is a list in which null is NaN.
type numbers []float64

func (n *numbers) UnmarshalJSON(b []byte) error {
	var list []*float64
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	*n = make(numbers, len(list))
	for i, v := range list {
		(*n)[i] = math.NaN()
		if v != nil {
			(*n)[i] = *v
		}
	}
	return nil
}

// matrix returns row-major numbers as a matrix.
func (n numbers) matrix(cols int) models.Matrix {
	x := models.Matrix{Cols: make([][]float32, cols)}
	for i, v := range n {
		x.Cols[i%cols] = append(x.Cols[i%cols], float32(v))
	}
	return x
}

func readReference(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "reference", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func furthest(got, want []float64) float64 {
	var most float64
	for i := range want {
		most = max(most, math.Abs(got[i]-want[i]))
	}
	return most
}

// LightGBM keeps gradients as float32 and writes leaf values with 17 digits; the
// 15 trees are the same trees, so only rounding is left.
const lightgbmTolerance = 2e-5

func TestFitGrowsTheTreesOfLightGBM(t *testing.T) {
	var file struct {
		Cols, Trees int
		Cases       []struct {
			Name           string
			Loss           Loss
			MinRows        int     `json:"min_rows"`
			MinChildWeight float64 `json:"min_child_weight"`
			L1, L2         float64
			Monotone       []int
			X              numbers
			Y, Score, Gain []float64
			Splits         []int
		}
	}
	readReference(t, "lightgbm.json", &file)
	for _, want := range file.Cases {
		t.Run(want.Name, func(t *testing.T) {
			c := Default()
			c.Loss, c.Trees, c.LearningRate, c.MaxLeaves = want.Loss, file.Trees, 0.2, 12
			c.MinRows, c.MinChildWeight, c.L1, c.L2, c.Monotone = want.MinRows, want.MinChildWeight, want.L1, want.L2, want.Monotone
			x := want.X.matrix(file.Cols)
			m, _, err := c.Fit(context.Background(), x, want.Y, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := make([]float64, len(want.Y))
			if err := m.ScoreTo(context.Background(), got, x, 1); err != nil {
				t.Fatal(err)
			}
			if d := furthest(got, want.Score); d > lightgbmTolerance {
				t.Errorf("scores differ by up to %g, want at most %g", d, lightgbmTolerance)
			}
			for j, i := range m.Importances() {
				if i.Splits != want.Splits[j] || math.Abs(i.Gain-want.Gain[j]) > 1e-4*want.Gain[j] {
					t.Errorf("column %d: got %d splits, gain %g; want %d, %g", j+1, i.Splits, i.Gain, want.Splits[j], want.Gain[j])
				}
			}
		})
	}
}

func TestShapToAgreesWithShapAndLightGBM(t *testing.T) {
	const tolerance = 1e-9 // for float64 sums of 15 trees
	var file struct {
		Model    json.RawMessage
		X        numbers
		Score    []float64
		Expected float64
		Shap     []float64
		Contrib  []float64
	}
	readReference(t, "shap.json", &file)
	m := new(Ensemble)
	if err := json.Unmarshal(file.Model, m); err != nil {
		t.Fatal(err)
	}
	n, d := len(file.Score), len(m.Names())
	x := file.X.matrix(d)
	score, phi := make([]float64, n), make([]float64, n*d)
	if err := m.ScoreTo(context.Background(), score, x, 1); err != nil {
		t.Fatal(err)
	}
	if err := m.ShapTo(context.Background(), phi, x, 2); err != nil {
		t.Fatal(err)
	}
	if got := furthest(score, file.Score); got > tolerance {
		t.Errorf("scores of the converted model differ by up to %g", got)
	}
	if got := furthest(phi, file.Shap); got > tolerance {
		t.Errorf("values differ from shap's by up to %g", got)
	}
	if got := math.Abs(m.ExpectedScore() - file.Expected); got > tolerance {
		t.Errorf("expected score: got %g, want %g", m.ExpectedScore(), file.Expected)
	}
	var contrib []float64
	for i := range n {
		contrib = append(append(contrib, phi[i*d:(i+1)*d]...), m.ExpectedScore())
	}
	if got := furthest(contrib, file.Contrib); got > tolerance {
		t.Errorf("values differ from LightGBM's pred_contrib by up to %g", got)
	}
}
