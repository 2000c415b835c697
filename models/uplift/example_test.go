package uplift_test

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/linear"
	"github.com/quintile-dev/quintile/models/uplift"
)

func ExampleTLearner() {
	// A campaign that moves customers with the mark 1, and not those with 0: of
	// ten of each kind respond 2, but 7 of those with the mark that are treated.
	d := uplift.Data{X: models.Matrix{Names: []string{"mark"}, Cols: [][]float32{nil}}}
	add := func(mark float32, treated bool, responses int) {
		for i := range 10 {
			outcome := 0.0
			if i < responses {
				outcome = 1
			}
			d.X.Cols[0] = append(d.X.Cols[0], mark)
			d.Treated = append(d.Treated, treated)
			d.Outcome = append(d.Outcome, outcome)
		}
	}
	add(0, false, 2)
	add(0, true, 3)
	add(1, false, 2)
	add(1, true, 7)
	logistic := func(ctx context.Context, x models.Matrix, y []float64) (uplift.Predictor, error) {
		c := linear.DefaultLogistic()
		c.L2 = 1e-6
		m, _, err := c.Fit(ctx, x, y, nil)
		return m, err
	}
	m, err := uplift.TLearner(logistic)(context.Background(), d)
	if err != nil {
		fmt.Println(err)
		return
	}
	uplifts := make([]float64, 2)
	if err := m.PredictTo(uplifts, models.Matrix{Cols: [][]float32{{0, 1}}}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %.2f and %.2f\n", m.Name(), uplifts[0], uplifts[1])
	// Output: t-learner: 0.10 and 0.50
}
