package tree

import (
	"context"
	"math"
)

// measure adds up the rows of a node, in their order.
func (s *sample) measure(ctx context.Context, rows []uint32) (nodeStats, error) {
	st := nodeStats{rows: len(rows), mass: make([]float64, s.width())}
	take := s.measureValues
	if s.classes > 0 {
		take = s.measureClasses
	}
	err := take(ctx, rows, &st)
	return st, err
}

// nodeStats sums up the rows of one node.
type nodeStats struct {
	rows   int
	weight float64
	mass   []float64 // see sample.width
	spread float64   // regression: Σ w (y − mean)²
	pure   bool      // one class or one value: nothing to tell apart
}

func (s *sample) measureClasses(ctx context.Context, rows []uint32, st *nodeStats) error {
	if s.weight == nil {
		count := make([]int64, s.classes)
		for i, r := range rows {
			if err := breathless(ctx, i); err != nil {
				return err
			}
			count[s.class[r]]++
		}
		for k, c := range count {
			st.mass[k] = float64(c)
		}
	} else {
		for i, r := range rows {
			if err := breathless(ctx, i); err != nil {
				return err
			}
			st.mass[s.class[r]] += s.weight[r]
		}
	}
	present := 0
	for _, m := range st.mass {
		st.weight += m
		if m > 0 {
			present++
		}
	}
	st.pure = present <= 1
	return nil
}

func (s *sample) measureValues(ctx context.Context, rows []uint32, st *nodeStats) error {
	lowest, highest := math.Inf(1), math.Inf(-1)
	var sum float64
	for i, r := range rows {
		if err := breathless(ctx, i); err != nil {
			return err
		}
		w, v := s.weightOf(r), s.value[r]
		st.weight += w
		sum += float64(w * v)
		lowest, highest = min(lowest, v), max(highest, v)
	}
	st.mass[0], st.mass[1] = st.weight, sum
	st.pure = lowest >= highest
	if st.pure {
		st.mass[1] = float64(st.weight * lowest) // a mean equal to the one value, as near as can be
		return nil
	}
	mean := sum / st.weight
	for i, r := range rows {
		if err := breathless(ctx, i); err != nil {
			return err
		}
		e := s.value[r] - mean
		st.spread += float64(s.weightOf(r) * float64(e*e))
	}
	return nil
}
