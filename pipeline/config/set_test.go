package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSettingsOfTheCommandLineComeOverTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job.yaml")
	text := "job: a\nx: &c {customer: c, time: t}\ninputs:\n  transactions:\n    - {path: a.csv, columns: {customer: c, time: t}}\n    - {path: b.csv, columns: {customer: c, time: t}}\nsteps: {churn: {horizon_days: 90}, rfm: {}}\n"
	text = strings.Replace(text, "x: &c {customer: c, time: t}\n", "", 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	job, err := Read(path, "steps.churn.horizon_days=60", "inputs.transactions.1.decimal=','", "seed=7", "steps.rfm.bins=4", "privacy.min_group=3", "publish.money=decimal")
	if err != nil {
		t.Fatal(err)
	}
	if job.Seed != 7 || job.Inputs.Transactions[1].Decimal != "," || job.Inputs.Transactions[0].Decimal != "." || job.Publish.Money != "decimal" || job.Privacy.MinGroup != 3 {
		t.Errorf("got %+v", job)
	}
	digest := func(sets ...string) string {
		j, err := Read(path, sets...)
		if err != nil {
			t.Fatal(err)
		}
		d, err := j.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if digest() == digest("steps.churn.horizon_days=60") || digest("steps.churn.horizon_days=90") != digest() {
		t.Error("a setting of the command line is one of the job")
	}
	for set, want := range map[string]string{
		"steps.churn.horizon_days":      "want a setting and its value",
		"steps.churn.horizon=60":        `unknown field "horizon"`,
		"inputs.transactions.2.path=x":  "the number of an entry from 0 to 1",
		"job.name=x":                    "got a value at job",
		"steps.churn.horizon_days=[":    "--set steps.churn.horizon_days",
		"steps.churn.horizon_days=many": path + ": steps.churn.horizon_days: got",
		"steps.churn={horizon_days: 0}": path + ": steps.churn.horizon_days: got",
	} {
		if _, err := Read(path, set); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", set, err, want)
		}
	}
}
