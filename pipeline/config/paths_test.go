package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const pathsJob = `job: shop
history: /kept
inputs:
  transactions:
    - path: ${QUINTILE_TEST_DATA}/a.csv
      columns: {customer: c, time: t}
    - path: s3://bucket/b.csv
      columns: {customer: c, time: t}
    - path: ../b.csv
      columns: {customer: c, time: t}
`

func TestRelativePathsStartAtTheJobFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "job.yaml")
	if err := os.WriteFile(path, []byte(pathsJob), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("QUINTILE_TEST_DATA", "daily")
	job, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{job.Output, job.History}
	for _, x := range job.Inputs.Transactions {
		got = append(got, x.Path)
	}
	want := []string{filepath.Join(folder, "out"), "/kept", filepath.Join(folder, "daily/a.csv"), "s3://bucket/b.csv", filepath.Join(filepath.Dir(folder), "b.csv")}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %q, want %q", got, want)
	}
	t.Chdir(folder)
	if job, err = Read("job.yaml"); err != nil || job.Inputs.Transactions[2].Path != "../b.csv" || job.Output != "out" {
		t.Errorf("beside the job: got %q, %q, %v", job.Inputs.Transactions[2].Path, job.Output, err)
	}
}

func TestAMissingVariableIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "job.yaml")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(pathsJob, "QUINTILE_TEST_DATA", "QUINTILE_TEST_NONE")), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Read(path)
	if err == nil || !strings.Contains(err.Error(), "inputs.transactions[0].path: got ${QUINTILE_TEST_NONE}, which the environment does not have") {
		t.Errorf("got %v", err)
	}
}

func TestJobIsTheSameFromWhateverDirectoryItIsRun(t *testing.T) {
	folder := t.TempDir()
	text := "job: a\ninputs: {transactions: [{path: data/a.csv, columns: {customer: c, time: t}}]}\n"
	if err := os.WriteFile(filepath.Join(folder, "job.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	far, err := Read(filepath.Join(folder, "job.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder)
	near, err := Read("job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if far.Inputs.Transactions[0].Path != filepath.Join(folder, "data", "a.csv") || near.Inputs.Transactions[0].Path != "data/a.csv" {
		t.Errorf("got the paths %q and %q", far.Inputs.Transactions[0].Path, near.Inputs.Transactions[0].Path)
	}
	a, err1 := far.Digest()
	b, err2 := near.Digest()
	if err1 != nil || err2 != nil || a != b {
		t.Errorf("got the digests %s and %s (%v, %v), want the same", a, b, err1, err2)
	}
	far.Output = "elsewhere" // as --output does
	if c, err := far.Digest(); err != nil || c == a {
		t.Errorf("got the same digest for another output, %v", err)
	}
}
