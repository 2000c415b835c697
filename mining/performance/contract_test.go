package performance_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/performance"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &performance.Step, Steps: "{performance: {by: [product, region, channel, weekday, [region, category]], period: week, top: 3}}"})
}
