package cluster

import (
	"math"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/cluster/internal/kernel"
)

// scoreRows is how many rows Predict scores at once.
const scoreRows = batch * block

// farAway is the framed coordinate beyond which a row is scored in float64, for
// float32 scores would lose sight of the centres.
const (
	farAway = 0x1p30
	farBits = (127 + 30) << 23 // farAway as bits
	signBit = 1 << 31
)

// scorer is the working memory of one Predict.
type scorer struct {
	x      []float32
	list   []int32
	labels []int32
	far    []int32 // rows to score in float64, ascending and possibly repeated
}

func newScorer(d int) *scorer {
	s := &scorer{x: make([]float32, scoreRows*d), labels: make([]int32, scoreRows), list: make([]int32, batch)}
	for i := range s.list {
		s.list[i] = int32(i)
	}
	return s
}

// Predict returns the cluster of each row of x: the number of the nearest centre.
// See PredictTo.
func (m *KMeans) Predict(x models.Matrix) ([]int32, error) {
	n, _ := x.Dims()
	labels := make([]int32, n)
	if err := m.PredictTo(labels, x); err != nil {
		return nil, err
	}
	return labels, nil
}

// PredictTo sets dst[i] to the cluster of row i of x, in [0,K).
//
// Of centres at the same distance the first wins. Distances are compared in
// float32: where two differ by less than about 1e-5 of the larger (squared, and
// measured from the middle of the centres), either may win, but the same centre
// wins on every machine.
//
// Shape: dst has one entry per row; x has the columns the model was fitted on, in
// the same order, and is not modified.
//
// Errors: *models.ShapeError for a wrong number of entries or columns,
// *models.ValueError for a value that is not finite. The contents of dst are then
// unspecified.
//
// Cost: O(n·d·k), and no allocation once as many goroutines as now have called it.
func (m *KMeans) PredictTo(dst []int32, x models.Matrix) error {
	n, err := m.check(x)
	if err != nil {
		return err
	}
	if len(dst) != n {
		return &models.ShapeError{What: "dst", Got: len(dst), Want: n}
	}
	return m.predictRange(dst, x, 0)
}

// check returns the number of rows of x if it has the columns of the model.
func (m *KMeans) check(x models.Matrix) (rows int, err error) {
	if err := x.Validate(); err != nil {
		return 0, err
	}
	n, d := x.Dims()
	if d != m.d && n > 0 || d != 0 && d != m.d {
		return 0, &models.ShapeError{What: "columns of x", Got: d, Want: m.d}
	}
	return n, nil
}

// predictRange labels rows from on, as many as dst has entries.
func (m *KMeans) predictRange(dst []int32, x models.Matrix, from int) error {
	s := m.pool.Get().(*scorer)
	defer m.pool.Put(s)
	for len(dst) > 0 {
		n := min(len(dst), scoreRows)
		m.load(s, x, from, n)
		blocks := (n + block - 1) / block
		kernel.Assign(s.x, s.list[:blocks], m.d, m.tiles, s.labels)
		copy(dst[:n], s.labels)
		for _, l := range s.far {
			label, err := m.predictFar(x, from+int(l))
			if err != nil {
				return err
			}
			dst[l] = label
		}
		dst, from = dst[n:], from+n
	}
	return nil
}

// load frames n rows into s.x and notes in s.far the rows that are not finite
// or too far away.
func (m *KMeans) load(s *scorer, x models.Matrix, from, n int) {
	s.far = s.far[:0]
	const few = 8 // blocks at a time stay in the nearest cache, whatever their stride
	for start := 0; start < n; start += few * block {
		m.loadFew(s, x, from+start, start, min(few*block, n-start))
	}
}

// loadFew frames n rows from row from on, to the blocks from point start on.
func (m *KMeans) loadFew(s *scorer, x models.Matrix, from, start, n int) {
	whole := n / block * block
	for j, col := range x.Cols {
		dst, shift := s.x[start*m.d+j*block:], m.frame.shift[j]
		largest := kernel.Frame(col[from:from+whole], m.frame.scale, shift, dst, m.d)
		for i := whole; i < n; i++ {
			v := float32(col[from+i]*m.frame.scale) - shift
			dst[whole*m.d+i-whole] = v
			largest = max(largest, math.Float32bits(v)&^signBit)
		}
		if largest > farBits {
			for i := range n {
				s.noteFar(&dst[i/block*block*m.d+i%block], start+i)
			}
		}
	}
}

// noteFar takes a coordinate of point i out if it is too far away or not finite.
func (s *scorer) noteFar(v *float32, i int) {
	if math.Float32bits(*v)&^signBit > farBits {
		s.far = append(s.far, int32(i))
		*v = 0
	}
}

// predictFar scores row i in float64.
func (m *KMeans) predictFar(x models.Matrix, i int) (int32, error) {
	low, at := math.Inf(1), 0
	for c := range m.k {
		var s float64
		for j, col := range x.Cols {
			if v := col[i]; v-v != 0 {
				return 0, &models.ValueError{Row: i + 1, Column: j + 1, Name: x.Name(j), Got: float64(v), Want: "a finite number"}
			}
			t := float64(col[i]) - m.centres[c*m.d+j]
			s += float64(t * t)
		}
		if s < low {
			low, at = s, c
		}
	}
	return int32(at), nil
}

// DistancesTo sets dst[i·K+c] to the Euclidean distance of row i of x from centre
// c, in the units of the columns, in float64 throughout.
//
// Shape: dst has n·K entries. Errors: as PredictTo. Cost: O(n·d·K).
func (m *KMeans) DistancesTo(dst []float64, x models.Matrix) error {
	n, err := m.check(x)
	if err != nil {
		return err
	}
	if len(dst) != n*m.k {
		return &models.ShapeError{What: "dst", Got: len(dst), Want: n * m.k}
	}
	if err := x.CheckFinite(); err != nil {
		return err
	}
	clear(dst)
	for j, col := range x.Cols {
		for i, v := range col {
			row := dst[i*m.k:][:m.k]
			for c := range row {
				t := float64(v) - m.centres[c*m.d+j]
				row[c] += float64(t * t)
			}
		}
	}
	for i, v := range dst {
		dst[i] = math.Sqrt(v)
	}
	return nil
}

// Distances returns the n×K distances of DistancesTo, row by row.
func (m *KMeans) Distances(x models.Matrix) ([]float64, error) {
	n, _ := x.Dims()
	dst := make([]float64, n*m.k)
	if err := m.DistancesTo(dst, x); err != nil {
		return nil, err
	}
	return dst, nil
}
