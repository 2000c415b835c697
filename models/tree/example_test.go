package tree_test

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/tree"
)

// Why did clustering put these customers into these segments?
func ExampleConfig_FitClasses() {
	x := models.Matrix{
		Names: []string{"recency_days", "frequency"},
		Cols: [][]float32{
			{5, 9, 12, 8, 200, 240, 180, 300, 10, 11},
			{9, 8, 12, 7, 9, 1, 2, 1, 1, 2},
		},
	}
	segment := []int32{1, 1, 1, 1, 2, 2, 2, 2, 0, 0}

	config := tree.DefaultSurrogate()
	config.MinLeafRows = 1
	t, report, err := config.FitClasses(context.Background(), x, segment, 3, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range t.Rules(nil, []string{"new", "loyal", "lost"}, nil) {
		fmt.Printf("%s (%d customers, %.0f %% of all, lift %.2f)\n", r.Text, r.Rows, 100*r.Share, r.Lift)
	}
	fmt.Printf("fidelity %.2f\n", report.Score)
	// Output:
	// recency_days ≤ 96 and frequency ≤ 4.5 ⇒ new (2 customers, 20 % of all, lift 5.00)
	// recency_days ≤ 96 and frequency > 4.5 ⇒ loyal (4 customers, 40 % of all, lift 2.50)
	// recency_days > 96 ⇒ lost (4 customers, 40 % of all, lift 2.50)
	// fidelity 1.00
}

func ExampleConfig_FitValues() {
	x := models.Matrix{Names: []string{"orders"}, Cols: [][]float32{{1, 2, 3, 10, 11, 12}}}
	spend := []float64{20, 22, 24, 300, 310, 320}

	config := tree.Default()
	config.MinLeafRows, config.Folds, config.MaxDepth = 1, 0, 1
	t, _, err := config.FitValues(context.Background(), x, spend, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	predicted := make([]float64, 6)
	if err := t.PredictTo(predicted, x); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(predicted)
	for _, r := range t.Rules(nil, nil, nil) {
		fmt.Println(r.Text)
	}
	// Output:
	// [22 22 22 310 310 310]
	// orders ≤ 6.5 ⇒ 22
	// orders > 6.5 ⇒ 310
}

func ExampleTree_PruningPath() {
	x := models.Matrix{Cols: [][]float32{{1, 2, 3, 4, 5, 6, 7, 8}}}
	config := tree.Default()
	config.MinLeafRows, config.Folds = 1, 0
	t, _, err := config.FitClasses(context.Background(), x, []int32{0, 0, 0, 1, 0, 1, 1, 1}, 2, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, step := range t.PruningPath() {
		fmt.Printf("alpha %.4f: %d leaves, impurity %.4f\n", step.Alpha, step.Leaves, step.Impurity)
	}
	// Output:
	// alpha 0.0000: 4 leaves, impurity 0.0000
	// alpha 0.1000: 2 leaves, impurity 0.2000
	// alpha 0.3000: 1 leaves, impurity 0.5000
}
