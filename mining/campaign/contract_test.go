package campaign_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets/synth"
	"github.com/quintile-dev/quintile/mining/campaign"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	c := synth.Default()
	c.Customers, c.Lines, c.Columns = 800, 16_000, synth.Full
	r, err := synth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("id,name,sent,arm,cost\n")
	for i := range c.Customers {
		arm := "treated"
		if i%5 == 0 {
			arm = "control"
		}
		fmt.Fprintf(&b, "%d,spring,2024-03-01,%s,0.2\n%d,autumn,2024-10-01,%s,\n", r.Customer(i), arm, r.Customer(i), arm)
	}
	for _, further := range []string{"outcome: order", "outcome: money", "outcome: response, plan: {name: next, from: 'frequency > 1', size: 100, holdout: 30%, not_within_days: 60}"} {
		stepcheck.Run(t, stepcheck.Check{
			Step: &campaign.Step, Steps: "{campaign: {control_share: 20%, " + further + "}}", Files: map[string]string{"campaigns.csv": b.String()},
			Inputs: `
  campaigns:
    - {path: FILE/campaigns.csv, columns: {customer: id, campaign: name, time: sent, arm: arm, cost: cost}}
`,
		})
	}
}
