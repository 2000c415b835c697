// Package outlier finds rows that depart from the rest: [Forest] (isolation
// forest) looks at all columns together, [RobustZ] at each column alone.
//
// They answer different questions. A forest finds odd combinations and gives
// one score without a reason; robust z finds values that are extreme in a
// column and says which. Neither needs labels, and neither knows whether a
// departure is bad.
package outlier

import "github.com/quintile-dev/quintile/models"

// Report says how a fit went.
type Report struct {
	Converged  bool             // always true: neither method iterates towards a limit
	Iterations int              // trees grown, or columns measured
	Rows       int              // that were learned from
	Warnings   []models.Warning // "constant_column", "few_rows", "mad_zero", "empty_column"
}
