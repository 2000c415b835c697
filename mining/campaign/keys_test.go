package campaign_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/mining/stepcheck"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// run runs the step over files of lines (c,t,a) and of campaigns (c,n,t,arm,response), and
// returns the rows of campaigns.parquet by campaign.
func run(t *testing.T, lines, drawn, settings string) (*pipeline.Result, map[string]map[string]float64) {
	t.Helper()
	return runWith(t, lines, drawn, "", "", settings)
}

// runWith does the same with a file of customers and the block that reads it.
func runWith(t *testing.T, lines, drawn, customers, block, settings string) (*pipeline.Result, map[string]map[string]float64) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"lines.csv": lines, "campaigns.csv": drawn, "customers.csv": customers} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	job, err := config.Parse("job.yaml", []byte(strings.NewReplacer("FOLDER", folder, "OUT", t.TempDir(), "SETTINGS", settings, "CUSTOMERS",
		strings.ReplaceAll(block, "FOLDER", folder)).Replace(`
job: test
as_of: 2020-12-31
output: OUT
inputs:
  transactions: [{path: FOLDER/lines.csv, columns: {customer: c, time: t, amount: a}}]
  campaigns: [{path: FOLDER/campaigns.csv, columns: {customer: c, campaign: n, time: t, arm: arm, response: response}, control: [No E-Mail], treated: [E-Mail]}]
  CUSTOMERS
steps: {campaign: SETTINGS}
`)))
	if err != nil {
		t.Fatal(err)
	}
	result, err := pipeline.Run(context.Background(), job, pipeline.Env{Log: zerolog.Nop(), Now: func() time.Time { return time.Unix(0, 0) }, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return result, rows(t, result.Folder)
}

func rows(t *testing.T, folder string) map[string]map[string]float64 {
	t.Helper()
	r, err := parquetio.Open(filepath.Join(folder, "campaigns.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all := make([]int, len(r.Fields()))
	for k := range all {
		all[k] = k
	}
	if err := r.Select(all); err != nil {
		t.Fatal(err)
	}
	part, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]float64{}
	var frame datasets.Frame
	err = part.Each(&frame, func() error {
		for i := range frame.Rows {
			row := map[string]float64{}
			for k := 2; k < len(frame.Columns); k++ {
				c := &frame.Columns[k]
				if c.Name == "uplift_state" {
					continue
				}
				row[c.Name] = math.NaN()
				switch {
				case !c.Valid.Get(i):
				case c.Ints != nil:
					row[c.Name] = float64(c.Ints[i])
				case c.Floats != nil:
					row[c.Name] = c.Floats[i]
				}
			}
			out[string(frame.Columns[0].TextAt(i))] = row
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func check(t *testing.T, got, want map[string]float64) {
	t.Helper()
	for name, v := range want {
		if math.Abs(got[name]-v) > 5.1e-10*math.Max(1, math.Abs(v)) && !(math.IsNaN(v) && math.IsNaN(got[name])) {
			t.Errorf("%s: got %.10f, want %.10f", name, got[name], v)
		}
	}
}

// hillstrom returns Hillstrom's e-mail test as line items, campaigns and customers: the spending
// of the year before, and that of the two weeks after.
func hillstrom(t *testing.T) (lines, drawn, customers string) {
	t.Helper()
	f, err := os.Open(stepcheck.RealData(t, "hillstrom/hillstrom.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var l, d, c strings.Builder
	c.WriteString("c,recency,history,mens,womens,zip,newbie,channel\n")
	l.WriteString("c,t,a\n")
	d.WriteString("c,n,t,arm,response\n")
	for i, row := range records[1:] {
		fmt.Fprintf(&c, "%d,%s,%s,%s,%s,%s,%s,%s\n", i, row[0], row[2], row[3], row[4], row[5], row[6], row[7])
		fmt.Fprintf(&l, "%d,2020-01-01,%s\n", i, row[2])
		if row[11] != "0" && row[11] != "0.0" {
			fmt.Fprintf(&l, "%d,2020-06-05,%s\n", i, row[11])
		}
		if row[8] == "No E-Mail" {
			fmt.Fprintf(&d, "%d,Womens,2020-06-01,No E-Mail,%s\n%d,Mens,2020-06-01,No E-Mail,%s\n", i, row[9], i, row[9])
			continue
		}
		fmt.Fprintf(&d, "%d,%s,2020-06-01,E-Mail,%s\n", i, strings.TrimSuffix(row[8], " E-Mail"), row[9])
	}
	return l.String(), d.String(), c.String()
}

func TestEffectsOfHillstromMeetTheKeys(t *testing.T) {
	lines, drawn, _ := hillstrom(t)
	result, got := run(t, lines, drawn, "{response_days: 14, outcome: response, control_share: 50%, uplift: {learner: none}}")
	check(t, got["Womens"], map[string]float64{
		"treated": 21387, "control": 21306, "treated_responses": 3238, "control_responses": 2262,
		"effect": 0.045233107, "low": 0.038894095, "high": 0.051574343,
		"treated_rate_low": 0.146659175, "treated_rate_high": 0.156266798, "control_rate_low": 0.102101654, "control_rate_high": 0.110374890,
		"treated_money": 1.077201571, "control_money": 0.652789355, "money_effect": 0.424412216, "money_low": 0.168956790, "money_high": 0.679867642,
		"money_adjusted": 0.422700923, "money_adjusted_low": 0.167293792, "money_adjusted_high": 0.678108055, "variance_share": 0.999619404,
	})
	check(t, got["Mens"], map[string]float64{
		"effect": 0.076589564, "low": 0.069953308, "high": 0.083226741, "money_effect": 0.769827156, "money_low": 0.485139733, "money_high": 1.054514579,
	})
	if got := result.Manifest.Steps["campaign"]; got["state"] != "ok" {
		t.Errorf("got %v", got)
	}
	_, got = run(t, lines, drawn, "{response_days: 14, outcome: order, uplift: {learner: none}}")
	check(t, got["Womens"], map[string]float64{"treated_responses": 189, "control_responses": 122, "effect": 0.003111058, "low": 0.001501657, "high": 0.004745471})
	check(t, got["Mens"], map[string]float64{"treated_responses": 267, "effect": 0.006805007, "low": 0.005014345, "high": 0.008640723})
}

// TestUpliftOfHillstromIsSeenForWomenAlone learns uplift of visits. The keys are of one split by
// halves; the step ranks every customer by models of the others, which agrees within the width of the
// intervals.
func TestUpliftOfHillstromIsSeenForWomenAlone(t *testing.T) {
	lines, drawn, customers := hillstrom(t)
	const block = `customers: [{path: FOLDER/customers.csv, columns: {customer: c}, numbers: {past_recency: recency, history: history, mens: mens, womens: womens,
    newbie: newbie}, categories: {zip: zip, way: channel}}]`
	const settings = `{response_days: 14, outcome: response, uplift: {learner: LEARNER, features: [monetary],
  attributes: [past_recency, history, mens, womens, newbie, zip, way]}}`
	for learner, key := range map[string]float64{"t_logistic": 0.065300, "class_logistic": 0.059632} {
		result, got := runWith(t, lines, drawn, customers, block, strings.ReplaceAll(settings, "LEARNER", learner))
		w, m := got["Womens"], got["Mens"]
		t.Logf("%s: Womens %.4f [%.4f, %.4f] AUUC %.4f, Mens %.4f [%.4f, %.4f]", learner, w["qini"], w["qini_low"], w["qini_high"], w["auuc"],
			m["qini"], m["qini_low"], m["qini_high"])
		if math.Abs(w["qini"]-key) > 0.02 || w["qini_low"] < 0.02 || w["qini_high"] > 0.1 {
			t.Errorf("%s, Womens: got %v, want a Qini of about %v", learner, w, key)
		}
		if !(m["qini"] < 0.031) { // that of a ranking by response
			t.Errorf("%s, Mens: got %v", learner, m)
		}
		by := result.Manifest.Steps["campaign"]["campaigns"].(map[string]any)
		if state := by["Womens"].(map[string]any)["uplift_state"]; fmt.Sprint(state) != "ok" {
			t.Errorf("%s, Womens: got the state %v", learner, state)
		}
	}
}

func TestOrdersCountWithinTheWindowAlone(t *testing.T) {
	const lines = "c,t,a\na,2020-05-01,7\na,2020-06-01,3\na,2020-06-30,4\na,2020-07-01,100\nb,2020-06-10,-5\nb,2020-04-10,5\n"
	const drawn = "c,n,t,arm,response\na,m,2020-06-01,1,\nb,m,2020-06-01,control,\nnever,m,2020-06-01,control,\n"
	_, got := run(t, lines, drawn, "{}")
	check(t, got["m"], map[string]float64{"treated": 1, "control": 2, "treated_responses": 1, "control_responses": 0, "treated_money": 7, "control_money": 0, "effect": 1})
}

func TestWithoutAControlGroupThereIsNoEffect(t *testing.T) {
	const lines = "c,t,a\na,2020-05-01,7\nb,2020-06-02,3\n"
	result, got := run(t, lines, "c,n,t,arm,response\na,m,2020-06-01,1,\nb,m,2020-06-01,1,\n", "{}")
	check(t, got["m"], map[string]float64{"treated_rate": 0.5, "effect": math.NaN(), "low": math.NaN(), "profit": math.NaN(), "smallest_effect": math.NaN()})
	if figures := result.Manifest.Steps["campaign"]; figures["state"] != "no_control" || result.Manifest.Warnings[0].Code == "" {
		t.Errorf("got %v", figures)
	}
}

func TestArmsOfOtherSizesThanPlannedAreWarnedOf(t *testing.T) {
	var lines, drawn strings.Builder
	lines.WriteString("c,t,a\nx,2020-01-01,1\n")
	drawn.WriteString("c,n,t,arm,response\n")
	for i := range 300 {
		arm := "treated"
		if i < 100 {
			arm = "control"
		}
		fmt.Fprintf(&drawn, "c%d,m,2020-06-01,%s,\n", i, arm)
	}
	drawn.WriteString("c7,m,2020-06-02,treated,\nc8,m,2020-06-02,perhaps,\n")
	result, got := run(t, lines.String(), drawn.String(), "{control_share: 10%}")
	if p := got["m"]["sample_ratio_p"]; !(p < 1e-10) {
		t.Errorf("got p %v", p)
	}
	codes := map[string]int{}
	for _, w := range result.Manifest.Warnings {
		codes[w.Code] = w.Count
	}
	if codes["campaign.sample_ratio"] != 1 || codes["campaign.disputed_arm"] != 1 {
		t.Errorf("got %v", codes)
	}
}
