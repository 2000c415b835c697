package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets/synth"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/place"
)

// asProgram makes the test binary be the program itself, for tests that kill it.
const asProgram = "QUINTILE_TEST_AS_PROGRAM"

// program returns the command that runs the program with the arguments.
func program(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), asProgram+"=1")
	return c
}

// shopJob writes a synthetic retailer and a job for it, and returns the job's
// path.
func shopJob(t *testing.T, folder, output string, customers, lines int) string {
	t.Helper()
	c := synth.Default()
	c.Customers, c.Lines, c.Columns = customers, lines, synth.Minimal
	r, err := synth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(folder, "lines.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.WriteCSV(context.Background(), file), file.Close()); err != nil {
		t.Fatal(err)
	}
	job := filepath.Join(folder, "job.yaml")
	text := fmt.Sprintf(`
job: shop
output: %s
history: %s
inputs:
  transactions:
    - path: %s
      columns: {customer: customer_id, time: time, order: order_id, product: product, quantity: quantity, unit_price: unit_price}
steps:
  rfm: {}
  features: {}
  segments: {k: 3}
  rules: {min_support: 0.02}
`, output, filepath.Join(output, "state"), file.Name())
	if err := os.WriteFile(job, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return job
}

// checkPublished fails the test unless what latest names is whole: every output
// of the manifest is there with its checksum, and the mark of success.
func checkPublished(t *testing.T, jobFolder, when string) {
	t.Helper()
	folder, err := place.Latest(jobFolder)
	if err != nil || folder == "" {
		t.Fatalf("%s: got %q published, %v; want a run", when, folder, err)
	}
	if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
		// Between two renames, on systems that cannot swap folders.
		folder = filepath.Join(jobFolder, ".replaced-"+filepath.Base(folder))
	}
	text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	var m struct{ Outputs []manifest.Output }
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	for _, o := range m.Outputs {
		content, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(o.Path)))
		sum := sha256.Sum256(content)
		if err != nil || hex.EncodeToString(sum[:]) != o.SHA256 {
			t.Errorf("%s: %s is not what the manifest says: %v", when, o.Path, err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "_SUCCESS")); err != nil || len(m.Outputs) == 0 {
		t.Errorf("%s: got %d outputs, %v; want a whole run", when, len(m.Outputs), err)
	}
}

func TestKilledRunsLeaveThePublishedOneWhole(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a run fifty times")
	}
	const kills, seed = 50, 1
	folder := t.TempDir()
	output := filepath.Join(folder, "out")
	job := shopJob(t, folder, output, 800, 20_000)
	whole := time.Hour
	for range 3 { // the first is the slowest
		start := time.Now()
		if text, err := program("run", "--quiet", job).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		whole = min(whole, time.Since(start))
	}
	jobFolder := filepath.Join(output, "shop")
	checkPublished(t, jobFolder, "before")
	rng := rand.New(rand.NewPCG(seed, 0))
	killed := 0
	for k := range kills {
		c := program("run", "--quiet", job)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rng.Float64() * float64(whole)))
		_ = c.Process.Kill() // fails where the run has ended already
		if c.Wait() != nil {
			killed++
		} else {
			whole = whole * 9 / 10 // the machine is less busy than it was
		}
		checkPublished(t, jobFolder, fmt.Sprintf("kill %d", k+1))
	}
	t.Logf("%d of %d runs were killed before their end (seed %d)", killed, kills, seed)
	if killed < kills/2 {
		t.Errorf("got %d runs killed, want at least %d: the moments are too late", killed, kills/2)
	}
	if text, err := program("run", "--quiet", job).CombinedOutput(); err != nil {
		t.Fatalf("the next run: %v: %s", err, text)
	}
	checkPublished(t, jobFolder, "after")
	entries, err := os.ReadDir(jobFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".staging") || strings.HasPrefix(e.Name(), ".replaced") || strings.HasPrefix(e.Name(), ".quintile") {
			t.Errorf("got %s left, want nothing of the killed runs", e.Name())
		}
	}
}

// asRoot reports whether the test runs as root, who may mount file systems. A user's test is
// run once more where the user is root and what is mounted is nobody else's: in namespaces
// of its own. It is skipped where the system gives none.
func asRoot(t *testing.T) bool {
	t.Helper()
	if os.Geteuid() == 0 {
		return true
	}
	within := []string{"--user", "--map-root-user", "--mount"}
	if text, err := exec.Command("unshare", append(within, "true")...).CombinedOutput(); err != nil {
		t.Skipf("only root can mount a file system, and there are no namespaces: %v: %s", err, text)
	}
	c := exec.Command("unshare", append(within, os.Args[0], "-test.v", "-test.run", "^"+t.Name()+"$")...)
	text, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(text), "--- PASS: "+t.Name()) {
		t.Errorf("in namespaces: %v\n%s", err, text)
	}
	return false
}

// mount mounts a small file system for the test, which must be root's.
func mount(t *testing.T, options string) string {
	t.Helper()
	folder := t.TempDir()
	if text, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder).CombinedOutput(); err != nil {
		t.Skipf("mounting a file system: %v: %s", err, text)
	}
	t.Cleanup(func() {
		if text, err := exec.Command("umount", folder).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, text)
		}
	})
	return folder
}

// failing runs the job and returns its exit code and what it says.
func failing(t *testing.T, job string) (int, string) {
	t.Helper()
	text, err := program("run", "--quiet", job).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("got %v: %s, want a run that fails", err, text)
	}
	return exit.ExitCode(), string(text)
}

func TestFullDiskPublishesNothing(t *testing.T) {
	if !asRoot(t) {
		return
	}
	folder, output := t.TempDir(), mount(t, "size=300k")
	job := shopJob(t, folder, output, 2000, 60_000)
	code, text := failing(t, job)
	if code != int(exit.NotWritten) || !strings.Contains(text, "no space left on device") {
		t.Errorf("got exit code %d and %q, want %d and the reason", code, text, exit.NotWritten)
	}
	if latest, err := place.Latest(filepath.Join(output, "shop")); latest != "" || err != nil {
		t.Errorf("got %q published, %v; want nothing", latest, err)
	}
}

func TestReadOnlyOutputPublishesNothing(t *testing.T) {
	if !asRoot(t) {
		return
	}
	folder, output := t.TempDir(), mount(t, "ro,size=1m")
	job := shopJob(t, folder, output, 100, 3000)
	code, text := failing(t, job)
	if code != int(exit.NotWritten) || !strings.Contains(text, "read-only file system") {
		t.Errorf("got exit code %d and %q, want %d and the reason", code, text, exit.NotWritten)
	}
}
