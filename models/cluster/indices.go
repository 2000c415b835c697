package cluster

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// scatter sums up a partition: what Davies–Bouldin and Calinski–Harabasz need.
type scatter struct {
	k, d    int
	n       int
	sizes   []int
	centres []float64 // k×d means
	within  []float64 // Σ of squared distances of each cluster
	radius  []float64 // mean distance to the centre of each
	mean    []float64 // of all rows
}

// scatterOf reads x once for the means and once for the distances.
func scatterOf(x models.Matrix, labels []int32, k int) (*scatter, error) {
	if err := checkLabels(x, labels, k); err != nil {
		return nil, err
	}
	n, d := x.Dims()
	s := &scatter{
		k: k, d: d, n: n, sizes: make([]int, k), centres: make([]float64, k*d),
		within: make([]float64, k), radius: make([]float64, k), mean: make([]float64, d),
	}
	for _, l := range labels {
		s.sizes[l]++
	}
	for j, col := range x.Cols {
		for i, v := range col {
			s.centres[int(labels[i])*d+j] += float64(v)
		}
		for c := range k {
			s.mean[j] += s.centres[c*d+j] / float64(n)
			s.centres[c*d+j] /= max(1, float64(s.sizes[c]))
		}
	}
	const rows = 4096 // summed apart, so that rounding stays small
	square := make([]float64, rows)
	for from := 0; from < n; from += rows {
		m := min(rows, n-from)
		clear(square)
		for j, col := range x.Cols {
			for i, v := range col[from : from+m] {
				t := float64(v) - s.centres[int(labels[from+i])*d+j]
				square[i] += float64(t * t)
			}
		}
		within, radius := make([]float64, k), make([]float64, k)
		for i, v := range square[:m] {
			within[labels[from+i]] += v
			radius[labels[from+i]] += math.Sqrt(v)
		}
		for c := range k {
			s.within[c] += within[c]
			s.radius[c] += radius[c]
		}
	}
	for c := range k {
		s.radius[c] /= max(1, float64(s.sizes[c]))
	}
	return s, nil
}

// checkLabels checks the shape of labels, the range [0,k) of each label, and x
// for values that are not finite.
func checkLabels(x models.Matrix, labels []int32, k int) error {
	if err := x.Validate(); err != nil {
		return err
	}
	n, _ := x.Dims()
	if len(labels) != n {
		return &models.ShapeError{What: "labels", Got: len(labels), Want: n}
	}
	for i, l := range labels {
		if l < 0 || int(l) >= k {
			return &models.ValueError{Row: i + 1, Name: "labels", Got: float64(l), Want: "a label in [0,k)"}
		}
	}
	return x.CheckFinite()
}

// DaviesBouldin returns the mean, over the clusters, of the similarity to the
// most similar cluster; lower is better:
//
//	DB = mean over i of max over j ≠ i of (Sᵢ + Sⱼ) / ‖cᵢ − cⱼ‖
//
// where S is the mean distance of the rows of a cluster to its mean c [1].
//
// Shape: x is n×d, labels has n entries in [0,k). Missing: NaN where fewer than
// two clusters have rows; clusters without rows are passed over; +Inf where two
// means coincide. Errors: *models.ShapeError, *models.ValueError.
// Cost: O(n·d + k²·d).
//
// [1] D. L. Davies and D. W. Bouldin, "A Cluster Separation Measure", IEEE TPAMI
// 1(2), 1979, pp. 224–227, doi:10.1109/TPAMI.1979.4766909.
func DaviesBouldin(x models.Matrix, labels []int32, k int) (float64, error) {
	s, err := scatterOf(x, labels, k)
	if err != nil {
		return math.NaN(), err
	}
	return s.daviesBouldin(), nil
}

func (s *scatter) daviesBouldin() float64 {
	var total float64
	used := 0
	for i := range s.k {
		if s.sizes[i] == 0 {
			continue
		}
		used++
		worst := 0.0
		for j := range s.k {
			if j == i || s.sizes[j] == 0 {
				continue
			}
			var d2 float64
			for c := range s.d {
				t := s.centres[i*s.d+c] - s.centres[j*s.d+c]
				d2 += float64(t * t)
			}
			if d2 == 0 {
				worst = math.Inf(1)
				continue
			}
			worst = max(worst, (s.radius[i]+s.radius[j])/math.Sqrt(d2))
		}
		total += worst
	}
	if used < 2 {
		return math.NaN()
	}
	return total / float64(used)
}

// CalinskiHarabasz returns the ratio of the spread between the clusters to the
// spread within the clusters; higher is better:
//
//	CH = (SSB / (k−1)) / (SSW / (n−k))
//
// where k counts the clusters that have rows [1].
//
// Shape and errors as DaviesBouldin. Missing: NaN where k < 2 or n ≤ k; +Inf
// where every row lies on its mean. Cost: O(n·d).
//
// [1] T. Caliński and J. Harabasz, "A dendrite method for cluster analysis",
// Communications in Statistics 3(1), 1974, pp. 1–27, doi:10.1080/03610927408827101.
func CalinskiHarabasz(x models.Matrix, labels []int32, k int) (float64, error) {
	s, err := scatterOf(x, labels, k)
	if err != nil {
		return math.NaN(), err
	}
	return s.calinskiHarabasz(), nil
}

func (s *scatter) calinskiHarabasz() float64 {
	var between, within float64
	used := 0
	for c := range s.k {
		if s.sizes[c] == 0 {
			continue
		}
		used++
		within += s.within[c]
		var d2 float64
		for j := range s.d {
			t := s.centres[c*s.d+j] - s.mean[j]
			d2 += float64(t * t)
		}
		between += float64(float64(s.sizes[c]) * d2)
	}
	if used < 2 || s.n <= used {
		return math.NaN()
	}
	return between / float64(used-1) / (within / float64(s.n-used))
}
