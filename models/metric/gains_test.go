package metric

import (
	"math"
	"testing"
)

func TestGainsByHand(t *testing.T) {
	// Ten customers in five groups of two; the third and fourth positives
	// share a score with two negatives that straddles groups 2 and 3.
	score := []float64{9, 8, 7, 5, 5, 5, 5, 2, 1, 0}
	label := []float64{1, 1, 0, 1, 1, 0, 0, 0, 0, 0}
	table, err := Gains(score, label, 5)
	if err != nil {
		t.Fatal(err)
	}
	positives := []float64{2, 0.5, 1, 0.5, 0} // a tied customer is half a positive
	cum := []float64{2, 2.5, 3.5, 4, 4}
	lowest := []float64{8, 5, 5, 2, 0}
	for g, row := range table {
		lift := positives[g] / 2 / 0.4
		ks := cum[g]/4 - (float64(2*g+2)-cum[g])/6
		if row.Group != g+1 || row.Rows != 2 || row.CumRows != 2*g+2 || !near(row.Positives, positives[g]) ||
			!near(row.CumPositives, cum[g]) || !near(row.CumShare, cum[g]/4) || !near(row.Lift, lift) ||
			!near(row.CumLift, cum[g]/float64(2*g+2)/0.4) || !near(row.KS, ks) || row.LowestScore != lowest[g] {
			t.Errorf("group %d: got %+v", g+1, row)
		}
	}
	if got, err := TopLift(score, label, 0.2); err != nil || !near(got, table[0].Lift) {
		t.Errorf("top lift: got %v, %v; want %v", got, err, table[0].Lift)
	}
	if got, err := TopLift(score, label, 0.05); err != nil || !near(got, 2.5) { // half of the best customer
		t.Errorf("lift of half a row: got %v, %v; want 2.5", got, err)
	}
}

func TestGainsWithFewerRowsThanGroups(t *testing.T) {
	table, err := Gains([]float64{2, 1, 0}, []float64{1, 0, 1}, 10)
	if err != nil {
		t.Fatal(err)
	}
	rows, positives := 0, 0.0
	for _, row := range table {
		rows += row.Rows
		positives += row.Positives
		if row.Rows == 0 && !math.IsNaN(row.LowestScore) {
			t.Errorf("group %d has no rows but a lowest score %v", row.Group, row.LowestScore)
		}
	}
	if rows != 3 || positives != 2 {
		t.Errorf("got %d rows and %g positives, want 3 and 2", rows, positives)
	}
	if _, err := Gains(nil, nil, 10); err != nil {
		t.Errorf("no rows: %v", err)
	}
}
