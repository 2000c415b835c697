package boost

import (
	"math"
	"testing"
)

func TestCategoriesAreSplitAsByLightGBM(t *testing.T) {
	var file struct {
		Cols, Trees int
		Cases       []struct {
			Loss           Loss
			X              numbers
			Y, Score, Gain []float64
			Splits         []int
		}
	}
	readReference(t, "categories.json", &file)
	for _, want := range file.Cases {
		t.Run(string(want.Loss), func(t *testing.T) {
			c := Default()
			c.Loss, c.Trees, c.LearningRate, c.MaxLeaves = want.Loss, file.Trees, 0.2, 8
			c.Categorical, c.MinChildWeight = []bool{true, true, false}, 4
			if want.Loss == Logistic {
				c.MinRows = 1 // of which LightGBM guesses the number
			}
			x := want.X.matrix(file.Cols)
			m, _ := mustFit(t, c, x, want.Y, nil)
			d := furthest(scores(t, m, x), want.Score)
			t.Logf("scores differ by up to %g", d)
			if d > lightgbmTolerance {
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
