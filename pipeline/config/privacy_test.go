package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFaultsOfPrivacyAreToldWithTheirPlaces has a job with each fault that concerns more than one word.
func TestFaultsOfPrivacyAreToldWithTheirPlaces(t *testing.T) {
	const job = `job: shop
inputs: {transactions: [{path: a.csv, columns: {customer: c, time: t}}]}
history: state
privacy:
  suppress: s3://bucket/list.csv
  erase: list.csv
  pseudonym: {key_env: A, key_file: b}
`
	_, err := Parse("job.yaml", []byte(job))
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{
		"job.yaml:5:13: privacy.suppress: got a URL", "job.yaml:6:10: privacy.erase: got it beside history",
		"job.yaml:7:15: privacy.pseudonym: got no key, or two",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

func TestPrivacyIsPartOfTheDigestWhereAJobHasIt(t *testing.T) {
	job := Default()
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "Privacy") {
		t.Error("got the block in a job without it, whose digest would be another than before")
	}
	before, err := job.Digest()
	if err != nil {
		t.Fatal(err)
	}
	job.Privacy.Erase = "list.csv"
	after, err := job.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if before == after {
		t.Error("got the same digest with a list")
	}
}

func TestPathsOfListsAndKeysStartAtTheJobFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "job.yaml")
	const job = `job: shop
inputs: {transactions: [{path: a.csv, columns: {customer: c, time: t}}]}
privacy: {suppress: no.csv, erase: never.csv, pseudonym: {key_file: key}}
`
	if err := os.WriteFile(path, []byte(job), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	p := j.Privacy
	for got, want := range map[string]string{p.Suppress: "no.csv", p.Erase: "never.csv", p.Pseudonym.KeyFile: "key"} {
		if got != filepath.Join(folder, want) {
			t.Errorf("got %s, want %s beside the job file", got, want)
		}
	}
}
