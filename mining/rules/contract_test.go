package rules_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/rules"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &rules.Step, Steps: "{rules: {min_support: 0.005, min_confidence: 0.2}}"})
}
