package forecast_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
)

// kiosk are line items of two customers and of nobody, from Wednesday 2024-01-03 on: the
// first week is not whole.
const kiosk = `customer,time,order,product,quantity,price,region
ann,2024-01-03T10:00:00,1,a,5,1.00,north
ann,2024-01-08T10:00:00,2,a,1,2.50,north
ann,2024-01-08T10:00:00,2,b,2,1.00,north
bob,2024-01-09T10:00:00,3,a,1,4.00,south
ann,2024-01-14T23:59:00,4,a,1,3.00,north
ann,2024-01-15T00:01:00,4,b,1,1.00,north
bob,2024-01-16T10:00:00,5,a,-1,4.00,south
,2024-01-17T10:00:00,6,a,10,1.00,south
,2024-01-17T10:00:00,6,b,1,1.00,
cid,2024-01-31T10:00:00,7,a,2,0.50,west
cid,2024-02-05T10:00:00,8,a,2,0.50,west
`

var env = pipeline.Env{Now: func() time.Time { return time.Unix(0, 0) }, Version: "check"}

// runKiosk runs the step on the kiosk, scored on Sunday 2024-02-04 or another day.
func runKiosk(t *testing.T, asOf, settings string) *pipeline.Result {
	t.Helper()
	r, err := pipeline.Run(context.Background(), kioskJob(t, asOf, settings), env)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func kioskJob(t *testing.T, asOf, settings string) config.Job {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kiosk.csv")
	if err := os.WriteFile(path, []byte(kiosk), 0o600); err != nil {
		t.Fatal(err)
	}
	job, err := config.Parse("job.yaml", []byte(fmt.Sprintf(`
job: kiosk
as_of: %s
output: %s
inputs:
  transactions:
    - path: %s
      columns: {customer: customer, time: time, order: order, product: product, quantity: quantity, unit_price: price, region: region}
steps: {forecast: %s}
`, asOf, t.TempDir(), path, settings)))
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// The weeks from 8, 15, 22 and 29 January, by hand. Order 4 belongs to the week of its first
// line, its money to that of each line. Returns do not count, nor does what is after the
// scoring date. Ann was new in the week that is not whole.
func TestWeeksOfAKioskAreWorkedByHand(t *testing.T) {
	f := func(settings string, want map[string]string) {
		t.Helper()
		actual := rows(t, runKiosk(t, "2024-02-04", settings).Folder, "actual")
		for name, values := range want {
			if got := strings.TrimSpace(strings.Join(actual[name], " ")); got != values {
				t.Errorf("%s: %s: got %s, want %s", settings, name, got, values)
			}
		}
		if len(actual) != len(want) {
			t.Errorf("%s: got %d series, want %d", settings, len(actual), len(want))
		}
	}
	f("{horizon: 1}", map[string]string{
		"total:money": "11.5 1 0 1", "total:units": "5 1 0 2", "total:orders": "3 0 0 1", "total:customers": "2 1 0 1",
		"total:new_customers": "1 0 0 1",
		"region=north:money":  "7.5 1 0 0", "region=north:units": "4 1 0 0",
		"region=south:money": "4 0 0 0", "region=south:units": "1 0 0 0",
		"region=west:money": "1", "region=west:units": "2", // from its first sale on
	})
	f("{horizon: 1, anonymous: true, by: [total], measures: [money, orders, customers]}", map[string]string{
		"total:money": "11.5 12 0 1", "total:orders": "3 1 0 1", "total:customers": "2 1 0 1",
	})
	f("{horizon: 1, by: [region], top: 1, member_measures: [units]}", map[string]string{"region=north:units": "4 1 0 0"})
}

// Four weeks are continued by the last value; a member with fewer has no forecast and says
// so. The last value of a region without sales is 0, so that the parts give way to what the
// rest of the total has.
func TestShortSeriesSayThatTheyAreShort(t *testing.T) {
	r := runKiosk(t, "2024-02-04", "{horizon: 2, by: [total, region], measures: [money], member_measures: [money]}")
	got := r.Manifest.Steps["forecast"]
	if s := fmt.Sprintf("%v %v", got["state"], got["states"]); s !=
		"ok map[region=north:money:short_history region=south:money:short_history region=west:money:insufficient_data total:money:short_history]" {
		t.Errorf("got the states %s", s)
	}
	next := rows(t, r.Folder, "forecast")
	if s := fmt.Sprint(next["total:money"][4:], next["region=north:money"][4:], len(next["region=west:money"])); s != "[1 1] [0 0] 1" {
		t.Errorf("got the forecasts %s, want the last values", s)
	}
	if got["mase"].(map[string]any)["total:money"] != nil {
		t.Errorf("got the error %v, want none that was measured", got["mase"])
	}
}

func TestATotalOfThreeWeeksIsInsufficient(t *testing.T) {
	r := runKiosk(t, "2024-02-03", "{}")
	if got := r.Manifest.Steps["forecast"]; fmt.Sprint(got["state"]) != "insufficient_data" || got["periods"] != 3 {
		t.Errorf("got the state %v with %v weeks, want insufficient_data with 3", got["state"], got["periods"])
	}
	if _, err := os.Stat(filepath.Join(r.Folder, "forecast.parquet")); err == nil {
		t.Error("got a forecast.parquet, want none")
	}
}

// The step learns nothing that is kept: scoring with the models of an earlier run forecasts
// as a run does.
func TestScoringForecastsAsARunDoes(t *testing.T) {
	const settings = "{by: [total, product]}"
	want := runKiosk(t, "2024-02-04", settings)
	got, err := pipeline.Score(context.Background(), kioskJob(t, "2024-02-04", settings), &modelfile.Fitted{}, env)
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range []string{"period", "actual", "forecast", "low", "high"} {
		if a, b := fmt.Sprint(rows(t, got.Folder, column)), fmt.Sprint(rows(t, want.Folder, column)); a != b || len(b) < 50 {
			t.Errorf("%s: got %s, want %s", column, a, b)
		}
	}
}
