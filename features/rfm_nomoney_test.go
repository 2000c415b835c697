package features

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Recency and frequency are scored as ever; nobody has an M score, and the names of the
// default map, in which money plays no part, stay.
func TestWithoutMoneyRecencyAndFrequencyAreScoredAsEver(t *testing.T) {
	const seed, customers = 3, 500
	rng := rand.New(rand.NewPCG(seed, 0))
	with := RFMInput{}
	for range customers {
		recency := float64(rng.IntN(400))
		if rng.IntN(20) == 0 {
			recency = math.NaN()
		}
		with.Recency, with.Frequency = append(with.Recency, recency), append(with.Frequency, float64(1+rng.IntN(9)))
		with.Monetary, with.Hash = append(with.Monetary, float64(rng.IntN(1000))), append(with.Hash, rng.Uint64())
	}
	without := with
	without.Monetary = nil
	for _, method := range []Method{Independent, Nested} {
		for _, ties := range []Ties{Lowest, Shared, Hashed} {
			c := DefaultRFM()
			c.Method, c.Ties = method, ties
			priced, _ := scoreAll(t, c, with)
			c.Monetary = NoMoney
			got, m := scoreAll(t, c, without)
			if !slices.Equal(got.R, priced.R) || !slices.Equal(got.F, priced.F) || !slices.Equal(got.Segment, priced.Segment) {
				t.Errorf("%s, %s: got other scores of recency and frequency, or other segments, than with money", method, ties)
			}
			if slices.Max(got.M) != 0 {
				t.Errorf("%s, %s: got the M score %d, want none", method, ties, slices.Max(got.M))
			}
			names := m.Segments.Names()
			for i, s := range got.Segment {
				at := m.Segment(got.R[i], got.F[i], got.M[i])
				if (s == NoSegment) != (at < 0) || at >= 0 && names[at] != names[s] {
					t.Fatalf("%s, %s: customer %d: got the segment %d by scores, %d among all", method, ties, i, at, s)
				}
			}
		}
	}
}

func TestAMapThatNeedsMoneyNamesNobodyWithoutMoney(t *testing.T) {
	c := DefaultRFM()
	c.Monetary, c.Bins = NoMoney, 2
	c.Segments = SegmentMap{Version: "by-money", Bins: 2, Rules: []SegmentRule{{Name: "low", M: [2]uint8{1, 1}}, {Name: "high", M: [2]uint8{2, 2}}}}
	got, m := scoreAll(t, c, RFMInput{Recency: []float64{1, 2, 3}, Frequency: []float64{1, 2, 3}})
	for i, s := range got.Segment {
		if s != NoSegment || m.Segment(got.R[i], got.F[i], got.M[i]) != -1 || got.R[i] == 0 {
			t.Errorf("customer %d: got the segment %d and R %d, want no segment and a score", i, s, got.R[i])
		}
	}
	c.Segments = QuintileRF()
	c.Bins, c.Cuts = 5, &Cuts{Monetary: []float64{1, 2, 3, 4}}
	if c.Validate() == nil {
		t.Error("limits of money were accepted where there is none")
	}
}

// scoreAll fits, writes and reads the model, and scores those it was fitted on.
func scoreAll(t *testing.T, c RFMConfig, in RFMInput) (Scores, *RFMModel) {
	t.Helper()
	m, err := c.Fit(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	again := new(RFMModel)
	if err := json.Unmarshal(text, again); err != nil {
		t.Fatal(err)
	}
	if err := again.Validate(); err != nil {
		t.Fatal(err)
	}
	s, _, err := again.ScoreAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return s, again
}
