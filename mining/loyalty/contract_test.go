package loyalty_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets/synth"
	"github.com/quintile-dev/quintile/mining/loyalty"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &loyalty.Step, Steps: "{loyalty: {}}"})
}

func TestStepKeepsTheContractByWeekToo(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{Step: &loyalty.Step, Steps: "{loyalty: {cohort: week}}"})
}

// answers returns a table of the customers of the checks, of whom two in three said how
// satisfied they are.
func answers(t *testing.T) string {
	t.Helper()
	c := synth.Default()
	c.Customers, c.Lines, c.Columns = 800, 16_000, synth.Full
	r, err := synth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("id,satisfaction\n")
	for i := range c.Customers {
		answer := fmt.Sprint(1 + i*7%10)
		if i%3 == 0 {
			answer = ""
		}
		fmt.Fprintf(&b, "%d,%s\n", r.Customer(i), answer)
	}
	return b.String()
}

func TestStepKeepsTheContractWithAnswersOfCustomers(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{
		Step: &loyalty.Step, Steps: "{loyalty: {quality: satisfaction}}",
		Inputs: "  customers: [{path: FILE/answers.csv, columns: {customer: id}, numbers: {satisfaction: satisfaction}}]",
		Files:  map[string]string{"answers.csv": answers(t)},
	})
}
