package segments_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining/segments"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &segments.Step, Steps: "{segments: {}}"})
}
