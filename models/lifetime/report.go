package lifetime

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// State says what a fit came to.
type State string

const (
	// OK is a fit with all parameters.
	OK State = "ok"
	// NoDropout is a fit of customers who do not stop: the likelihood is
	// highest, or no lower, without drop-out. The model is the NBD of r and
	// α, every customer is active, and the other two parameters do not exist.
	NoDropout State = "no_dropout"
	// NotConverged is a fit whose search ended before a maximum.
	NotConverged State = "not_converged"
)

// Parameter is one learned number with its uncertainty.
type Parameter struct {
	Name     string  // "r", "alpha", "a", "b", "s", "beta", "p", "q" or "gamma"
	Value    float64 // > 0; NaN where the data do not identify it
	StdError float64 // ≥ 0; NaN where the information is singular
	// Low and High bound the interval of 95 %; NaN where there is none, and
	// Low 0 or High +Inf where the profile likelihood has no bound.
	Low, High float64
	Profile   bool // the interval is that of the profile likelihood
}

// Report says how a fit went.
type Report struct {
	State         State
	Converged     bool
	Iterations    int     // Newton steps from the best start, all rows
	Rows          int     // with a weight > 0
	Distinct      int     // different rows among them
	Weight        float64 // their sum
	LogLikelihood float64 // natural logarithm, weighted, without constants left out
	Parameters    []Parameter
	// Warnings are "not_converged", "no_dropout", "homogeneous" (the
	// customers do not differ in a rate, whose two parameters grow without
	// bound; no standard errors) and, of a Spend, "infinite_mean" (q ≤ 1).
	Warnings []models.Warning
}

// missing returns a parameter that the data do not identify.
func missing(name string) Parameter {
	nan := math.NaN()
	return Parameter{Name: name, Value: nan, StdError: nan, Low: nan, High: nan}
}
