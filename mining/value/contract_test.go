package value_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/stepcheck"
	"github.com/quintile-dev/quintile/mining/value"
)

func TestStepKeepsTheContract(t *testing.T) {
	for _, f := range []struct{ name, steps string }{
		{"all models", "{value: {}}"},
		{"lifetime models", "{value: {models: [mbgnbd, bgnbd, paretonbd], money: net, horizon_days: 90}}"},
		{"learned alone", "{value: {models: [learned]}}"},
	} {
		t.Run(f.name, func(t *testing.T) {
			stepcheck.Run(t, stepcheck.Check{Step: &value.Step, Steps: f.steps, States: []mining.State{value.WorseThanNaive, value.NoDropout}})
		})
	}
}
