package lifetime_test

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/models/lifetime"
)

// shop is twelve customers of a shop, in weeks, and the mean money of their
// repeat purchases.
func shop() (lifetime.Customers, []float64) {
	return lifetime.Customers{
		X:  []float64{0, 0, 0, 1, 1, 2, 2, 3, 5, 8, 0, 4},
		Tx: []float64{0, 0, 0, 4, 20, 9, 28, 30, 33, 36, 0, 8},
		T:  []float64{39, 30, 38, 35, 37, 39, 32, 36, 38, 37, 31, 39},
	}, []float64{0, 0, 0, 12, 30, 25, 14, 40, 22, 35, 0, 18}
}

func ExampleConfig_Fit() {
	ctx := context.Background()
	customers, _ := shop()
	m, report, err := lifetime.Default(lifetime.MBGNBD).Fit(ctx, customers, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.State, report.Converged, report.Rows)
	f := lifetime.Forecasts{Alive: make([]float64, 12), Expected: make([]float64, 12)}
	if err := m.ForecastTo(ctx, f, customers, lifetime.Ask{Horizon: 26}, 2); err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range []int{0, 9, 11} {
		fmt.Printf("x = %g: P(active) %.2f, %.1f purchases in 26 weeks\n", customers.X[i], f.Alive[i], f.Expected[i])
	}
	// Output:
	// ok true 12
	// x = 0: P(active) 0.14, 0.1 purchases in 26 weeks
	// x = 8: P(active) 0.91, 3.7 purchases in 26 weeks
	// x = 4: P(active) 0.05, 0.1 purchases in 26 weeks
}

func ExampleSpend_MeanTo() {
	customers, mean := shop()
	s, _, err := lifetime.DefaultSpend().Fit(context.Background(), customers.X, mean, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	dst := make([]float64, 12)
	err = s.MeanTo(dst, customers.X, mean)
	fmt.Printf("%.1f %.1f %v\n", dst[0], dst[9], err)
	// Output: 25.7 32.5 <nil>
}

func ExampleModel_OrderQuantilesTo() {
	ctx := context.Background()
	customers, _ := shop()
	m, _, err := lifetime.Default(lifetime.MBGNBD).Fit(ctx, customers, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	dst := make([]float64, 2*12)
	err = m.OrderQuantilesTo(ctx, dst, customers, 26, []float64{0.1, 0.9}, 2)
	fmt.Println(dst[2*9:2*9+2], err)
	// Output: [0 7] <nil>
}
