package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/quintile-dev/quintile/datasets/realdata"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// docs is the folder of the documents.
var docs = filepath.Join("..", "..", "docs")

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTheCommandsOfTheTutorialWork runs the shell commands of docs/tutorial.md, one after
// the other, in a folder that holds the file.
func TestTheCommandsOfTheTutorialWork(t *testing.T) {
	data := realdata.Path(t, "online-retail/online-retail.csv.gz")
	text := readText(t, filepath.Join(docs, "tutorial.md"))
	t.Chdir(t.TempDir())
	if err := os.Symlink(data, "online-retail.csv.gz"); err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile("(?m)^quintile (.*)$").FindAllStringSubmatch(text, -1)
	if len(commands) < 3 {
		t.Fatalf("got %d commands on the page, want init, check and run", len(commands))
	}
	var out bytes.Buffer
	for _, c := range commands {
		out.Reset()
		var errOut bytes.Buffer
		if code := run(strings.Fields(c[1]), strings.NewReader(""), &out, &errOut); code != 0 {
			t.Fatalf("quintile %s: got exit code %d: %s", c[1], code, errOut.String())
		}
	}
	folder := strings.TrimSpace(out.String())
	if folder != filepath.FromSlash("out/online-retail/as_of=2011-12-10") || !strings.Contains(text, "`out/online-retail/as_of=2011-12-10`") {
		t.Errorf("got %q, want the folder that the page names", folder)
	}
	page := readText(t, filepath.Join(folder, "report.html"))
	for _, want := range []string{"4,371", "Win back customers who used to buy often", "segments.parquet: rfm_segment is at_risk"} {
		if !strings.Contains(page, want) || !strings.Contains(text, strings.TrimPrefix(want, "segments.parquet: ")) {
			t.Errorf("got no %q in the report or on the page", want)
		}
	}
}

// TestExamplesNameCommandsAndFlagsThatExist reads the examples for schedulers.
func TestExamplesNameCommandsAndFlagsThatExist(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(docs, "examples", "*"))
	if err != nil || len(files) < 5 {
		t.Fatalf("got %d examples: %v", len(files), err)
	}
	root := newRoot(&terminal{out: io.Discard, err: io.Discard})
	command, _, err := root.Find([]string{"run"})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		for _, flag := range regexp.MustCompile(`\s--([a-z-]+)`).FindAllStringSubmatch(readText(t, path), -1) {
			if command.Flags().Lookup(flag[1]) == nil && root.PersistentFlags().Lookup(flag[1]) == nil {
				t.Errorf("%s: got the flag --%s, which quintile run does not have", path, flag[1])
			}
		}
	}
}

func TestTheCronJobIsOneThatKubernetesReads(t *testing.T) {
	var job struct {
		Kind string `yaml:"kind"`
		Spec struct {
			JobTemplate struct {
				Spec struct {
					PodFailurePolicy struct {
						Rules []struct {
							OnExitCodes struct {
								Values []int `yaml:"values"`
							} `yaml:"onExitCodes"`
						} `yaml:"rules"`
					} `yaml:"podFailurePolicy"`
				} `yaml:"spec"`
			} `yaml:"jobTemplate"`
		} `yaml:"spec"`
	}
	if err := yaml.Unmarshal([]byte(readText(t, filepath.Join(docs, "examples", "cronjob.yaml"))), &job); err != nil {
		t.Fatal(err)
	}
	rules := job.Spec.JobTemplate.Spec.PodFailurePolicy.Rules
	if job.Kind != "CronJob" || len(rules) != 1 {
		t.Fatalf("got %+v", job)
	}
	for _, code := range []exit.Code{exit.Usage, exit.BadData, exit.BadModel} {
		if !slices.Contains(rules[0].OnExitCodes.Values, int(code)) {
			t.Errorf("got a retry for exit code %d, which gives the same", code)
		}
	}
}
