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

func TestPSIByHand(t *testing.T) {
	got, err := PSI([]float64{0.5, 0.5}, []float64{0.25, 0.75}, DefaultPSIFloor)
	want := -0.25*math.Log(0.5) + 0.25*math.Log(1.5)
	if err != nil || !near(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	// A bin that empties: (0.01 − 0.5) ln(0.01/0.5) + (1 − 0.5) ln(1/0.5).
	got, err = PSI([]float64{0.5, 0.5}, []float64{0, 1}, 0.01)
	want = -0.49*math.Log(0.02) + 0.5*math.Ln2
	if err != nil || !near(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestJensenShannonByHand(t *testing.T) {
	if got, err := JensenShannon([]float64{1, 0}, []float64{0, 1}); err != nil || !near(got, math.Ln2) {
		t.Errorf("disjoint: got %v, %v; want ln 2", got, err)
	}
	if got, err := JensenShannon([]float64{0.3, 0.7}, []float64{0.3, 0.7}); err != nil || got != 0 {
		t.Errorf("equal: got %v, %v; want 0", got, err)
	}
}

func TestSharesCountEveryValueOnce(t *testing.T) {
	b := Bins{Edges: []float64{1, 2}}
	inf := math.Inf(1)
	got := Shares(b, []float64{-inf, 1, 1.5, 2, 2.5, inf, nan, nan})
	want := []float64{2. / 8, 2. / 8, 2. / 8, 2. / 8} // ≤ 1, (1,2], > 2, missing
	agreeAll(t, "shares", got, want)
}

func TestQuantileBinsMergeEqualEdges(t *testing.T) {
	b, err := QuantileBins([]float32{0, 0, 0, 0, 0, 0, 0, 1, 2, 3, float32(nan)}, 4)
	if err != nil || len(b.Edges) != 2 || b.Edges[0] != 0 || b.Edges[1] != 0.75 {
		t.Errorf("got %v, %v; want edges 0 and 0.75", b.Edges, err)
	}
	if b, err := QuantileBins([]float64{nan}, 4); err != nil || len(b.Edges) != 0 {
		t.Errorf("nothing known: got %v, %v; want one bin", b.Edges, err)
	}
}
