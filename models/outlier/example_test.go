package outlier_test

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/outlier"
)

// Eleven customers, the last of whom buys rarely but much.
var customers = models.Matrix{
	Names: []string{"orders", "spend"},
	Cols: [][]float32{
		{2, 3, 2, 4, 3, 5, 4, 3, 2, 4, 1},
		{20, 31, 19, 42, 30, 48, 41, 29, 22, 38, 400},
	},
}

func ExampleForestConfig_Fit() {
	m, _, err := outlier.DefaultForest().Fit(context.Background(), customers)
	if err != nil {
		fmt.Println(err)
		return
	}
	scores := make([]float64, 11)
	err = m.ScoreTo(scores, customers)
	fmt.Printf("the first customer %.1f, the last %.1f %v\n", scores[0], scores[10], err)
	// Output: the first customer 0.4, the last 0.8 <nil>
}

func ExampleRobustConfig_Fit() {
	m, _, err := outlier.DefaultRobust().Fit(context.Background(), customers)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range m.Columns() {
		fmt.Printf("%s: median %.0f, scale %.2f\n", c.Name, c.Median, c.Scale)
	}
	z := make([]float64, 11*2)
	err = m.ScoreTo(z, customers)
	fmt.Printf("the last customer: %.1f %v\n", z[20:], err)
	// Output:
	// orders: median 3, scale 1.48
	// spend: median 31, scale 14.83
	// the last customer: [-1.3 24.9] <nil>
}

func ExampleMCDConfig_Fit() {
	// Spend that follows the orders, but for the last customer.
	x := models.Matrix{Cols: [][]float32{
		{2, 3, 2, 4, 3, 5, 4, 3, 2, 4, 6, 1, 5, 2},
		{20, 31, 19, 42, 30, 48, 41, 29, 22, 38, 59, 11, 52, 60},
	}}
	m, _, err := outlier.DefaultMCD().Fit(context.Background(), x)
	if err != nil {
		fmt.Println(err)
		return
	}
	distance := make([]float64, 14)
	err = m.ScoreTo(distance, x)
	fmt.Printf("the first customer %.1f, the last %.0f %v\n", distance[0], distance[13], err)
	// Output: the first customer 0.9, the last 29 <nil>
}
