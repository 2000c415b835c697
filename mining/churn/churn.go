// Package churn says who is leaving and why.
//
// A customer has churned if the customer buys nothing in the days after a
// cutoff, the horizon. Models learn to recognise leaving customers from the
// features of customers at several past cutoffs and their behaviour in the
// horizon after each. The best model on the newest, unseen cutoff gives every
// customer a calibrated probability and the reasons.
//
// Start from [Default], call [Config.Fit], and score with [Model.ScoreTo].
package churn

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/models"
)

// The competing models. Where both of Config.Models compete, the average competes
// too.
const (
	Logistic = "logistic" // logistic regression on transformed features
	Boost    = "boost"    // gradient boosted trees
	Average  = "average"  // the mean of the log-odds of both
)

// Config says how churn is learned. Every field is used as it is, so start from
// [Default].
type Config struct {
	// HorizonDays are the days after a cutoff, ≥ 1, without a purchase in which
	// a customer has churned.
	HorizonDays int
	// Models are the competing models, each once: Logistic, Boost.
	Models []string
	// Reasons is the most reasons given for a customer, ≥ 0.
	Reasons int
	// Seed of every sample.
	Seed uint64
	// Workers is the number of goroutines, ≥ 1. It never changes a result.
	Workers int
}

// Default returns a horizon of 90 days, both models, three reasons.
func Default() Config {
	return Config{HorizonDays: 90, Models: []string{Logistic, Boost}, Reasons: 3, Seed: 1, Workers: runtime.GOMAXPROCS(0)}
}

// Validate returns every fault of c, joined, each a *models.ConfigError; or nil.
func (c Config) Validate() error {
	var faults []error
	check := func(ok bool, field string, got any, want string) {
		if !ok {
			faults = append(faults, &models.ConfigError{Field: field, Got: got, Want: want})
		}
	}
	check(c.HorizonDays >= 1, "horizon_days", c.HorizonDays, "an integer ≥ 1")
	check(len(c.Models) > 0, "models", "none", "logistic, boost or both")
	for i, name := range c.Models {
		field := fmt.Sprintf("models[%d]", i)
		check(name == Logistic || name == Boost, field, name, "logistic or boost")
		check(slices.Index(c.Models, name) == i, field, name, "each model once")
	}
	check(c.Reasons >= 0, "reasons", c.Reasons, "an integer ≥ 0")
	check(c.Workers >= 1, "workers", c.Workers, "an integer ≥ 1")
	return errors.Join(faults...)
}

// Cohort holds the features of customers on one past day, and their behaviour
// in the horizon after the day.
type Cohort struct {
	// Cutoff is the last day that the features know of.
	Cutoff datasets.Day
	// Since is the first day of the history. The zero value, 1970-01-01, gives
	// every later cutoff a long history.
	Since datasets.Day
	// X holds the features, named, one row for each customer who had bought by
	// the cutoff, in the order of ids. X may be a sample. NaN is missing.
	X models.Matrix
	// Churned says of each row whether no purchase fell on the days
	// Cutoff+1 to Cutoff+HorizonDays.
	Churned []bool
	// Customers and ChurnedAll count all customers, whatever the sample.
	Customers, ChurnedAll int64
}

// State says whether the findings can be used.
type State string

// The states of the findings.
const (
	OK           State = "ok"
	Insufficient State = "insufficient_data"
	NotConverged State = "not_converged" // the champion was still improving when its fit ended
	// NoSignal says that higher scores of the champion did not mean more customers
	// who left. Every customer gets the base rate and no reasons.
	NoSignal State = "no_signal"
)
