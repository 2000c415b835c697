package deviation_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/deviation"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &deviation.Step, Steps: "{deviation: {}}"})
}
