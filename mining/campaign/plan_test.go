package campaign_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/mining/stepcheck"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// rowsOfList returns customers and arms in targets.parquet, by rank.
func rowsOfList(t *testing.T, r *pipeline.Result, campaign string) (customers, arms []string) {
	t.Helper()
	path := filepath.Join(r.Folder, "targets.parquet")
	ids, dealt := stepcheck.FileCells(t, path, "customer"), stepcheck.FileCells(t, path, "arm")
	for i, name := range stepcheck.FileCells(t, path, "campaign") {
		if name == campaign {
			customers, arms = append(customers, ids[i]), append(arms, dealt[i])
		}
	}
	return customers, arms
}

// people returns a file of customers with a consent, one of line items with a purchase each, and one of a campaign
// that reached every fourth customer on 2020-12-01.
func people(n int) (customers, lines, drawn string) {
	var c, l, d strings.Builder
	c.WriteString("c,ok\n")
	l.WriteString("c,t,a\n")
	d.WriteString("c,n,t,arm,response\n")
	for i := range n {
		fmt.Fprintf(&c, "%d,%s\n", i, []string{"yes", "no"}[i%10/9])
		fmt.Fprintf(&l, "%d,2020-%02d-15,%d\n", i, 1+i%12, 1+i%17)
		if i%4 == 0 {
			fmt.Fprintf(&d, "%d,old,2020-12-01,treated,\n", i)
		}
	}
	return c.String(), l.String(), d.String()
}

const consentBlock = "customers: [{path: FOLDER/customers.csv, columns: {customer: c}, categories: {ok: ok}}]"

func TestAListObeysConditionConsentAndCaps(t *testing.T) {
	customers, lines, drawn := people(1000)
	const settings = "{plan: {name: next, from: 'recency_days <= 200 and monetary > 3', consent: ok = yes, size: 120, holdout: 25%, not_within_days: 60}}"
	result, _ := runWith(t, lines, drawn, customers, consentBlock, settings)
	ids, arms := rowsOfList(t, result, "next")
	if len(ids) != 120 {
		t.Fatalf("got %d customers, want 120", len(ids))
	}
	control := 0
	for k, id := range ids {
		var i int
		if _, err := fmt.Sscan(id, &i); err != nil {
			t.Fatal(err)
		}
		if 1+i%17 <= 3 || i%10 == 9 || i%4 == 0 || 1+i%12 < 6 {
			t.Errorf("customer %s is on the list", id)
		}
		if arms[k] == "control" {
			control++
		}
	}
	if control < 15 || control > 48 {
		t.Errorf("got %d of 120 held out, want about 30", control)
	}
	segments := map[string]string{}
	cells := stepcheck.Cells(t, result.Folder, "campaign_arm")
	for i, id := range stepcheck.Cells(t, result.Folder, "customer") {
		segments[id] = cells[i]
	}
	for k, id := range ids {
		if segments[id] != arms[k] {
			t.Errorf("customer %s: got the arm %q, want %q", id, segments[id], arms[k])
		}
	}
	plan := result.Manifest.Steps["campaign"]["plan"].(map[string]any)
	left := plan["left_out"].(map[string]int)
	if plan["treated"] != 120-control || plan["control"] != control || plan["filled_by"] != "chance" || left["without_consent"] == 0 || left["not_within_days"] == 0 {
		t.Errorf("got %v", plan)
	}
	// Arms follow from the campaign and the customer alone.
	again, _ := runWith(t, lines, drawn, customers, consentBlock, strings.Replace(settings, "size: 120", "by: monetary", 1))
	more, dealt := rowsOfList(t, again, "next")
	for k, id := range more {
		if at := slices.Index(ids, id); at >= 0 && dealt[k] != arms[at] {
			t.Errorf("customer %s changes the arm from %s to %s as the list grows", id, arms[at], dealt[k])
		}
	}
	if len(more) <= 120 {
		t.Errorf("got %d customers without a size", len(more))
	}
}

func TestAPlanWithFaultsIsRefused(t *testing.T) {
	for settings, want := range map[string]string{
		"{plan: {from: frequency > 1}}":                   "plan.name: got none",
		"{plan: {name: a, budget: 10}}":                   "plan.cost_per_contact",
		"{plan: {name: a, holdout: 100%}}":                "plan.holdout",
		"{plan: {name: a, from: campaign_arm = treated}}": "which the step itself fills",
		"{plan: {name: a, by: clv}}":                      "clv",
	} {
		_, err := config.Parse("job.yaml", []byte("job: a\ninputs: {transactions: [{path: a.csv, columns: {customer: c, time: t}}]}\nsteps: {campaign: "+settings+"}\n"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", settings, err, want)
		}
	}
}
