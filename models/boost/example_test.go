package boost_test

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/boost"
)

func Example() {
	// Customers leave after 60 days of silence, unless they are subscribers;
	// one in ten does as it likes.
	x := models.Matrix{Names: []string{"recency_days", "subscriber"}, Cols: make([][]float32, 2)}
	var left []float64
	for i := range 200 {
		recency, subscriber := float32(i%100), float32(i/100)
		x.Cols[0], x.Cols[1] = append(x.Cols[0], recency), append(x.Cols[1], subscriber)
		y := 0.0
		if (recency > 60 && subscriber == 0) != (i%10 == 7) {
			y = 1
		}
		left = append(left, y)
	}

	ctx := context.Background()
	c := boost.Default()
	c.Trees = 20
	model, report, err := c.Fit(ctx, x, left, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	row := models.Matrix{Names: x.Names, Cols: [][]float32{{80}, {0}}}
	prob, why := make([]float64, 1), make([]float64, 2)
	if err := model.ProbTo(ctx, prob, row, 1); err != nil {
		fmt.Println(err)
		return
	}
	if err := model.ShapTo(ctx, why, row, 1); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d trees, loss %.3f → %.3f\n", report.Trees, report.TrainLoss[0], report.TrainLoss[report.Trees])
	fmt.Printf("80 days silent, no subscriber: leaves with probability %.2f\n", prob[0])
	for j, i := range model.Importances() {
		fmt.Printf("%-12s %+.1f of the log-odds\n", i.Column, why[j])
	}
	// Output:
	// 20 trees, loss 0.568 → 0.311
	// 80 days silent, no subscriber: leaves with probability 0.82
	// recency_days +1.7 of the log-odds
	// subscriber   +1.2 of the log-odds
}
