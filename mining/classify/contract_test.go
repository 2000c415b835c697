package classify_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/classify"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &classify.Step, Steps: "{rfm: {}, classify: {target: rfm_segment}}"})
}
