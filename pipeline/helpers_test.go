package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/datasets/realdata"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// shared returns the absolute path of a file of real data, and skips the test
// where the data is not at hand.
func shared(t *testing.T, name string) string {
	t.Helper()
	return realdata.Path(t, name)
}

// parse reads a job, in which OUT stands for a fresh folder.
func parse(t *testing.T, text string) config.Job {
	t.Helper()
	job, err := config.Parse("job.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if job.Output == "out" {
		job.Output = t.TempDir()
	}
	return job
}

func testEnv() Env {
	return Env{Log: zerolog.Nop(), Now: func() time.Time { return time.Unix(0, 0) }, Version: "test"}
}

// mustRun runs a job and returns its result.
func mustRun(t *testing.T, job config.Job) *Result {
	t.Helper()
	result, err := Run(context.Background(), job, testEnv())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// digests returns the SHA-256 of every file of a published folder but the
// manifest, which tells timings and paths.
func digests(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if name == "manifest.json" {
			return nil
		}
		sum := sha256.Sum256(text)
		out[filepath.ToSlash(name)] = hex.EncodeToString(sum[:])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// same compares two published folders byte by byte.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	a, b := digests(t, got), digests(t, want)
	for name, sum := range b {
		if a[name] != sum {
			t.Errorf("%s: %s differs", what, name)
		}
	}
	if len(a) != len(b) {
		t.Errorf("%s: got %d files, want %d", what, len(a), len(b))
	}
}

// steps returns a metric of the manifest as JSON has it.
func metric(t *testing.T, m *manifest.Manifest, step, name string) float64 {
	t.Helper()
	text, err := json.Marshal(m.Steps[step][name])
	if err != nil {
		t.Fatal(err)
	}
	var v float64
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s.%s: got %s, want a number", step, name, text)
	}
	return v
}

// writeFile writes a file into a folder and returns its path.
func writeFile(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// onlineRetail is the job of the worked example, for data at a path.
func onlineRetail(path, rules string) string {
	return fmt.Sprintf(`
job: online-retail
as_of: 2011-12-10
time_zone: Europe/London
currency: GBP
seed: 1
inputs:
  transactions:
    - path: %s
      columns: {order: InvoiceNo, product: StockCode, description: Description, quantity: Quantity,
                time: InvoiceDate, unit_price: UnitPrice, customer: CustomerID, region: Country}
      time_format: "%%m/%%d/%%Y %%H:%%M"
%s
quality: {max_quarantined: 1%%}
`, path, strings.TrimRight(rules, "\n"))
}

const withReturns = `
      returns: {column: order, prefix: C}
      set_aside:
        - {name: adjustment, column: order, prefix: A}
        - {name: free, column: unit_price, max: 0}
`

const withoutReturns = `
      set_aside:
        - {name: cancellation, column: order, prefix: C}
        - {name: not_positive, column: quantity, max: 0}
        - {name: free, column: unit_price, max: 0}
`
