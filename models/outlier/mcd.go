package outlier

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"

	"gonum.org/v1/gonum/mathext"

	"github.com/quintile-dev/quintile/models"
)

// MCDConfig holds the settings of the minimum covariance determinant. Start from
// [DefaultMCD].
type MCDConfig struct {
	Support float64 // share of the rows that the core holds, from 0.5, the most robust, to 1, the plain covariance
	Seed    uint64  // of the subsets that the search starts from
	Workers int     // ≥ 1; never changes a result
}

// DefaultMCD returns the most robust support: (n+d+1)/2 of n rows of d columns.
func DefaultMCD() MCDConfig {
	return MCDConfig{Support: 0.5, Seed: 1, Workers: runtime.GOMAXPROCS(0)}
}

// Validate returns every fault of c, joined, each a *models.ConfigError.
func (c MCDConfig) Validate() error {
	var faults []error
	if !(c.Support >= 0.5 && c.Support <= 1) {
		faults = append(faults, &models.ConfigError{Field: "support", Got: c.Support, Want: "a number from 0.5 to 1"})
	}
	if c.Workers < 1 {
		faults = append(faults, &models.ConfigError{Field: "workers", Got: c.Workers, Want: "an integer ≥ 1"})
	}
	return errors.Join(faults...)
}

// mostColumns keeps the work per row, which grows with the square, in bounds.
const mostColumns = 256

// MCD is a fitted centre and covariance that outliers did not shape. A MCD is
// immutable and safe for concurrent use; only [MCDConfig.Fit] and reading its JSON
// make one.
type MCD struct {
	names      []string
	location   []float64
	covariance []float64 // d×d, row by row; rows and columns of constant columns are 0
	active     []int     // columns that vary
	factor     []float64 // Cholesky factor of the active part
}

// Fit finds the h rows whose covariance has the least determinant, the core, and
// from them a centre and a covariance that up to n − h rows cannot spoil [1]:
//
//	h = max(⌈(n+d+1)/2⌉, ⌊Support·n⌋), at most n
//
// The covariance of the core is made consistent for normal rows; the centre and
// the covariance are then taken anew from all rows whose squared distance is below
// the 97.5 % quantile of χ² with d degrees of freedom, and made consistent again:
// the factor for a share α is α/F_{d+2}(χ²_{d,α}), F being the distribution
// function of χ².
//
// The search is FastMCD [2]: from random subsets of d + 1 rows, two concentration
// steps each, the best ten go on. A concentration step takes the h nearest rows by
// the present covariance, which never raises the determinant. Above 500 rows, the
// first steps use subsets of about 300 rows, at most five subsets with 1,500 rows in
// all, then the subsets together, and only the best ten reach all rows. A single
// column is solved exactly.
//
// Shape: x is n×d, n, d ≥ 1, d at most 256; d should be small, and n at least 5·d,
// or the warning "few_rows" is given. x is not modified.
//
// Units: any; the distance does not change if columns are rescaled or combined.
// Skewed columns such as money need logarithms first: the model is of normal rows.
//
// Missing: a NaN or ±Inf is an error. A constant column has no effect, with the
// warning "constant_column". Where half of the rows lie on a line or plane, rows off
// it are at a huge but finite distance, with the warning "exact_fit".
//
// Determinism: the result depends on c (but for Workers) and x. The order of the
// rows matters, because subsets are drawn by row number.
//
// Errors: *models.ConfigError, *models.ValueError; an error without rows or
// columns; ctx.Err() if cancelled.
//
// Cost: some 20 to 60 passes over x of O(n·d²) each, beyond 500 small fits; 8·n·d
// bytes and 16·n per worker.
//
// [1] P. J. Rousseeuw, "Least Median of Squares Regression", J. Am. Stat. Assoc. 79,
// 1984, pp. 871–880. Consistency: C. Croux, G. Haesbroeck, J. Multivariate Analysis
// 71(2), 1999, pp. 161–190.
//
// [2] P. J. Rousseeuw, K. Van Driessen, "A Fast Algorithm for the Minimum Covariance
// Determinant Estimator", Technometrics 41(3), 1999, pp. 212–223.
func (c MCDConfig) Fit(ctx context.Context, x models.Matrix) (*MCD, Report, error) {
	if err := errors.Join(c.Validate(), x.Validate()); err != nil {
		return nil, Report{}, err
	}
	n, d := x.Dims()
	if n == 0 || d == 0 || d > mostColumns {
		return nil, Report{}, fmt.Errorf("outlier: got %d rows and %d columns, want at least one of each and at most %d columns", n, d, mostColumns)
	}
	if err := ctx.Err(); err != nil {
		return nil, Report{}, err
	}
	if err := x.CheckFinite(); err != nil {
		return nil, Report{}, err
	}
	m := &MCD{location: make([]float64, d), covariance: make([]float64, d*d)}
	for j := range d {
		m.names = append(m.names, x.Name(j))
	}
	r := Report{Converged: true, Rows: n, Warnings: constantColumns(x)}
	scaled, err := standardise(ctx, x)
	if err != nil {
		return nil, Report{}, err
	}
	core := scatter{}
	if len(scaled.columns) > 0 {
		s := search{rows: scaled, seed: c.Seed, workers: c.Workers}
		s.h = min(max((n+scaled.d+2)/2, int(c.Support*float64(n))), n)
		if core, err = s.reweighted(ctx); err != nil {
			return nil, Report{}, err
		}
		r.Iterations = s.steps
		if core.exact {
			r.Warnings = append(r.Warnings, models.Warning{Code: "exact_fit", Count: 1,
				Message: fmt.Sprintf("at least half of the %d rows lie on a line or plane of the %d columns that vary: rows off it are far without measure", n, scaled.d)})
		}
	}
	if n < 5*d {
		r.Warnings = append(r.Warnings, models.Warning{Code: "few_rows", Count: 1,
			Message: fmt.Sprintf("got %d rows of %d columns, want at least five rows for each column: their covariance is badly known", n, d)})
	}
	m.unscale(scaled, core)
	return m, r, m.prepare()
}

// unscale fills the centre and the covariance in the units of the columns.
func (m *MCD) unscale(r *rows, core scatter) {
	d := len(m.location)
	copy(m.location, r.centres)
	for i, a := range r.columns {
		m.location[a] = r.centres[a] + float64(core.centre[i]*r.scales[a])
		for j, b := range r.columns {
			low, high := min(i, j), max(i, j)
			m.covariance[a*d+b] = core.covariance[high*(high+1)/2+low] * (r.scales[a] * r.scales[b])
		}
	}
}

// prepare factors the covariance of the columns that vary.
func (m *MCD) prepare() error {
	d := len(m.location)
	m.active = nil
	for j := range d {
		if m.covariance[j*d+j] > 0 {
			m.active = append(m.active, j)
		}
	}
	k := len(m.active)
	m.factor = make([]float64, k*(k+1)/2)
	for i, a := range m.active {
		for j, b := range m.active[:i+1] {
			m.factor[i*(i+1)/2+j] = m.covariance[a*d+b]
		}
	}
	if !cholesky(m.factor, k) {
		return errors.New("outlier: the covariance is not positive definite; leave out columns that others add up to")
	}
	return nil
}

// Location returns the centre, one value per column.
func (m *MCD) Location() []float64 { return append([]float64(nil), m.location...) }

// Covariance returns the covariance, d×d, row by row. Rows and columns of constant
// columns are 0.
func (m *MCD) Covariance() []float64 { return append([]float64(nil), m.covariance...) }

// ScoreTo sets dst[i] to the robust Mahalanobis distance of row i, ≥ 0: standard
// deviations from the centre, given how the columns vary together.
//
//	D² = (x − centre)ᵀ · covariance⁻¹ · (x − centre)
//
// Shape: x has the learned columns, in the same order; dst one entry per row. x is
// not modified. To share the rows among workers, slice both.
//
// Errors: *models.ShapeError; *models.ValueError for the first NaN or ±Inf. dst is
// then unspecified.
//
// Cost: O(n·d²) time, no allocation up to 32 columns.
func (m *MCD) ScoreTo(dst []float64, x models.Matrix) error {
	if err := x.Validate(); err != nil {
		return err
	}
	n, d := x.Dims()
	if d != len(m.names) {
		return &models.ShapeError{What: "columns", Got: d, Want: len(m.names)}
	}
	if len(dst) != n {
		return &models.ShapeError{What: "dst", Got: len(dst), Want: n}
	}
	if err := x.CheckFinite(); err != nil {
		return err
	}
	var room [32]float64
	z := room[:0]
	if len(m.active) > len(room) {
		z = make([]float64, 0, len(m.active))
	}
	for i := range dst {
		z = z[:len(m.active)]
		for k, j := range m.active {
			z[k] = float64(x.Cols[j][i]) - m.location[j]
		}
		dst[i] = math.Sqrt(squaredNorm(m.factor, z))
	}
	return nil
}

// PValue returns the share of normal rows that are at least so far from the centre,
// in [0,1]: the upper tail of χ² with as many degrees of freedom as columns vary.
// Real rows have heavier tails; a share of many p-values is better judged by
// [models.BenjaminiHochberg] and by how many rows are flagged.
func (m *MCD) PValue(distance float64) float64 {
	if len(m.active) == 0 || !(distance > 0) {
		return 1
	}
	if math.IsInf(distance, 1) {
		return 0
	}
	return mathext.GammaIncRegComp(float64(len(m.active))/2, distance*distance/2)
}
