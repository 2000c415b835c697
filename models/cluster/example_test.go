package cluster_test

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/cluster"
)

func ExampleKMeansConfig_Fit() {
	x := models.Matrix{
		Names: []string{"orders", "spend"},
		Cols:  [][]float32{{1, 2, 1, 9, 10, 11}, {10, 12, 11, 95, 100, 105}},
	}
	c := cluster.DefaultKMeans()
	c.K = 2
	m, report, err := c.Fit(context.Background(), x, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	labels, err := m.Predict(x)
	fmt.Println(labels, err)
	for _, centre := range m.Centres() {
		fmt.Printf("%.3f\n", centre)
	}
	fmt.Printf("inertia %.3f, converged %v\n", report.Inertia, report.Converged)
	// Output:
	// [0 0 0 1 1 1] <nil>
	// [1.333 11.000]
	// [10.000 100.000]
	// inertia 54.667, converged true
}

func ExampleChooseKConfig_ChooseK() {
	var x models.Matrix
	x.Cols = make([][]float32, 1)
	for i := range 90 {
		x.Cols[0] = append(x.Cols[0], float32(100*(i%3))+float32(i/3)/10)
	}
	c := cluster.DefaultChooseK()
	c.KMax, c.References, c.Bootstraps = 5, 5, 5
	choice, err := c.ChooseK(context.Background(), x)
	fmt.Println(choice.K, err)
	fmt.Println(choice.Reasons[0])
	// Output:
	// 3 <nil>
	// k = 3 has the highest silhouette, 0.990
}

func ExampleMatch() {
	last := []int32{0, 0, 1, 1, 2}
	now := []int32{1, 1, 2, 2, 0}
	partner, err := cluster.Match(last, now, 3, 3)
	fmt.Println(partner, err)
	// Output: [2 0 1] <nil>
}
