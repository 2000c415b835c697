package forecast_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/forecast"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &forecast.Step, Steps: "{forecast: {by: [total, category, product], top: 6, origins: 3}}"})
}
