package rfm_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/rfm"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &rfm.Step, Steps: "{rfm: {}}"})
}
