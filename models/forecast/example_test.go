package forecast_test

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models/forecast"
)

// Sales of sixteen weeks.
var sales = []float64{102, 98, 110, 105, 99, 112, 108, 115, 104, 118, 111, 120, 117, 109, 122, 119}

func ExampleConfig_Fit() {
	c := forecast.DefaultConfig()
	c.Horizon = 2
	m, report, err := c.Fit(context.Background(), forecast.Series{Values: sales, Season: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := m.Forecast(2, nil)
	fmt.Println(m.Method(), "from", report.Iterations, "origins", err)
	for h := range f.Point {
		fmt.Printf("week %d: %.0f, with 80 %% between %.0f and %.0f\n", h+1, f.Point[h], f.Intervals[0].Lower[h], f.Intervals[0].Upper[h])
	}
	// Output:
	// theta_ets from 4 origins <nil>
	// week 1: 120, with 80 % between 113 and 127
	// week 2: 121, with 80 % between 113 and 128
}

func ExampleConfig_FitAll() {
	c := forecast.DefaultConfig()
	c.Methods = []forecast.Method{forecast.LastMean}
	north := forecast.Series{Values: []float64{5, 7, 6, 8, 6, 7, 9, 8, 7, 9, 8, 8, 9, 7}, Season: 1}
	// The south sells the same a trading day, and was closed in its eighth week.
	south := forecast.Series{
		Values:  []float64{25, 35, 30, 40, 30, 35, 45, 0, 35, 45, 40, 40, 45, 35},
		Divisor: []float64{5, 5, 5, 5, 5, 5, 5, 0, 5, 5, 5, 5, 5, 5},
		Season:  1,
	}
	results, err := c.FitAll(context.Background(), []forecast.Series{north, south})
	if err != nil {
		fmt.Println(err)
		return
	}
	first, _ := results[0].Model.Forecast(2, nil)
	second, err := results[1].Model.Forecast(2, []float64{5, 2})
	fmt.Printf("%.2f %.2f %v\n", first.Point, second.Point, err)
	// Output: [8.00 8.00] [40.00 16.00] <nil>
}

func ExampleReconcile() {
	parts := [][]float64{{30, 40}, {60, 60}}
	factors, err := forecast.Reconcile(parts, []float64{99, 110})
	fmt.Printf("%.1f %.1f %v\n", parts, factors, err)
	// Output: [[33.0 44.0] [66.0 66.0]] [1.1 1.1] <nil>
}

func ExampleAccuracy() {
	var a forecast.Accuracy
	a.Add(sales[:14], 1, sales[14:], []float64{115, 115})
	m := a.Measures()
	fmt.Printf("MASE %.2f, WAPE %.3f\n", m.MASE, m.WAPE)
	// Output: MASE 0.69, WAPE 0.046
}
