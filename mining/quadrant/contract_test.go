package quadrant_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/quadrant"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &quadrant.Step, Steps: "{quadrant: {}}"})
}
