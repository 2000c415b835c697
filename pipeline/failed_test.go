package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// badLines has too many rows that do not fit.
const badLines = "who,day,paid\na,2024-01-01,1\nb,2024-01-02,x\nc,2024-01-03,y\n"

func failing(t *testing.T) (good, bad string) {
	t.Helper()
	folder := t.TempDir()
	return writeFile(t, folder, "good.csv", "who,day,paid\na,2024-01-01,1\nb,2024-01-02,2\nc,2024-01-03,3\n"), writeFile(t, folder, "bad.csv", badLines)
}

func jobOver(t *testing.T, path, output string) string {
	t.Helper()
	return "job: shop\noutput: " + output + "\ninputs: {transactions: [{path: " + path +
		", columns: {customer: who, time: day, amount: paid}}]}\nsteps: {rfm: {}}\n"
}

// checkFailed checks the account of the run over badLines.
func checkFailed(t *testing.T, text []byte) {
	t.Helper()
	var m manifest.Failed
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if m.State != "failed" || m.ExitCode != exit.BadData || m.Error == "" || m.Rows.Read != 3 || m.Rows.Quarantined != 2 || m.Rows.Kept != 1 || len(m.Inputs) != 1 {
		t.Errorf("got %+v", m)
	}
	if m.Warnings == nil {
		t.Error("got null for the warnings, want a list")
	}
}

func TestAFailedRunLeavesAnAccount(t *testing.T) {
	good, bad := failing(t)
	output := t.TempDir()
	folder := filepath.Join(output, "shop", "failed")
	for range 2 { // the second replaces the first
		if _, err := Run(context.Background(), parse(t, jobOver(t, bad, output)), testEnv()); exit.Of(err) != exit.BadData {
			t.Fatalf("got %v, want code %d", err, exit.BadData)
		}
		text, err := os.ReadFile(filepath.Join(folder, manifest.Name))
		if err != nil {
			t.Fatal(err)
		}
		checkFailed(t, text)
		for _, name := range []string{".", manifest.Name, manifest.Quarantine} {
			info, err := os.Stat(filepath.Join(folder, name))
			if err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: got %v, %v, want it readable by its owner only", name, info, err)
			}
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, parse(t, jobOver(t, good, output)), testEnv()); exit.Of(err) != exit.Interrupted {
		t.Errorf("got %v, want code %d", err, exit.Interrupted)
	}
	text, err := os.ReadFile(filepath.Join(folder, manifest.Name))
	if err != nil || !strings.Contains(string(text), `"state": "interrupted"`) {
		t.Errorf("got %s, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(folder, manifest.Quarantine)); !os.IsNotExist(err) {
		t.Errorf("got %v, want the quarantine of the failure before gone", err)
	}
	mustRun(t, parse(t, jobOver(t, good, output)))
	left, err := filepath.Glob(filepath.Join(output, "shop", "*ailed*"))
	if err != nil || len(left) > 0 {
		t.Errorf("got %v after a success, %v", left, err)
	}
}

func TestAFailedRunLeavesAnAccountInABucket(t *testing.T) {
	s := s3fake.Start(t)
	good, bad := failing(t)
	for range 2 {
		if _, err := Run(context.Background(), parse(t, jobOver(t, bad, "s3://bucket/out")), testEnv()); exit.Of(err) != exit.BadData {
			t.Fatalf("got %v, want code %d", err, exit.BadData)
		}
		objects := s.Objects()
		checkFailed(t, []byte(objects["out/shop/failed/"+manifest.Name]))
		if !strings.HasPrefix(objects["out/shop/failed/"+manifest.Quarantine], "PAR1") {
			t.Error("got no quarantine")
		}
	}
	mustRun(t, parse(t, jobOver(t, good, "s3://bucket/out")))
	for key := range s.Objects() {
		if strings.Contains(key, "failed") {
			t.Errorf("got %s after a success", key)
		}
	}
}

func TestTheLastLineOfTheLogNamesTheRun(t *testing.T) {
	good, _ := failing(t)
	var log bytes.Buffer
	env := testEnv()
	env.Log = zerolog.New(&log)
	result, err := Run(context.Background(), parse(t, jobOver(t, good, t.TempDir())), env)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	var last struct {
		RunID           string `json:"run_id"`
		Rows, Customers int64
		Seconds         *float64
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatal(err)
	}
	if last.RunID != result.Manifest.RunID || last.Rows != 3 || last.Customers != 3 || last.Seconds == nil {
		t.Errorf("got %s", lines[len(lines)-1])
	}
	for _, w := range result.Manifest.Warnings {
		if !strings.Contains(log.String(), `"code":"`+w.Code+`"`) {
			t.Errorf("the warning %s is not in the log", w.Code)
		}
	}
}
