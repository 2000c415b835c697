package featuretable_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/featuretable"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &featuretable.Step, Steps: "{features: {}}"})
}
