// Package outlier finds rows that depart from the rest: [Forest] (isolation
// forest) and [MCD] (minimum covariance determinant) look at all columns together,
// [RobustZ] at each column alone.
//
// The three answer different questions. A forest finds odd combinations of any
// shape and gives one score without a reason. The covariance finds rows that break
// the way in which a few columns vary together, and gives a distance in standard
// deviations. Robust z finds extreme values in a column, and names the column. No
// method needs labels, and no method knows whether a departure is bad.
package outlier

import "github.com/quintile-dev/quintile/models"

// Report says how a fit went.
type Report struct {
	Converged  bool             // always true: no method is stopped before its end
	Iterations int              // trees grown, columns measured, or concentration steps over all rows, at most
	Rows       int              // that were learned from
	Warnings   []models.Warning // "constant_column", "few_rows", "mad_zero", "empty_column", "exact_fit"
}
