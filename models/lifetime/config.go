package lifetime

import (
	"errors"
	"math"
	"runtime"

	"github.com/quintile-dev/quintile/models"
)

// Kind says which model counts the purchases. In all three a customer buys at
// random with a rate λ of its own, drawn from Gamma(r, rate α), while active.
type Kind int

const (
	// BGNBD ends a customer after any repeat purchase with a probability of
	// its own, drawn from Beta(a, b). A customer without a repeat purchase
	// is active for certain.
	BGNBD Kind = iota
	// MBGNBD is BGNBD where the first purchase may be the last one too.
	MBGNBD
	// ParetoNBD ends a customer at any time, with a rate of its own, drawn
	// from Gamma(s, rate β).
	ParetoNBD
)

// String names the kind as the JSON of a model does.
func (k Kind) String() string {
	switch k {
	case BGNBD:
		return "bg_nbd"
	case MBGNBD:
		return "mbg_nbd"
	case ParetoNBD:
		return "pareto_nbd"
	}
	return "unknown"
}

// names returns the names of the kind's parameters, in their order.
func (k Kind) names() []string {
	if k == ParetoNBD {
		return []string{"r", "alpha", "s", "beta"}
	}
	return []string{"r", "alpha", "a", "b"}
}

// Config holds the settings of a fit. Start from [Default]; every field counts
// as it stands.
type Config struct {
	Kind Kind

	// MaxIter bounds the Newton steps from one start, ≥ 1.
	MaxIter int
	// Tolerance ends the fit once a Newton step promises to raise the
	// log-likelihood by less, > 0.
	Tolerance float64
	// ProfileRows is the most distinct rows for which the intervals of the
	// parameters are those of the profile likelihood; beyond, they follow
	// from the standard errors. 0 never computes profiles.
	ProfileRows int
	// Workers share the rows, ≥ 1. It never changes a result.
	Workers int
}

// Default returns a config of the kind with at most 200 steps, tolerance 1e-10
// and profile intervals for up to 2,000 distinct rows.
func Default(kind Kind) Config {
	return Config{Kind: kind, MaxIter: 200, Tolerance: 1e-10, ProfileRows: 2000, Workers: runtime.GOMAXPROCS(0)}
}

// Validate returns every fault of c, joined, each a *models.ConfigError.
func (c Config) Validate() error {
	var faults []error
	if c.Kind < BGNBD || c.Kind > ParetoNBD {
		faults = append(faults, &models.ConfigError{Field: "kind", Got: int(c.Kind), Want: "BGNBD, MBGNBD or ParetoNBD"})
	}
	if c.ProfileRows < 0 {
		faults = append(faults, &models.ConfigError{Field: "profile_rows", Got: c.ProfileRows, Want: "an integer ≥ 0"})
	}
	return errors.Join(append(faults, validateSearch(c.MaxIter, c.Tolerance, c.Workers))...)
}

// validateSearch returns the faults of the settings that every fit has.
func validateSearch(maxIter int, tolerance float64, workers int) error {
	var faults []error
	wrong := func(bad bool, field string, got any, want string) {
		if bad {
			faults = append(faults, &models.ConfigError{Field: field, Got: got, Want: want})
		}
	}
	wrong(maxIter < 1, "max_iter", maxIter, "an integer ≥ 1")
	wrong(!(tolerance > 0) || math.IsInf(tolerance, 1), "tolerance", tolerance, "a finite number > 0")
	wrong(workers < 1, "workers", workers, "an integer ≥ 1")
	return errors.Join(faults...)
}
