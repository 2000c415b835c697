package profit_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/profit"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &profit.Step, Steps: "{profit: {}}"})
}

func TestStepWithoutCostsKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &profit.Step, Steps: "{profit: {margin: 20%, cost_per_order: 3, cost_per_return: 5, money: gross}}"})
}
