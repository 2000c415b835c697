package cluster

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// Match pairs the clusters of two partitions of the same rows: the one-to-one
// pairing with the most rows in agreement. For each of the kb clusters of b, the
// result holds the partner among the ka clusters of a, or −1 where a has fewer
// clusters.
//
// Match gives "segment 3" the same meaning in this month's run as in the last.
// Among equally good pairings, the same pairing is always chosen.
//
// Shape: a and b have one label per row, in [0,ka) and [0,kb); a negative label
// means "not in the partition" and is passed over.
//
// Errors: *models.ShapeError where the lengths differ, *models.ValueError for a
// label that is too large.
//
// Cost: O(n + m³) for m = max(ka, kb), by the Hungarian method [1].
//
// [1] H. W. Kuhn, "The Hungarian Method for the Assignment Problem", Naval
// Research Logistics Quarterly 2, 1955, pp. 83–97, doi:10.1002/nav.3800020109.
func Match(a, b []int32, ka, kb int) ([]int, error) {
	table, err := overlap(a, b, ka, kb)
	if err != nil {
		return nil, err
	}
	cost := make([][]float64, kb)
	for j := range cost {
		cost[j] = make([]float64, ka)
		for i := range cost[j] {
			cost[j][i] = -float64(table[i*kb+j])
		}
	}
	return Assign(cost), nil
}

// MatchCentres pairs the clusters of two models by the distance of their centres:
// for each cluster of next, the cluster of prev to continue, or −1. The sum of
// the squared distances is least.
//
// Errors: *models.ShapeError where the models have different columns.
func MatchCentres(prev, next *KMeans) ([]int, error) {
	if prev.d != next.d {
		return nil, &models.ShapeError{What: "columns of next", Got: next.d, Want: prev.d}
	}
	cost := make([][]float64, next.k)
	for j := range cost {
		cost[j] = make([]float64, prev.k)
		for i := range cost[j] {
			for c := range prev.d {
				t := next.centres[j*next.d+c] - prev.centres[i*prev.d+c]
				cost[j][i] += float64(t * t)
			}
		}
	}
	return Assign(cost), nil
}

// overlap counts the rows of each pair of clusters, ka×kb.
func overlap(a, b []int32, ka, kb int) ([]int, error) {
	if len(a) != len(b) {
		return nil, &models.ShapeError{What: "labels", Got: len(b), Want: len(a)}
	}
	table := make([]int, ka*kb)
	for r := range a {
		i, j := a[r], b[r]
		if int(i) >= ka || int(j) >= kb {
			return nil, &models.ValueError{Row: r + 1, Name: "labels", Got: float64(max(i, j)), Want: "a label below the number of clusters"}
		}
		if i >= 0 && j >= 0 {
			table[int(i)*kb+int(j)]++
		}
	}
	return table, nil
}

// Assign returns, for each row of cost, the assigned column, with no column used
// twice and the least sum of costs; −1 for surplus rows. Costs are finite and
// the rows equally long.
//
// Cost: O(m³) for m = max(rows, columns), by shortest augmenting paths.
func Assign(cost [][]float64) []int {
	rows := len(cost)
	if rows == 0 {
		return nil
	}
	cols := len(cost[0])
	m := max(rows, cols)
	at := func(i, j int) float64 { // square, the rest costs nothing
		if i < rows && j < cols {
			return cost[i][j]
		}
		return 0
	}
	s := newMatching(m)
	for i := range m {
		s.augment(i, at)
	}
	result := make([]int, rows)
	for j, i := range s.rowOf[:m] {
		if i < rows {
			result[i] = j
			if j >= cols {
				result[i] = -1
			}
		}
	}
	return result
}

// matching is a partial assignment, with the potentials to prove it optimal.
// Column m represents the row to be added.
type matching struct {
	m        int
	rowPrice []float64
	colPrice []float64
	rowOf    []int // of each column, −1 if free
}

func newMatching(m int) *matching {
	s := &matching{m: m, rowPrice: make([]float64, m), colPrice: make([]float64, m+1), rowOf: make([]int, m+1)}
	for j := range s.rowOf {
		s.rowOf[j] = -1
	}
	return s
}

// augment adds row i along a cheapest path of reassignments.
func (s *matching) augment(i int, cost func(i, j int) float64) {
	slack, from, done := make([]float64, s.m), make([]int, s.m), make([]bool, s.m+1)
	for j := range slack {
		slack[j] = math.Inf(1)
	}
	s.rowOf[s.m] = i
	at := s.m
	for s.rowOf[at] >= 0 {
		done[at] = true
		row, low, next := s.rowOf[at], math.Inf(1), -1
		for j := range s.m {
			if done[j] {
				continue
			}
			if c := cost(row, j) - s.rowPrice[row] - s.colPrice[j]; c < slack[j] {
				slack[j], from[j] = c, at
			}
			if slack[j] < low {
				low, next = slack[j], j
			}
		}
		for j, d := range done {
			if d {
				s.rowPrice[s.rowOf[j]] += low
				s.colPrice[j] -= low
			} else if j < s.m {
				slack[j] -= low
			}
		}
		at = next
	}
	for at != s.m {
		s.rowOf[at] = s.rowOf[from[at]]
		at = from[at]
	}
	s.rowOf[s.m] = -1
}
