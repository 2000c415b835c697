package value_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// shop runs the step on 200 made-up customers whose lines cost so much of their amount;
// a line in `every` has a cost, and 0 maps no costs.
func shop(t *testing.T, cost float64, every int) map[string]any {
	t.Helper()
	folder := t.TempDir()
	var rows strings.Builder
	rows.WriteString("customer,day,amount,cost\n")
	line := 0
	for c := range 200 {
		for k := range 1 + c%7 {
			day := time.Date(2023, 1, 1+(c*13+k*(20+c%31))%700, 0, 0, 0, 0, time.UTC)
			amount, text := 10+float64((c*7+k*3)%50), ""
			if line++; every > 0 && line%every == 0 {
				text = fmt.Sprint(amount * cost)
			}
			fmt.Fprintf(&rows, "c%03d,%s,%g,%s\n", c, day.Format(time.DateOnly), amount, text)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "sales.csv"), []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	costs := ""
	if every > 0 {
		costs = ", cost: cost"
	}
	text := "job: shop\nas_of: 2024-12-02\noutput: " + folder + "/out\ninputs: {transactions: [{path: " + folder + "/sales.csv, columns: {customer: customer, time: day, amount: amount" +
		costs + "}}]}\nsteps: {value: {models: [mbgnbd], margin: 50%}}\n"
	job, err := config.Parse("job.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := pipeline.Run(context.Background(), job, pipeline.Env{Now: func() time.Time { return time.Unix(0, 0) }, Version: "check"})
	if err != nil {
		t.Fatal(err)
	}
	return r.Manifest.Steps["value"]
}

func TestMappedCostsGiveTheMargin(t *testing.T) {
	plain := shop(t, 0, 0)
	full := plain["clv_total"].(float64) / 0.5
	f := func(cost float64, every int, want float64) {
		t.Helper()
		got := shop(t, cost, every)
		if m := got["margin"].(float64); math.Abs(m-want) > 0.02 {
			t.Errorf("costs of %v on one line in %d: got a margin of %v, want %v", cost, every, m, want)
		}
		if clv := got["clv_total"].(float64); math.Abs(clv-full*got["margin"].(float64)) > 1e-6*full {
			t.Errorf("got a value of %v, want the margin of %v", clv, full)
		}
	}
	if m := plain["margin"]; m != 0.5 {
		t.Errorf("got a margin of %v, want that of the settings", m)
	}
	f(0.6, 1, 0.4)
	f(0.2, 2, 0.65) // half of the money at 80 %, the other half at 50 %
	f(1.5, 1, 0)    // sold below cost: nothing is earned
}
