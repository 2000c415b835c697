package churn

import (
	"math"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/mining/page"
)

// tallied counts customers of these probabilities and amounts.
func tallied(prob, money []float64) *tally {
	t := &tally{}
	t.count(prob, money)
	return t
}

func TestThePictureHoldsEveryCustomerOnce(t *testing.T) {
	prob := []float64{0, 0.19, 0.2, 0.65, 0.99, 1, 0.7, math.NaN()}
	money := []float64{10, 20, 3000, 4000, 5000, 1e12, math.NaN(), 7}
	c := tallied(prob, money)
	s := &page.Section{}
	c.complete(s, "GBP")
	heat, ok := s.Charts[0].(page.Heatmap)
	if !ok || len(heat.Columns) != probSteps {
		t.Fatalf("got %T, want a heat map", s.Charts[0])
	}
	sum := 0.0
	for _, row := range heat.Values {
		for _, v := range row {
			if !math.IsNaN(v) {
				sum += v
			}
		}
	}
	if want := 10 + 20 + 3000 + 4000 + 5000 + 1e12; math.Abs(sum-want) > 1e-3 {
		t.Errorf("got %v, want %v: every customer with money and a probability, once", sum, want)
	}
}

func TestTheActionNamesTheBestWhoAreLikelyToLeave(t *testing.T) {
	prob := []float64{0.9, 0.7, 0.1, 0.9, 0.9, 0.9, 0.2, 0.2, 0.2, 0.2}
	money := []float64{5000, 4800, 4900, 10, 10, 10, 10, 10, 10, 10}
	s := &page.Section{}
	tallied(prob, money).complete(s, "")
	if len(s.Actions) != 1 {
		t.Fatalf("got %d actions, want one", len(s.Actions))
	}
	a := s.Actions[0]
	if a.Customers != 2 || a.Worth != 9800 || !strings.Contains(a.Where, "churn_prob >= 0.6 and monetary >= 3162") {
		t.Errorf("got %+v, want the two who spent most and are likely to leave", a)
	}
}

func TestNobodyAtRiskIsNoAction(t *testing.T) {
	s := &page.Section{}
	tallied([]float64{0.1, 0.2}, []float64{5, 6}).complete(s, "")
	tallied(nil, nil).complete(s, "")
	if len(s.Actions) != 0 || len(s.Charts) != 1 {
		t.Errorf("got %d actions and %d charts, want the picture of the first alone", len(s.Actions), len(s.Charts))
	}
}

func TestBatchesMayBeCountedInAnyOrder(t *testing.T) {
	prob, money := []float64{0.1, 0.5, 0.9, 0.3}, []float64{0.1, 0.2, 0.3, 1e7}
	one, two := tallied(prob, money), &tally{}
	for i := len(prob) - 1; i >= 0; i-- {
		two.count(prob[i:i+1], money[i:i+1])
	}
	if one.customers != two.customers || one.money != two.money {
		t.Error("got another tally for another order")
	}
}
