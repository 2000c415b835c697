package forecast

import (
	"math"
	"slices"
	"testing"
)

func TestMeasuresByHand(t *testing.T) {
	var a Accuracy
	// Differences of the training part: 2, −1, 3; mean size 2, mean square 14/3.
	a.Add([]float64{1, 3, 2, 5}, 1, []float64{4, 0}, []float64{5, 2})
	// A pair without a scale, and one with a period that is not measured.
	a.Add([]float64{3, 3}, 1, []float64{0}, []float64{0})
	a.Add([]float64{0, 4}, 1, []float64{math.NaN(), 10}, []float64{1, 8})
	a.AddInterval([]float64{1, 2, math.NaN(), 4}, []float64{0, 3, 0, 4}, []float64{2, 4, 1, 4})
	m := a.Measures()
	within(t, "pairs", float64(m.Pairs), 3, 0)
	within(t, "unscaled", float64(m.Unscaled), 1, 0)
	within(t, "MASE", m.MASE, (1.5/2+2.0/4)/2, 1e-12)
	within(t, "RMSSE", m.RMSSE, (math.Sqrt(2.5/(14.0/3))+math.Sqrt(4.0/16))/2, 1e-12)
	within(t, "bias", m.Bias, (1.5/2-2.0/4)/2, 1e-12)
	within(t, "WAPE", m.WAPE, 5.0/14, 1e-12)
	within(t, "sMAPE", m.SMAPE, (200.0/9+200+0+400.0/18)/4, 1e-12)
	within(t, "coverage", m.Coverage, 2.0/3, 1e-12)
}

func TestNothingMeasuredIsNotANumber(t *testing.T) {
	m := new(Accuracy).Measures()
	for _, v := range []float64{m.MASE, m.RMSSE, m.Bias, m.WAPE, m.SMAPE, m.Coverage} {
		if !math.IsNaN(v) {
			t.Errorf("got %v, want NaN", v)
		}
	}
}

func TestReconciledPartsAddUpToTheTotal(t *testing.T) {
	parts := [][]float64{{1, 2, 0, -1}, {3, 2, 0, -1}}
	total := []float64{8, 2, 5, 3}
	factors, err := Reconcile(parts, total)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(factors, []float64{2, 0.5, 1, 1}) {
		t.Errorf("got the factors %v", factors)
	}
	if !slices.Equal(parts[0], []float64{2, 1, 0, -1}) || !slices.Equal(parts[1], []float64{6, 1, 0, -1}) {
		t.Errorf("got the parts %v", parts)
	}
	if _, err := Reconcile([][]float64{{1}}, total); err == nil {
		t.Error("parts of another length: got no error")
	}
	if _, err := Reconcile([][]float64{{math.NaN()}}, []float64{1}); err == nil {
		t.Error("a part that is not a number: got no error")
	}
}
