package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets/synth"
	"github.com/quintile-dev/quintile/mining/churn"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/progress"
)

// shopChurn is a job of churn alone on a synthetic retailer, who has enough
// customers to learn from.
func shopChurn(t *testing.T, settings string) config.Job {
	t.Helper()
	c := synth.Default()
	c.Customers, c.Lines, c.Columns = 1500, 30_000, synth.Minimal
	r, err := synth.New(c)
	must(t, err)
	path := filepath.Join(t.TempDir(), "lines.csv")
	file, err := os.Create(path)
	must(t, err)
	must(t, errors.Join(r.WriteCSV(context.Background(), file), file.Close()))
	return parse(t, fmt.Sprintf(`
job: shop
inputs:
  transactions:
    - path: %s
      columns: {customer: customer_id, time: time, order: order_id, product: product, quantity: quantity, unit_price: unit_price}
steps: {churn: {horizon_days: 60, models: [logistic], features: [recency_days, frequency, tenure_days]}}
%s
`, path, settings))
}

// withBar returns the job with a bar for the AUC.
func withBar(t *testing.T, job config.Job, bar float64) config.Job {
	t.Helper()
	edit(t, &job, "churn", func(s *churn.Settings) { s.MinAUC = &bar })
	return job
}

func TestRunBelowTheBarLeavesThePublishedOneWhole(t *testing.T) {
	job := shopChurn(t, "")
	first := mustRun(t, job)
	auc := metric(t, first.Manifest, "churn", "auc")
	if auc < 0.55 || auc > 0.99 {
		t.Fatalf("got an AUC of %v, the example has lost its point", auc)
	}
	before := digests(t, first.Folder)
	_, err := Run(context.Background(), withBar(t, job, auc+0.001), testEnv())
	if exit.Of(err) != exit.BadModel || !strings.HasPrefix(err.Error(), "step churn: got an AUC of 0.") {
		t.Errorf("got exit code %d (%v), want %d and the AUC", exit.Of(err), err, exit.BadModel)
	}

	for name, sum := range digests(t, first.Folder) {
		if before[name] != sum {
			t.Errorf("%s changed in a run that failed", name)
		}
	}
	leftovers(t, filepath.Dir(first.Folder))

	again := mustRun(t, withBar(t, job, auc)) // as high as the bar is high enough
	if got := metric(t, again.Manifest, "churn", "auc"); got != auc {
		t.Errorf("got an AUC of %v, want %v again", got, auc)
	}
	for name, sum := range digests(t, again.Folder) {
		if before[name] != sum {
			t.Errorf("%s differs with a bar that was reached", name)
		}
	}
	models, err := modelfile.Read(context.Background(), again.Folder)
	must(t, err)
	if _, err := Score(context.Background(), withBar(t, job, 1), models, testEnv()); err != nil {
		t.Errorf("scoring, which fits nothing: got %v, want no look at the bar", err)
	}
}

func TestTooLittleDataIsBelowAnyBar(t *testing.T) {
	job := parse(t, smallJob(t, fewLines)+"steps: {rfm: {}, churn: {min_auc: 0}}\n")
	_, err := Run(context.Background(), job, testEnv())
	if exit.Of(err) != exit.BadModel || !strings.HasPrefix(err.Error(), "step churn: got too little data for a model (") {
		t.Errorf("got exit code %d (%v), want %d and what is missing", exit.Of(err), err, exit.BadModel)
	}
	if latest, _ := place.Latest(filepath.Join(job.Output, job.Job)); latest != "" {
		t.Errorf("got %s published, want nothing", latest)
	}
	leftovers(t, filepath.Join(job.Output, job.Job))
}

// The kept history has taken the files in when the model fails. A retry with a
// lower bar publishes what a run without a bar would have, and one that looks
// for changes does not take the failed run for done.
func TestRetryBelowTheBarWithAKeptHistory(t *testing.T) {
	job := shopChurn(t, "history: "+filepath.Join(t.TempDir(), "state"))
	plain := job
	plain.History = ""
	want := mustRun(t, plain)
	job.Output = t.TempDir()
	high := withBar(t, job, 1)
	for try := range 3 {
		_, err := RunIfChanged(context.Background(), high, testEnv())
		if exit.Of(err) != exit.BadModel {
			t.Fatalf("try %d: got exit code %d (%v), want %d", try+1, exit.Of(err), err, exit.BadModel)
		}
	}
	got := runs(t, "a lower bar", withBar(t, job, 0.5), "nothing is published yet")
	if got.Manifest.Rows.Read != want.Manifest.Rows.Read || len(got.Manifest.Inputs) != 1 {
		t.Errorf("got %d rows of %d files, want %d of 1", got.Manifest.Rows.Read, len(got.Manifest.Inputs), want.Manifest.Rows.Read)
	}
	same(t, "after three failures", got.Folder, want.Folder)
	skips(t, "the same again", withBar(t, job, 0.5))

	// A new file makes the model fail once more: it is in the history, and no
	// longer unknown, but not in what is published.
	file := filepath.Join(filepath.Dir(job.Inputs.Transactions[0].Path), "more.csv")
	must(t, os.WriteFile(file, []byte("customer_id,time,order_id,product,quantity,unit_price\nC1,2025-06-29 10:00:00,X1,P1,1,2.5\n"), 0o600))
	job.Inputs.Transactions[0].Path = filepath.Dir(file)
	mustRun(t, withBar(t, job, 0.5))
	must(t, os.WriteFile(file, []byte("customer_id,time,order_id,product,quantity,unit_price\nC2,2025-06-29 10:00:00,X2,P1,1,2.5\n"), 0o600))
	ctx, cancel := context.WithCancel(context.Background())
	env := testEnv()
	env.Progress = cancelAt{progress.Silent{}, "churn", cancel}
	if _, err := Run(ctx, withBar(t, job, 0.5), env); exit.Of(err) != exit.Interrupted {
		t.Fatalf("got %v, want the run interrupted after its history was committed", err)
	}
	runs(t, "a file in the history alone", withBar(t, job, 0.5), "the kept history holds other files")
}

// cancelAt cancels a run where a stage begins.
type cancelAt struct {
	progress.Silent
	stage  string
	cancel func()
}

func (c cancelAt) Begin(stage string, _ int64, _ string) {
	if stage == c.stage {
		c.cancel()
	}
}
