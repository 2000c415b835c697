package loyalty_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/loyalty"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &loyalty.Step, Steps: "{loyalty: {}}"})
}

func TestStepKeepsTheContractByWeekToo(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &loyalty.Step, Steps: "{loyalty: {cohort: week}}"})
}
