package metric_test

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/metric"
)

var (
	prob  = []float64{0.9, 0.8, 0.6, 0.4, 0.3, 0.1}
	label = []float64{1, 1, 0, 1, 0, 0}
)

func ExampleROCAUC() {
	auc, err := metric.ROCAUC(prob, label, nil)
	fmt.Printf("%.4f %v\n", auc, err)
	// Output: 0.8889 <nil>
}

func ExampleGains() {
	table, err := metric.Gains(prob, label, 3)
	if err != nil {
		fmt.Println(err)
	}
	for _, row := range table {
		fmt.Printf("group %d: %d customers, lift %.2f, %.0f%% of the buyers so far\n",
			row.Group, row.Rows, row.Lift, 100*row.CumShare)
	}
	// Output:
	// group 1: 2 customers, lift 2.00, 67% of the buyers so far
	// group 2: 2 customers, lift 1.00, 100% of the buyers so far
	// group 3: 2 customers, lift 0.00, 100% of the buyers so far
}

func ExampleCalibrationBins() {
	bins, err := metric.CalibrationBins(prob, label, 2)
	fmt.Printf("%.2f %v\n", metric.ECE(bins), err)
	// Output: 0.08 <nil>
}

func ExampleConfuse() {
	m, err := metric.Confuse([]int{0, 0, 1, 1, 2}, []int{0, 1, 1, 1, 0}, 3, nil)
	fmt.Printf("%.2f %.2f %v\n", m.Accuracy(), m.Macro().F1, err)
	// Output: 0.60 0.43 <nil>
}

func ExampleAdjustedRand() {
	yesterday, today := []string{"gold", "gold", "basic", "basic"}, []int{1, 1, 2, 2}
	ari, err := metric.AdjustedRand(yesterday, today)
	fmt.Println(ari, err)
	// Output: 1 <nil>
}

func ExampleSilhouette() {
	x := models.Matrix{Cols: [][]float32{{0, 1, 10, 11}}}
	s, err := metric.Silhouette(context.Background(), x, []int{0, 0, 1, 1}, 1)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%.4f\n", s.Mean)
	// Output: 0.8997
}

func ExampleQiniAUC() {
	trial := metric.Trial{
		Uplift:  []float64{0.9, 0.8, 0.7, 0.3, 0.2, 0.1},
		Outcome: []float64{1, 0, 1, 0, 0, 1},
		Treated: []bool{true, false, true, false, true, false},
	}
	for _, c := range []metric.Convention{metric.DistinctThresholds, metric.RowStepped} {
		q, err := metric.QiniAUC(trial, c)
		fmt.Printf("%.4f %v: %v\n", q, err, c)
	}
	// Output:
	// 0.8462 <nil>: distinct-thresholds (as scikit-uplift)
	// 0.7143 <nil>: row-stepped (as causalml)
}
