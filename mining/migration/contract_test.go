package migration_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/migration"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

// The retailer's two years begin in July 2023: half a year later there is something to compare with.
func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &migration.Step,
		Steps: "{rfm: {}, segments: {k: 3}, profit: {}, portfolio: {}, lifecycle: {}, loyalty: {}, migration: {against: 2024-01-03}}"})
}
