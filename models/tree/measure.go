package tree

import "math"

// measure adds up the rows of a node, in their order.
func (s *sample) measure(rows []uint32) nodeStats {
	st := nodeStats{rows: len(rows), mass: make([]float64, s.width())}
	if s.classes > 0 {
		s.measureClasses(rows, &st)
	} else {
		s.measureValues(rows, &st)
	}
	return st
}

// nodeStats sums up the rows of one node.
type nodeStats struct {
	rows   int
	weight float64
	mass   []float64 // see sample.width
	spread float64   // regression: Σ w (y − mean)²
	pure   bool      // one class or one value: nothing to tell apart
}

func (s *sample) measureClasses(rows []uint32, st *nodeStats) {
	if s.weight == nil {
		count := make([]int64, s.classes)
		for _, r := range rows {
			count[s.class[r]]++
		}
		for k, c := range count {
			st.mass[k] = float64(c)
		}
	} else {
		for _, r := range rows {
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
}

func (s *sample) measureValues(rows []uint32, st *nodeStats) {
	lowest, highest := math.Inf(1), math.Inf(-1)
	var sum float64
	for _, r := range rows {
		w, v := s.weightOf(r), s.value[r]
		st.weight += w
		sum += float64(w * v)
		lowest, highest = min(lowest, v), max(highest, v)
	}
	st.mass[0], st.mass[1] = st.weight, sum
	st.pure = lowest >= highest
	if st.pure {
		st.mass[1] = float64(st.weight * lowest) // a mean equal to the one value, as near as can be
		return
	}
	mean := sum / st.weight
	for _, r := range rows {
		e := s.value[r] - mean
		st.spread += float64(s.weightOf(r) * float64(e*e))
	}
}
