package lifecycle_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/lifecycle"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &lifecycle.Step, Steps: "{lifecycle: {}}"})
}
