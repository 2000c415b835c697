package segments_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/segments"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	// Customers of the made-up retailer form no clear groups, and the step says so.
	stepcheck.Run(t, stepcheck.Check{Step: &segments.Step, Steps: "{segments: {}}", States: []mining.State{segments.WeakStructure}})
}
