package outlier

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"

	"github.com/quintile-dev/quintile/models"
)

// rows are the rows of the columns that vary, each column less its mean and over
// its standard deviation, row after row.
type rows struct {
	values  []float64 // n×d
	n, d    int
	columns []int     // their numbers in the matrix
	centres []float64 // of every column of the matrix; the value of a constant one
	scales  []float64
}

func standardise(ctx context.Context, x models.Matrix) (*rows, error) {
	n, all := x.Dims()
	r := &rows{n: n, centres: make([]float64, all), scales: make([]float64, all)}
	for j, col := range x.Cols {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		sum, squares := 0.0, 0.0
		for _, v := range col {
			sum += float64(v) - float64(col[0])
		}
		mean := sum / float64(n)
		for _, v := range col {
			e := float64(v) - float64(col[0]) - mean
			squares += float64(e * e)
		}
		r.centres[j] = float64(col[0]) + mean
		if squares > 0 {
			r.scales[j] = math.Sqrt(squares / float64(n))
			r.columns = append(r.columns, j)
		}
	}
	r.d = len(r.columns)
	r.values = make([]float64, n*r.d)
	for k, j := range r.columns {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i, v := range x.Cols[j] {
			r.values[i*r.d+k] = (float64(v) - r.centres[j]) / r.scales[j]
		}
	}
	return r, nil
}

// subset returns the numbered rows.
func (r *rows) subset(numbers []int) *rows {
	s := &rows{values: make([]float64, 0, len(numbers)*r.d), n: len(numbers), d: r.d}
	for _, i := range numbers {
		s.values = append(s.values, r.values[i*r.d:][:r.d]...)
	}
	return s
}

// ridge is added to the variances, which are about 1 before the core is known. A
// core on a line or plane keeps a covariance that can be inverted.
const ridge = 1e-9

// scatter is a centre and a covariance of some rows.
type scatter struct {
	centre      []float64
	covariance  []float64 // lower triangle, row by row
	factor      []float64 // its Cholesky factor
	determinant float64   // logarithm of the determinant
	exact       bool      // the rows lie on a line or plane
}

// measure returns the scatter of the chosen rows, of all where chosen is nil.
func (r *rows) measure(chosen []bool) scatter {
	d := r.d
	s := scatter{centre: make([]float64, d), covariance: make([]float64, d*(d+1)/2)}
	count := 0.0
	for i := range r.n {
		if chosen != nil && !chosen[i] {
			continue
		}
		count++
		for j, v := range r.values[i*d:][:d] {
			s.centre[j] += v
		}
	}
	for j := range s.centre {
		s.centre[j] /= count
	}
	e := make([]float64, d)
	for i := range r.n {
		if chosen != nil && !chosen[i] {
			continue
		}
		for j, v := range r.values[i*d:][:d] {
			e[j] = v - s.centre[j]
			row := s.covariance[j*(j+1)/2:][:j+1]
			for k := range row {
				row[k] += float64(e[j] * e[k])
			}
		}
	}
	for k := range s.covariance {
		s.covariance[k] /= count
	}
	s.invert()
	return s
}

// invert factors the covariance, with a ridge.
func (s *scatter) invert() {
	d := len(s.centre)
	for j := range d {
		s.covariance[j*(j+1)/2+j] += ridge
	}
	s.factor = slices.Clone(s.covariance)
	s.exact = !cholesky(s.factor, d)
	s.determinant = 0
	for j := range d {
		pivot := s.factor[j*(j+1)/2+j]
		s.exact = s.exact || pivot*pivot < 100*ridge
		s.determinant += float64(2 * math.Log(pivot))
	}
}

// scale multiplies the covariance.
func (s *scatter) scale(by float64) {
	for k := range s.covariance {
		s.covariance[k] *= by
	}
}

// distancesTo sets the squared distance of every row.
func (r *rows) distancesTo(ctx context.Context, dst []float64, s scatter) error {
	z := make([]float64, r.d)
	for i := range dst {
		if i%lookEvery == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		for j, v := range r.values[i*r.d:][:r.d] {
			z[j] = v - s.centre[j]
		}
		dst[i] = squaredNorm(s.factor, z)
	}
	return nil
}

// cholesky turns a symmetric matrix, a lower triangle row by row, into its factor
// in place. A pivot that rounding has made 0 or less becomes tiny, and false is
// returned.
func cholesky(a []float64, d int) bool {
	sound := true
	for j := range d {
		rj := a[j*(j+1)/2:][:j+1]
		whole := rj[j]
		for c := range j {
			rc := a[c*(c+1)/2:][:c+1]
			sum := rj[c]
			for i, v := range rc[:c] {
				sum -= float64(rj[i] * v)
			}
			rj[c] = sum / rc[c]
			rj[j] -= float64(rj[c] * rj[c])
		}
		if !(rj[j] > 1e-14*whole) {
			sound, rj[j] = false, math.Max(1e-14*whole, math.SmallestNonzeroFloat64)
		}
		rj[j] = math.Sqrt(rj[j])
	}
	return sound
}

// squaredNorm returns zᵀ·A⁻¹·z for the Cholesky factor of A. z is overwritten.
func squaredNorm(factor, z []float64) float64 {
	sum, at := 0.0, 0
	for j := range z {
		v := z[j]
		for i, w := range factor[at:][:j] {
			v -= float64(w * z[i])
		}
		v /= factor[at+j]
		z[j] = v
		sum += float64(v * v)
		at += j + 1
	}
	return sum
}

// consistency returns the factor that makes the covariance of the innermost share
// of normal rows the covariance of all: α/F_{d+2}(χ²_{d,α}).
func consistency(d int, share float64) float64 {
	if share >= 1 {
		return 1
	}
	return share / mathext.GammaIncReg(float64(d)/2+1, chiQuantile(d, share)/2)
}

// chiQuantile returns the quantile of χ² with d degrees of freedom.
func chiQuantile(d int, share float64) float64 {
	return 2 * mathext.GammaIncRegInv(float64(d)/2, share)
}
