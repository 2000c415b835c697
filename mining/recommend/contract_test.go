package recommend_test

import (
	"testing"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/recommend"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &recommend.Step, Steps: "{recommend: {}}", States: []mining.State{recommend.PopularityWins}})
}
