package prospect_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets/synth"
	"github.com/quintile-dev/quintile/mining/prospect"
	"github.com/quintile-dev/quintile/mining/stepcheck"
)

// files are customers of the retailer of stepcheck, whose spending rises with their age, and
// prospects from other towns as well, of any age.
func files(t *testing.T) map[string]string {
	t.Helper()
	c := synth.Default()
	c.Customers, c.Lines, c.Columns = 800, 16_000, synth.Full
	r, err := synth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var customers, prospects strings.Builder
	customers.WriteString("id,age,town\n")
	prospects.WriteString("id,age,town\n")
	spent := map[int64]float64{}
	err = r.Each(context.Background(), func(row synth.Row) error {
		spent[row.Customer] += float64(row.Quantity) * row.UnitPrice.Float()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	towns := []string{"York", "Bath", "", "Leeds"}
	for i := range c.Customers {
		id := r.Customer(i)
		fmt.Fprintf(&customers, "%d,%.0f,%s\n", id, 20+float64(i*7%50)+math.Sqrt(max(0, spent[id])), towns[i%4])
	}
	for i := range 300 {
		age := fmt.Sprint(20 + i*11%50)
		if i%9 == 0 {
			age = ""
		}
		fmt.Fprintf(&prospects, "P%d,%s,%s\n", i, age, append(towns, "Rome")[i%5])
	}
	return map[string]string{"customers.csv": customers.String(), "prospects.csv": prospects.String()}
}

const inputs = `
  customers:
    - {path: FILE/customers.csv, columns: {customer: id}, numbers: {age: age}, categories: {town: town}}
  prospects:
    - {path: FILE/prospects.csv, columns: {prospect: id}, numbers: {age: age}, categories: {town: town}}
`

func TestStepKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{
		Step: &prospect.Step, Steps: "{prospect: {}}", Inputs: inputs, Files: files(t),
	})
}

func TestStepWithAGroupAsTargetKeepsTheContract(t *testing.T) {
	stepcheck.Run(t, stepcheck.Check{
		Step: &prospect.Step, Steps: "{rfm: {}, prospect: {target: 'rfm_segment in [champions, loyal]'}}", Inputs: inputs, Files: files(t),
	})
}
