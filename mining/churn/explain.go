package churn

import (
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/mining"
)

// mostParts is the number of effects that an explanation lists.
const mostParts = 8

// Explain lists what moves the log-odds of the first customer of a batch most, up or down.
func (s *Scoring) Explain(ctx context.Context, b *mining.Batch) ([]mining.Explained, error) {
	x := b.Matrix(s.features)
	n, d := x.Dims()
	if n == 0 || s.calibration.flat() {
		return nil, nil
	}
	odds, effects := make([]float64, n), make([]float64, n*d)
	if err := s.ranker.scoreTo(ctx, odds, effects, x); err != nil {
		return nil, err
	}
	order := make([]int, d)
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch a, b := math.Abs(effects[i]), math.Abs(effects[j]); {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	w, p := b.Words(), newPhrasing(s.Model, b)
	out := mining.Explained{Title: w.Text("What moves the probability to leave, against the average customer")}
	for _, j := range order[:min(mostParts, d)] {
		if math.Abs(effects[j]) < noticeable {
			break
		}
		v := float64(x.Cols[j][0])
		out.Parts = append(out.Parts, mining.Part{
			Text: p.reason(0, Reason{Feature: j, Value: v}), Code: Phrase(s.features[j], v), Size: new(effects[j]), Unit: w.Text("log-odds"),
		})
	}
	return []mining.Explained{out}, nil
}
