package pipeline

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/reference"
)

// shopOf is a job on the line items of a small retailer, whose prices are so many times those
// that they were.
func shopOf(t *testing.T, times float64, rest string) config.Job {
	t.Helper()
	csv, _ := retailer(t, 400, 9_000)
	text, err := os.ReadFile(csv)
	must(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	at := slices.Index(strings.Split(lines[0], ","), "unit_price")
	for i, line := range lines[1:] {
		cells := strings.Split(line, ",")
		price, err := strconv.ParseFloat(cells[at], 64)
		must(t, err)
		cells[at] = strconv.FormatFloat(math.Round(price*times*100)/100, 'f', 2, 64)
		lines[1+i] = strings.Join(cells, ",")
	}
	return parse(t, `
job: shop
inputs:
  transactions:
    - path: `+writeFile(t, t.TempDir(), "lines.csv", strings.Join(lines, "\n")+"\n")+`
      columns: {customer: customer_id, time: time, order: order_id, product: product, quantity: quantity, unit_price: unit_price}
`+rest)
}

// scoreBy scores a job with the models of a run.
func scoreBy(t *testing.T, job config.Job, run *Result) (*Result, error) {
	t.Helper()
	fitted, err := modelfile.Read(context.Background(), run.Folder)
	must(t, err)
	return Score(context.Background(), job, fitted, testEnv())
}

// warningOf returns the message of a warning, "" where there is none.
func warningOf(m *manifest.Manifest, code string) string {
	for _, w := range m.Warnings {
		if w.Code == code {
			return w.Message
		}
	}
	return ""
}

const fewSteps = "steps: {rfm: {}, segments: {k: 3}}\n"

func TestPricesOfAnotherUnitDoNotPassInSilence(t *testing.T) {
	run := mustRun(t, shopOf(t, 1, fewSteps))
	same, err := scoreBy(t, shopOf(t, 1, fewSteps), run)
	must(t, err)
	if got := warningOf(same.Manifest, "drift"); got != "" || len(same.Manifest.Drift) < 3 {
		t.Errorf("the same customers: got the warning %q and the drift %v, want no warning", got, same.Manifest.Drift)
	}
	for name, psi := range same.Manifest.Drift {
		if psi != 0 {
			t.Errorf("the same customers: got a PSI of %v of %s, want 0", psi, name)
		}
	}

	far, err := scoreBy(t, shopOf(t, 150, fewSteps), run)
	must(t, err)
	if got := warningOf(far.Manifest, "drift"); !strings.Contains(got, "monetary ") || far.Manifest.Drift["monetary"] < 5 {
		t.Errorf("prices x 150: got %q and the drift %v, want monetary named", got, far.Manifest.Drift)
	}
	if psi := far.Manifest.Drift["recency_days"]; psi != 0 {
		t.Errorf("prices x 150: got a PSI of %v of recency_days, want 0", psi)
	}

	_, err = scoreBy(t, shopOf(t, 150, fewSteps+"quality: {max_psi: 0.5}\n"), run)
	if exit.Of(err) != exit.BadModel || !strings.Contains(err.Error(), "quality.max_psi: got the PSI monetary ") {
		t.Errorf("prices x 150 and a limit: got exit code %d (%v), want %d and the feature", exit.Of(err), err, exit.BadModel)
	}
	if _, err := scoreBy(t, shopOf(t, 1, fewSteps+"quality: {max_psi: 0}\n"), run); err != nil {
		t.Errorf("the same customers and a limit of 0: got %v", err)
	}
}

func TestScoringStopsBeforeFilesOfAnotherScaleAreKept(t *testing.T) {
	run := mustRun(t, shopOf(t, 1, fewSteps))
	kept := filepath.Join(t.TempDir(), "history")
	job := shopOf(t, 150, fewSteps+"quality: {max_psi: 0.5}\nhistory: "+kept+"\n")
	if _, err := scoreBy(t, job, run); exit.Of(err) != exit.BadModel {
		t.Fatalf("got exit code %d (%v), want %d", exit.Of(err), err, exit.BadModel)
	}
	job.Quality.MaxPSI = nil
	job.Inputs = shopOf(t, 1, "").Inputs
	again, err := scoreBy(t, job, run)
	must(t, err)
	if got := again.Manifest.Drift["monetary"]; got != 0 {
		t.Errorf("got a PSI of %v after the right files, want 0: the wrong ones were kept", got)
	}
}

func TestJobsThatContradictTheModelsAreRefused(t *testing.T) {
	run := mustRun(t, shopOf(t, 1, "currency: GBP\nsteps: {rfm: {bins: 4}, segments: {k: 3}}\n"))
	refused := func(rest, want string) {
		t.Helper()
		_, err := scoreBy(t, shopOf(t, 1, rest), run)
		if exit.Of(err) != exit.Usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got exit code %d (%v), want %d and %q", rest, exit.Of(err), err, exit.Usage, want)
		}
	}
	refused("currency: EUR\nsteps: {rfm: {bins: 4}}\n", "currency: got EUR, want GBP as the models were learned")
	refused("steps: {rfm: {bins: 3}}\n", "steps.rfm.bins: got 3, want 4 as the models were learned")
	refused("steps: {rfm: {bins: 4, monetary: net}}\n", `steps.rfm.monetary: got "net", want "gross"`)
	refused("steps: {rfm: {bins: 3, monetary: net}, segments: {k: 5}}\n", "(and 2 more settings differ)")

	taken := func(rest, want string) {
		t.Helper()
		got, err := scoreBy(t, shopOf(t, 1, rest), run)
		must(t, err)
		if text := warningOf(got.Manifest, "settings_of_models"); text != want {
			t.Errorf("%s: got the warning %q, want %q", rest, text, want)
		}
		if got.Manifest.Config.Currency != "GBP" {
			t.Errorf("%s: got the currency %q, want that of the models", rest, got.Manifest.Config.Currency)
		}
	}
	taken("currency: GBP\nsteps: {rfm: {bins: 4}, segments: {k: 3}}\n", "")
	taken("currency: GBP\nsteps: {rfm: {}, segments: {k: 3}}\n", "taken from the models: steps.rfm.bins is 4 (in the job: 5)")
	taken("steps: {segments: {k: 3}}\n", "taken from the models: currency is GBP (in the job: nothing)")
}

func TestModelsWithoutAReferenceSaySo(t *testing.T) {
	run := mustRun(t, shopOf(t, 1, fewSteps))
	fitted, err := modelfile.Read(context.Background(), run.Folder)
	must(t, err)
	fitted.Reference = nil
	got, err := Score(context.Background(), shopOf(t, 150, fewSteps), fitted, testEnv())
	must(t, err)
	if warningOf(got.Manifest, "no_reference") == "" {
		t.Errorf("got %v, want a warning that nothing could be compared", got.Manifest.Warnings)
	}
	if _, err := os.Stat(filepath.Join(got.Folder, filepath.FromSlash(reference.Name))); err == nil {
		t.Error("got a reference beside models that came without one")
	}
}

func TestReferencesAreHandedOnUnchanged(t *testing.T) {
	run := mustRun(t, shopOf(t, 1, fewSteps))
	scored, err := scoreBy(t, shopOf(t, 2, fewSteps), run)
	must(t, err)
	if a, b := digests(t, run.Folder)[reference.Name], digests(t, scored.Folder)[reference.Name]; a == "" || a != b {
		t.Errorf("got the reference %s of who was scored, want %s as learned", b, a)
	}
	path := filepath.Join(run.Folder, filepath.FromSlash(reference.Name))
	text, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, []byte(strings.Replace(string(text), `"customers": `, `"customers": 1`, 1)), 0o600))
	if _, err := modelfile.Read(context.Background(), run.Folder); exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), reference.Name) {
		t.Errorf("a reference that somebody changed: got %v, want it refused", err)
	}
}

// The keys: recency, frequency and money of 3,370 customers at 2011-09-10 against 4,338 at
// 2011-12-10, by edges of the first.
func TestDriftOfOnlineRetailMeetsTheKeys(t *testing.T) {
	text := onlineRetail(shared(t, "online-retail/online-retail.csv.gz"), withoutReturns) + "steps: {rfm: {}}\n"
	run := mustRun(t, parse(t, strings.Replace(text, "as_of: 2011-12-10", "as_of: 2011-09-10", 1)))
	fitted, err := modelfile.Read(context.Background(), run.Folder)
	must(t, err)
	if fitted.Reference.Customers != 3_370 {
		t.Errorf("got %d customers, want 3370", fitted.Reference.Customers)
	}
	result, err := Score(context.Background(), parse(t, text), fitted, testEnv())
	must(t, err)
	for name, want := range map[string]struct {
		psi   float64
		edges []float64
	}{
		"recency_days": {0.144763549, []float64{8, 19, 34, 51, 74, 97.8, 128, 171, 221}},
		"frequency":    {0.027032328, []float64{1, 2, 3, 5, 7}},
		"monetary":     {0.023446658, []float64{138.967, 217.758, 307.876, 408.016, 565.96, 776.546, 1105.791, 1659.98, 2851.967}},
	} {
		if got := result.Manifest.Drift[name]; math.Abs(got-want.psi) > 1e-9 {
			t.Errorf("%s: got a PSI of %.9f, want %.9f", name, got, want.psi)
		}
		edges := fitted.Reference.Features[name].Edges
		if !slices.EqualFunc(edges, want.edges, func(a, b float64) bool { return math.Abs(a-b) < 1e-3 }) {
			t.Errorf("%s: got the edges %v, want %v", name, edges, want.edges)
		}
	}
}
