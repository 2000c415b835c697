package stepcheck

import (
	"context"
	"fmt"
	"testing"

	"github.com/quintile-dev/quintile/datasets/realdata"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// RealData returns the path of a file of real data, for a test in a package below mining.
// The test is skipped where the data are absent, or fails where QUINTILE_DATA is "required".
func RealData(t *testing.T, name string) string {
	t.Helper()
	return realdata.Path(t, name)
}

// CleanRetail is how the clean set of Online Retail is read: without cancellations, and
// without lines that bring no money.
const CleanRetail = `
      set_aside:
        - {name: cancellation, column: order, prefix: C}
        - {name: not_positive, column: quantity, max: 0}
        - {name: free, column: unit_price, max: 0}`

// NetRetail is how Online Retail is read with its cancellations as returns.
const NetRetail = `
      returns: {column: order, prefix: C}
      set_aside:
        - {name: adjustment, column: order, prefix: A}
        - {name: free, column: unit_price, max: 0}`

// OnlineRetail runs steps on UCI's Online Retail, scored at a day.
func OnlineRetail(t *testing.T, asOf, reading, steps string) *pipeline.Result {
	t.Helper()
	path := RealData(t, "online-retail/online-retail.csv.gz")
	return runJob(t, fmt.Sprintf(`
job: online-retail
as_of: %s
time_zone: Europe/London
currency: GBP
output: %s
inputs:
  transactions:
    - path: %s
      columns: {order: InvoiceNo, product: StockCode, description: Description, quantity: Quantity,
                time: InvoiceDate, unit_price: UnitPrice, customer: CustomerID, region: Country}
      time_format: "%%m/%%d/%%Y %%H:%%M"%s
steps: %s
`, asOf, t.TempDir(), path, reading, steps))
}

// CDNOW runs steps on the CDNOW master, scored at a day.
func CDNOW(t *testing.T, asOf, steps string) *pipeline.Result {
	t.Helper()
	return runJob(t, fmt.Sprintf(`
job: cdnow
as_of: %s
output: %s
inputs:
  transactions:
    - path: %s
      delimiter: whitespace
      header: false
      names: [customer, day, cds, dollars]
      columns: {customer: customer, time: day, quantity: cds, amount: dollars}
steps: %s
`, asOf, t.TempDir(), RealData(t, "cdnow/CDNOW_master.txt"), steps))
}

// Purchases runs steps on a file of a test's own with the columns customer, day and amount, scored
// at a day.
func Purchases(t *testing.T, path, asOf, steps string) *pipeline.Result {
	t.Helper()
	return runJob(t, fmt.Sprintf(`
job: purchases
as_of: %s
output: %s
inputs:
  transactions:
    - path: %s
      columns: {customer: customer, time: day, amount: amount}
steps: %s
`, asOf, t.TempDir(), path, steps))
}

func runJob(t *testing.T, text string) *pipeline.Result {
	t.Helper()
	job, err := config.Parse("job.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	result, err := pipeline.Run(context.Background(), job, env())
	if err != nil {
		t.Fatal(err)
	}
	return result
}
