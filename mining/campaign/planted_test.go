package campaign_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/datasets/synth"
	"github.com/quintile-dev/quintile/mining/stepcheck"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// shop writes the files of a retailer into a folder.
func shop(t *testing.T, c synth.Config) (r *synth.Retailer, folder string) {
	t.Helper()
	r, err := synth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	var lines, drawn, people bytes.Buffer
	err = errors.Join(r.WriteCSV(t.Context(), &lines), r.WriteCampaigns(t.Context(), &drawn), r.WriteCustomers(t.Context(), &people))
	for name, text := range map[string]*bytes.Buffer{"lines.csv": &lines, "campaigns.csv": &drawn, "customers.csv": &people} {
		err = errors.Join(err, os.WriteFile(filepath.Join(folder, name), text.Bytes(), 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	return r, folder
}

// serve runs the step over such files.
func serve(t *testing.T, folder, output, asOf, further, settings string) *pipeline.Result {
	t.Helper()
	job, err := config.Parse("job.yaml", fmt.Appendf(nil, `
job: shop
as_of: %s
output: %s
inputs:
  transactions:
    - path: %s/lines.csv
      columns: {customer: customer_id, time: time, order: order_id, product: product, quantity: quantity, unit_price: unit_price, discount: discount}
      returns: {column: order, prefix: C}
  customers: [{path: %[3]s/customers.csv, columns: {customer: id}, numbers: {age: age}, categories: {business: business, consent: consent}}]
%s
steps: {rfm: {}, campaign: %s}
`, asOf, output, folder, further, settings))
	if err != nil {
		t.Fatal(err)
	}
	result, err := pipeline.Run(context.Background(), job, pipeline.Env{Log: zerolog.Nop(), Now: func() time.Time { return time.Unix(0, 0) }, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// ofCampaign returns the figures of one campaign.
func ofCampaign(t *testing.T, r *pipeline.Result, name string) map[string]any {
	t.Helper()
	one, ok := r.Manifest.Steps["campaign"]["campaigns"].(map[string]any)[name].(map[string]any)
	if !ok {
		t.Fatalf("got %v, want a campaign %s", r.Manifest.Steps["campaign"], name)
	}
	return one
}

func TestPlantedUpliftIsFoundAndNoneIsNot(t *testing.T) {
	c := synth.Demo()
	c.Customers, c.Lines, c.Prospects = 20_000, 600_000, 0
	c.Campaigns[0].Holdout = 0.5
	c.Campaigns[1].Share, c.Campaigns[1].Holdout = 0.9, 0.5
	r, folder := shop(t, c)
	drawn := fmt.Sprintf("  campaigns: [{path: %s/campaigns.csv, columns: {customer: customer_id, campaign: campaign, time: sent, arm: arm, cost: cost}}]", folder)
	for _, learner := range []string{"t_logistic", "s_boosting", "x_boosting"} {
		result := serve(t, folder, t.TempDir(), "2025-06-30", drawn, "{uplift: {learner: "+learner+", attributes: [age, business]}, plan: {name: next, size: 1000, consent: consent = yes}}")
		planted, none := ofCampaign(t, result, "spring-mailing"), ofCampaign(t, result, "postcard")
		t.Logf("%s: planted %.3f [%.3f, %.3f], none %.3f [%.3f, %.3f]", learner, planted["qini"], planted["qini_low"], planted["qini_high"],
			none["qini"], none["qini_low"], none["qini_high"])
		if fmt.Sprint(planted["uplift_state"]) != "ok" || fmt.Sprint(none["uplift_state"]) != "no_heterogeneity" {
			t.Errorf("%s: got the states %v and %v, want ok and no_heterogeneity", learner, planted["uplift_state"], none["uplift_state"])
		}
		if low, high := none["low"].(float64), none["high"].(float64); low > 0 || high < 0 {
			t.Errorf("a campaign that brings nothing has the effect [%v, %v]", low, high)
		}
		listed, _ := rowsOfList(t, result, "next")
		moved := 0
		for _, text := range listed {
			id, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			if truth, _ := r.Truth(id); truth.Segment == "bargain" {
				moved++
			}
		}
		if by := result.Manifest.Steps["campaign"]["plan"].(map[string]any)["filled_by"]; len(listed) != 1000 || moved < 500 || by != "uplift" { // 14 % of all
			t.Errorf("%s: %d of %d on the next list gain from a contact; filled by %v", learner, moved, len(listed), by)
		}
		mean, n := map[bool]float64{}, map[bool]float64{}
		ids := stepcheck.Cells(t, result.Folder, "customer")
		for i, cell := range stepcheck.Cells(t, result.Folder, "uplift") {
			id, err := strconv.ParseInt(ids[i], 10, 64)
			u, err2 := strconv.ParseFloat(cell, 64)
			if err := errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
			truth, _ := r.Truth(id)
			gains := truth.Segment == "bargain" && !truth.Dropped
			mean[gains] += u
			n[gains]++
		}
		if a, b := mean[true]/n[true], mean[false]/n[false]; a < b+0.05 {
			t.Errorf("%s: predicts an uplift of %.3f for those who are moved and of %.3f for the others", learner, a, b)
		}
	}
}

func TestUpliftIsLearnedFromWhatWasKnownBeforeTheContact(t *testing.T) {
	// The same history up to the contact, and opposite ones afterwards: nothing of them may tell.
	early, late := "c,t,a\n", "c,t,a\n"
	drawn := "c,n,t,arm,response\n"
	for i := range 2_000 {
		line := fmt.Sprintf("%d,2020-0%d-01,%d\n", i, 1+i%5, 1+i%7)
		early, late = early+line, late+line
		arm := "treated"
		if i%2 == 0 {
			arm = "control"
		}
		answer := (i / 2 % 2) ^ (i / 4 % 3 % 2)
		drawn += fmt.Sprintf("%d,m,2020-06-01,%s,%d\n", i, arm, answer)
		late += fmt.Sprintf("%d,2020-06-0%d,%d\n", i, 1+i%9, 1+answer*100)
	}
	const settings = "{outcome: response, uplift: {features: [recency_days, frequency, monetary, tenure_days]}}"
	_, a := run(t, early, drawn, settings)
	_, b := run(t, late, drawn, settings)
	check(t, a["m"], map[string]float64{"qini": b["m"]["qini"], "auuc": b["m"]["auuc"], "qini_low": b["m"]["qini_low"], "effect": b["m"]["effect"]})
	if a["m"]["qini"] != a["m"]["qini"] {
		t.Error("no uplift was learned")
	}
}
