package churn

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
)

// spent is the feature for the worth of a customer.
const spent = "monetary"

// The cells of a tally: probabilities in steps of a fifth, and money in steps of a quarter
// of a factor of ten, from 0.01 on.
const (
	probSteps   = 5
	moneySteps  = 60
	perTen      = 4
	lowestPower = -2
)

// tally counts customers and their money by probability and money, so that the report can
// show the money at stake by group of customers. Money is added in millionths: sums do
// not depend on the order of the batches.
type tally struct {
	*Scoring
	mu        sync.Mutex
	customers [moneySteps][probSteps]int64
	money     [moneySteps][probSteps]int64
}

// Reads adds the money to what the model reads.
func (t *tally) Reads() []string { return append(t.Scoring.Reads(), spent) }

// ScoreTo scores as the model does, and counts.
func (t *tally) ScoreTo(ctx context.Context, dst *mining.Scores, b *mining.Batch, workers int) error {
	prob, err := t.score(ctx, dst, b, workers)
	if err != nil {
		return err
	}
	t.count(prob, b.Column(spent))
	return nil
}

// count adds customers with a probability and money; others have no place in the picture.
func (t *tally) count(prob, money []float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, p := range prob {
		if v := money[i]; v > 0 && !math.IsInf(v, 0) && p >= 0 {
			row := moneyStep(v)
			column := min(probSteps-1, int(p*probSteps))
			t.customers[row][column]++
			t.money[row][column] += int64(math.Round(1e6 * v))
		}
	}
}

func moneyStep(v float64) int {
	return min(moneySteps-1, max(0, int(math.Floor(perTen*(math.Log10(v)-lowestPower)))))
}

// from returns the least money of a step.
func from(step int) float64 { return math.Pow(10, float64(step)/perTen+lowestPower) }

// rows merges steps of money so that each row but the last has a fifth of the customers or
// more; the first row has the customers with the most money. The result is the first step
// of each row.
func (t *tally) rows() []int {
	var counts [moneySteps]int64
	all := int64(0)
	for k := range t.customers {
		for _, n := range t.customers[k] {
			counts[k] += n
			all += n
		}
	}
	var starts []int
	n := int64(0)
	for k := moneySteps - 1; k >= 0; k-- {
		if n += counts[k]; n > 0 && (5*n >= all || k == 0) {
			starts = append(starts, k)
			n = 0
		}
	}
	return starts
}

// complete adds the picture of the customers at risk with their money, and the advice.
func (t *tally) complete(s *page.Section, currency string) {
	starts := t.rows()
	if len(starts) == 0 {
		return
	}
	heat := page.Heatmap{
		Title: mining.WithCurrency("Money spent so far, by chance of leaving", currency), XName: "chance of leaving", YName: "spent so far",
	}
	for c := range probSteps {
		heat.Columns = append(heat.Columns, fmt.Sprintf("%d–%d %%", 100*c/probSteps, 100*(c+1)/probSteps))
	}
	end := moneySteps
	var worth [probSteps]int64
	var who [probSteps]int64
	for k, start := range starts {
		var money, customers [probSteps]int64
		for step := start; step < end; step++ {
			for c := range probSteps {
				money[c] += t.money[step][c]
				customers[c] += t.customers[step][c]
			}
		}
		end = start
		if k == 0 {
			worth, who = money, customers
		}
		heat.Rows = append(heat.Rows, "from "+page.Compact(from(start)))
		values, labels := make([]float64, probSteps), make([]string, probSteps)
		for c := range probSteps {
			values[c] = math.NaN()
			if customers[c] > 0 {
				values[c] = float64(money[c]) / 1e6
				labels[c] = page.Compact(values[c])
			}
		}
		heat.Values, heat.Labels = append(heat.Values, values), append(heat.Labels, labels)
	}
	s.Charts = append(s.Charts, heat)
	const likely = 3 // the column that begins at 60 %
	n, money := int64(0), int64(0)
	for c := likely; c < probSteps; c++ {
		n += who[c]
		money += worth[c]
	}
	if n == 0 {
		return
	}
	least := 100 * likely / probSteps
	s.Actions = append(s.Actions, page.Action{
		Do: "Keep the best customers who are about to leave", Customers: n, Worth: float64(money) / 1e6, Stake: "spent so far",
		Why:   fmt.Sprintf("They are among those who spent most, and leave with a chance of %d %% or more.", least),
		Offer: "a personal contact, or what they bought last at a better price",
		Where: fmt.Sprintf("segments.parquet: churn_prob >= %.1f and monetary >= %.4g", float64(likely)/probSteps, from(starts[0])),
	})
}
