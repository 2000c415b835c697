package linear_test

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/linear"
)

func ExampleConfig_Fit() {
	x := models.Matrix{
		Names: []string{"newsletter"},
		Cols:  [][]float32{{0, 0, 0, 0, 1, 1, 1, 1}},
	}
	bought := []float64{1, 0, 0, 0, 1, 1, 1, 0}
	c := linear.DefaultLogistic()
	c.L2 = 0 // plain maximum likelihood
	m, report, err := c.Fit(context.Background(), x, bought, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range m.Coefficients() {
		fmt.Printf("%s %.4f ± %.4f, p = %.3f\n", b.Name, b.Value, b.StdError, b.P)
	}
	probs := make([]float64, 2)
	err = m.PredictTo(probs, models.Matrix{Cols: [][]float32{{0, 1}}})
	fmt.Printf("%.2f converged: %v %v\n", probs, report.Converged, err)
	// Output:
	// newsletter 2.1972 ± 1.6330, p = 0.178
	// [0.25 0.75] converged: true <nil>
}

func ExamplePlattConfig_Fit() {
	score := []float64{-2, -1, -1, 0, 0, 1, 1, 2}
	label := []float64{0, 0, 1, 0, 1, 0, 1, 1}
	m, _, err := linear.DefaultPlatt().Fit(context.Background(), score, label, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	probs := make([]float64, 3)
	err = m.PredictTo(probs, []float64{-3, 0, 3})
	fmt.Printf("%.2f %v\n", probs, err)
	// Output: [0.20 0.50 0.80] <nil>
}

func ExampleIsotonicConfig_Fit() {
	score := []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6}
	label := []float64{0, 0, 1, 0, 1, 1}
	m, _, err := linear.DefaultIsotonic().Fit(context.Background(), score, label, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	probs := make([]float64, 3)
	err = m.PredictTo(probs, []float64{0.15, 0.35, 0.45})
	fmt.Printf("%.2f %v\n", probs, err)
	// Output: [0.00 0.50 0.75] <nil>
}
