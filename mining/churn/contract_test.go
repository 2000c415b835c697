package churn_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/churn"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &churn.Step, Steps: "{churn: {horizon_days: 60}}"})
}
