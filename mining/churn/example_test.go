package churn_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining/churn"
	"github.com/quintile-dev/quintile/models"
)

// shop draws customers who are the likelier to stay away the longer they have
// been away.
func shop(cutoff datasets.Day) churn.Cohort {
	rng := rand.New(rand.NewPCG(uint64(cutoff), 1))
	c := churn.Cohort{Cutoff: cutoff, X: models.Matrix{
		Names: []string{"recency_days", "orders"},
		Cols:  make([][]float32, 2),
	}}
	for range 2000 {
		away := rng.IntN(365)
		c.X.Cols[0] = append(c.X.Cols[0], float32(away))
		c.X.Cols[1] = append(c.X.Cols[1], float32(1+rng.IntN(9)))
		left := rng.IntN(365) < away
		c.Churned = append(c.Churned, left)
		c.Customers++
		if left {
			c.ChurnedAll++
		}
	}
	return c
}

func ExampleConfig_Fit() {
	ctx := context.Background()
	day := datasets.DayOf(2024, 4, 6)
	cohorts := []churn.Cohort{shop(day), shop(day + 90), shop(day + 180)}

	c := churn.Default()
	found, err := c.Fit(ctx, cohorts)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: AUC above 0.8: %t\n", found.State, found.AUC > 0.8)

	// One customer who bought yesterday, one who has been away for 300 days.
	now := models.Matrix{Names: found.Model.Features(), Cols: [][]float32{{1, 300}, {5, 5}}}
	prob, reasons := make([]float64, 2), make([]churn.Reason, 2*found.Model.Reasons())
	if err := found.Model.ScoreTo(ctx, prob, reasons, now, c.Workers); err != nil {
		fmt.Println(err)
		return
	}
	why := reasons[found.Model.Reasons()] // the second customer's first
	fmt.Printf("below 0.2: %t; above 0.7: %t, for %s\n", prob[0] < 0.2, prob[1] > 0.7, churn.Phrase(found.Model.Features()[why.Feature], why.Value))
	// Output:
	// ok: AUC above 0.8: true
	// below 0.2: true; above 0.7: true, for recency_days=300
}
