package features_test

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
)

// Three features of a customer who bought twice by 10 December 2011. The
// purchase of the day after does not exist yet.
func ExampleCalculator_Compute() {
	at := func(day int) datasets.Moment {
		return datasets.Moment(datasets.DayOf(2011, 12, day)) * datasets.FullDay
	}
	ev := datasets.Events{
		Time:     []datasets.Moment{at(1), at(1), at(6), at(11)},
		Order:    []uint32{0, 0, 1, 2},
		Quantity: []datasets.Quantity{datasets.One, datasets.One, datasets.One, datasets.One},
		Amount:   []datasets.Money{10 * datasets.Unit, 5 * datasets.Unit, 20 * datasets.Unit, 99 * datasets.Unit},
		Return:   []bool{false, false, false, false},
	}
	selected, err := features.Select(features.Catalogue(), []string{"recency_days", "frequency", "monetary"}, features.Amount)
	if err != nil {
		fmt.Println(err)
		return
	}
	c := features.NewCalculator(selected)
	row := make([]float64, len(selected))
	if err := c.Compute(row, &ev, datasets.DayOf(2011, 12, 10)); err != nil {
		fmt.Println(err)
		return
	}
	for j, f := range selected {
		fmt.Println(f.Name, row[j], f.Unit)
	}
	// Output:
	// recency_days 4 days
	// frequency 2 orders
	// monetary 35 currency
}

func ExampleRFMConfig_Fit() {
	in := features.RFMInput{
		Recency:   []float64{2, 30, 90, 200, 400},
		Frequency: []float64{9, 1, 4, 1, 1},
		Monetary:  []float64{900, 20, 300, 25, 10},
	}
	config := features.DefaultRFM()
	model, err := config.Fit(context.Background(), in)
	if err != nil {
		fmt.Println(err)
		return
	}
	scores, _, err := model.ScoreAll(in)
	if err != nil {
		fmt.Println(err)
		return
	}
	names := model.Segments.Names()
	for i := range in.Recency {
		fmt.Println(features.Composite(scores.R[i], scores.F[i], scores.M[i]), names[scores.Segment[i]])
	}
	// Output:
	// 555 champions
	// 412 promising
	// 344 loyal
	// 213 hibernating
	// 111 hibernating
}

func ExampleScalerConfig_FitColumn() {
	s, err := features.ScalerConfig{Transform: features.Log, Scale: features.MinMax}.FitColumn("money", []float64{0, 9, 99})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("shift %v: %.2f %.2f %.2f\n", s.Shift, s.Value(0), s.Value(9), s.Value(99))
	// Output: shift 1: 0.00 0.50 1.00
}

func ExampleShopify() {
	fmt.Println(features.Shopify("cant_lose"))
	// Output: PREVIOUSLY_LOYAL
}
