package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/mining/rfm"
	"github.com/quintile-dev/quintile/mining/rules"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/progress"
	"github.com/quintile-dev/quintile/pipeline/tempdir"
)

// moreLines is what a second file of smallJob's customers holds.
const moreLines = `customer,time,order,product,quantity,price
c1,2024-03-02 10:00:00,5,a,1,2.50
c4,2024-03-02 10:00:00,6,a,1,2.50
`

// folderJob is smallJob on a folder of two files, with cheap steps.
func folderJob(t *testing.T, settings string) (job config.Job, folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "lines")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, folder, "a.csv", fewLines)
	writeFile(t, folder, "b.csv", moreLines)
	return parse(t, `
job: small
inputs:
  transactions:
    - path: `+folder+`
      columns: {customer: customer, time: time, order: order, product: product, quantity: quantity, unit_price: price}
steps: {rfm: {}, features: {}}
`+settings), folder
}

// ifChanged runs a job unless it is unchanged, and returns the reason logged.
func ifChanged(t *testing.T, job config.Job) (*Result, string) {
	t.Helper()
	var log bytes.Buffer
	env := testEnv()
	env.Log = zerolog.New(zerolog.SyncWriter(&log)) // steps log side by side
	result, err := RunIfChanged(context.Background(), job, env)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(log.String()) {
		var entry struct{ Reason string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if entry.Reason != "" {
			return result, entry.Reason
		}
	}
	return result, ""
}

// skips fails the test unless the job is found unchanged.
func skips(t *testing.T, what string, job config.Job) *Result {
	t.Helper()
	result, why := ifChanged(t, job)
	if !result.Unchanged || result.Manifest != nil {
		t.Errorf("%s: got a run because %s, want it unchanged", what, why)
	}
	return result
}

// runs fails the test unless the job is run, for a reason that has want in it.
func runs(t *testing.T, what string, job config.Job, want string) *Result {
	t.Helper()
	result, why := ifChanged(t, job)
	if result.Unchanged || result.Manifest == nil || !strings.Contains(why, want) || why == "" {
		t.Errorf("%s: got unchanged %v, reason %q; want a run because %q", what, result.Unchanged, why, want)
	}
	return result
}

// on returns the job with a scoring date.
func on(t *testing.T, job config.Job, day string) config.Job {
	t.Helper()
	job.AsOf = new(config.Day)
	if want, ok := job.AsOf.Set(day); !ok {
		t.Fatalf("got %q, want %s", day, want)
	}
	return job
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestUnchangedJobIsLeftAsItIs(t *testing.T) {
	job, _ := folderJob(t, "")
	first := runs(t, "nothing published", job, "nothing is published yet")
	manifest := filepath.Join(first.Folder, manifest.Name)
	old := time.Unix(1_000_000_000, 0)
	must(t, os.Chtimes(manifest, old, old))
	if second := skips(t, "the same again", job); second.Folder != first.Folder {
		t.Errorf("got the folder %s, want %s", second.Folder, first.Folder)
	}
	info, err := os.Stat(manifest)
	must(t, err)
	if !info.ModTime().Equal(old) {
		t.Error("the manifest was written anew by a run that had nothing to do")
	}
	leftovers(t, filepath.Join(job.Output, job.Job))
	if second := mustRun(t, job); second.Unchanged || second.Manifest == nil {
		t.Error("got Run to skip, want it to run always")
	}
}

func TestWhatCannotChangeTheResultIsUnchanged(t *testing.T) {
	job, folder := folderJob(t, "")
	mustRun(t, job)
	a, b := filepath.Join(folder, "a.csv"), filepath.Join(folder, "b.csv")

	must(t, os.Rename(a, filepath.Join(folder, "c.csv")))
	must(t, os.Rename(b, a))
	skips(t, "files under other names, in another order", job)

	writeFile(t, folder, "d.csv", fewLines)
	skips(t, "a file that is there twice", job)

	writeFile(t, folder, "_notes.csv", "no data")
	skips(t, "a hidden file", job)

	job.Workers, job.Memory = 7, config.Size{Bytes: 1 << 30}
	skips(t, "workers and memory", job)
}

func TestWhatCanChangeTheResultIsRun(t *testing.T) {
	f := func(what, want string, change func(job *config.Job, lines, published string) error) {
		t.Helper()
		job, lines := folderJob(t, "")
		published := mustRun(t, job).Folder
		must(t, change(&job, lines, published))
		result := runs(t, what, job, want)
		if _, err := os.Stat(filepath.Join(result.Folder, manifest.Success)); err != nil {
			t.Errorf("%s: %v, want a whole publication", what, err)
		}
		skips(t, what+", then the same again", job)
	}
	replace := func(folder, name, text string) error {
		return os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600)
	}

	f("a byte of an input", "b.csv is new or has changed", func(_ *config.Job, lines, _ string) error {
		return replace(lines, "b.csv", strings.Replace(moreLines, "2.50", "2.60", 1))
	})
	f("a longer input", "b.csv is new or has changed", func(_ *config.Job, lines, _ string) error {
		return replace(lines, "b.csv", moreLines+"c5,2024-03-02 10:00:00,7,a,1,2.50\n")
	})
	f("a new input", "c.csv is new or has changed", func(_ *config.Job, lines, _ string) error {
		return replace(lines, "c.csv", strings.Replace(moreLines, "2.50", "2.60", 1))
	})
	f("an input that is gone", "got 1 input files, published from 2", func(_ *config.Job, lines, _ string) error {
		return os.Remove(filepath.Join(lines, "b.csv"))
	})
	f("one input in place of another", "b.csv is gone or has changed", func(_ *config.Job, lines, _ string) error {
		return replace(lines, "b.csv", fewLines)
	})
	f("another ending", "is read another way", func(_ *config.Job, lines, _ string) error {
		return os.Rename(filepath.Join(lines, "b.csv"), filepath.Join(lines, "b.txt"))
	})
	f("a folder that names a column", "is read another way", func(_ *config.Job, lines, _ string) error {
		into := filepath.Join(lines, "region=UK")
		return errors.Join(os.Mkdir(into, 0o700), os.Rename(filepath.Join(lines, "b.csv"), filepath.Join(into, "b.csv")))
	})
	f("the seed", "the job has changed", func(job *config.Job, _, _ string) error { job.Seed++; return nil })
	f("a setting of a step", "the job has changed", func(job *config.Job, _, _ string) error {
		edit(t, job, "rfm", func(s *rfm.Settings) { s.Bins = 4 })
		return nil
	})
	f("another step", "the job has changed", func(job *config.Job, _, _ string) error {
		job.Steps = job.Steps.With("rules", new(rules.Default()))
		return nil
	})
	f("a scoring date", "the latest publication is of an earlier day", func(job *config.Job, _, _ string) error {
		*job = on(t, *job, "2024-03-09")
		return nil
	})
	f("no mark of success", manifest.Success, func(_ *config.Job, _, published string) error {
		return os.Remove(filepath.Join(published, manifest.Success))
	})
	f("no manifest", manifest.Name, func(_ *config.Job, _, published string) error {
		return os.Remove(filepath.Join(published, manifest.Name))
	})
	f("a damaged manifest", "damaged JSON", func(_ *config.Job, _, published string) error {
		return os.Truncate(filepath.Join(published, manifest.Name), 100)
	})
	f("an empty manifest", "a manifest of another day", func(_ *config.Job, _, published string) error {
		return replace(published, manifest.Name, "{}")
	})
	f("an output that is gone", "features.parquet", func(_ *config.Job, _, published string) error {
		return os.Remove(filepath.Join(published, "features.parquet"))
	})
	f("an output cut short", "segments.parquet: got 9 bytes", func(_ *config.Job, _, published string) error {
		return os.Truncate(filepath.Join(published, "segments.parquet"), 9)
	})
	f("an output with one bit changed", "segments.parquet: got ", func(_ *config.Job, _, published string) error {
		path := filepath.Join(published, "segments.parquet")
		data, err := os.ReadFile(path)
		data[len(data)/2] ^= 1
		return errors.Join(err, os.WriteFile(path, data, 0o600))
	})
	f("checksums of the manifest changed by hand", "manifest that was changed", func(_ *config.Job, _, published string) error {
		path := filepath.Join(published, manifest.Name)
		text, err := os.ReadFile(path)
		return errors.Join(err, os.WriteFile(path, bytes.Replace(text, []byte(`"config_sha256": "`), []byte(`"config_sha256": "0`), 1), 0o600))
	})
}

func TestAnotherVersionIsRun(t *testing.T) {
	job, _ := folderJob(t, "")
	mustRun(t, job)
	env := testEnv()
	env.Version = "test of the day after"
	result, err := RunIfChanged(context.Background(), job, env)
	if err != nil || result.Unchanged {
		t.Errorf("got %+v, %v; want a run by the new version", result, err)
	}
}

// Scores by the models of an earlier run are not what a run would publish, even
// where the job, which then has no other step, is the same.
func TestScoresOfEarlierModelsAreRun(t *testing.T) {
	job, _ := folderJob(t, "")
	models, err := modelfile.Read(context.Background(), mustRun(t, job).Folder)
	must(t, err)
	job.Steps = job.Steps.With("rfm", nil)
	mustRun(t, job)
	skips(t, "features alone", job)
	_, err = Score(context.Background(), job, models, testEnv())
	must(t, err)
	runs(t, "scored", job, "scores by earlier models")
}

// Two inputs that are mapped each its own way trade contents: the checksums are
// the same, the rows are not.
func TestInputsThatTradeContentsAreRun(t *testing.T) {
	folder := t.TempDir()
	a, b := writeFile(t, folder, "a.csv", "who,day,paid,list\nx,2024-01-01,1,2\n"), writeFile(t, folder, "b.csv", "who,day,paid,list\ny,2024-01-02,3,5\n")
	job := parse(t, `
job: two
inputs:
  transactions:
    - {path: `+a+`, columns: {customer: who, time: day, amount: paid}}
    - {path: `+b+`, columns: {customer: who, time: day, amount: list}}
steps: {rfm: {}}
`)
	before := mustRun(t, job).Manifest.Money.Gross
	skips(t, "the same", job)
	aside := filepath.Join(folder, "aside")
	must(t, errors.Join(os.Rename(a, aside), os.Rename(b, a), os.Rename(aside, b)))
	if after := runs(t, "traded", job, "is read another way").Manifest.Money.Gross; after == before {
		t.Errorf("got %s gross again, the example has lost its point", after)
	}
}

func TestEachScoringDateIsComparedWithItsOwn(t *testing.T) {
	job, _ := folderJob(t, "")
	third, fourth := on(t, job, "2024-03-03"), on(t, job, "2024-03-04")
	jobFolder := filepath.Join(job.Output, job.Job)
	runs(t, "the first day", third, "nothing is published yet")
	runs(t, "the next day", fourth, "earlier day")
	skips(t, "the next day again", fourth)
	skips(t, "the first day again", third)
	if latest, err := place.Latest(jobFolder); err != nil || filepath.Base(latest) != "as_of=2024-03-04" {
		t.Errorf("got %q, %v as latest, want it left at the later day", latest, err)
	}

	// A run of the later day was killed after its folder was in place, and
	// before latest named it.
	must(t, os.WriteFile(filepath.Join(jobFolder, "latest"), []byte("as_of=2024-03-03\n"), 0o600))
	skips(t, "latest never moved on", fourth)
	if latest, err := place.Latest(jobFolder); err != nil || filepath.Base(latest) != "as_of=2024-03-04" {
		t.Errorf("got %q, %v as latest, want the later day", latest, err)
	}
	skips(t, "the later day once more", fourth)

	// The delta of the later day compares with the earlier one.
	must(t, os.RemoveAll(filepath.Join(jobFolder, "as_of=2024-03-03")))
	runs(t, "the run that the delta compares with is gone", fourth, "that the delta compares with has changed")
	skips(t, "and once more", fourth)
}

// A backfill leaves latest on a newer day. Whether there is something to do is then told by the
// publication of the same files, and not by the newest.
func TestBackfillIsComparedWithItsOwnDay(t *testing.T) {
	job, folder := folderJob(t, "")
	b := filepath.Join(folder, "b.csv")
	all, err := os.ReadFile(b)
	must(t, err)
	newer := mustRun(t, job)
	must(t, os.WriteFile(b, []byte("customer,time,order,product,quantity,price\nc7,2023-12-30 10:00:00,5,a,1,2.50\n"), 0o600))
	a := filepath.Join(folder, "a.csv")
	text, err := os.ReadFile(a)
	must(t, err)
	must(t, os.WriteFile(a, []byte(strings.Join(strings.SplitAfter(string(text), "\n")[:4], "")), 0o600))
	older := runs(t, "fewer files", job, "is new or has changed")
	if older.Folder >= newer.Folder {
		t.Fatalf("got %s after %s, want an older day", older.Folder, newer.Folder)
	}
	if latest, err := place.Latest(filepath.Join(job.Output, job.Job)); err != nil || latest != newer.Folder {
		t.Errorf("got %s, %v as latest, want it left at the newer day", latest, err)
	}
	if again := skips(t, "the backfill again", job); again.Folder != older.Folder {
		t.Errorf("got the folder %s, want that of the backfill, %s", again.Folder, older.Folder)
	}
	must(t, os.WriteFile(a, text, 0o600))
	must(t, os.WriteFile(b, all, 0o600))
	runs(t, "all files again, after a day before", job, "that the delta compares with has changed")
	if again := skips(t, "all files once more", job); again.Folder != newer.Folder {
		t.Errorf("got the folder %s, want that of all files, %s", again.Folder, newer.Folder)
	}
	must(t, os.Remove(filepath.Join(older.Folder, manifest.Success)))
	runs(t, "an older day that was not finished is none to go on from", job, "goes on from has changed")
	skips(t, "and once more", job)
}

func TestDeltaThatWouldDifferIsRun(t *testing.T) {
	job, folder := folderJob(t, "as_of: 2024-03-04\n")
	earlier := on(t, job, "2024-02-01")
	mustRun(t, earlier)
	first := mustRun(t, job)
	if base := first.Manifest.DeltaBase; base == nil || base.AsOf != "2024-02-01" || len(base.SHA256) != 64 {
		t.Fatalf("got the base %+v, want that of 2024-02-01 with its checksum", base)
	}
	skips(t, "the same", job)
	b := filepath.Join(folder, "b.csv")
	must(t, os.WriteFile(b, []byte("customer,time,order,product,quantity,price\nc7,2024-01-02 10:00:00,5,a,1,2.50\n"), 0o600))
	mustRun(t, earlier)
	must(t, os.WriteFile(b, []byte(moreLines), 0o600))
	mustRun(t, on(t, job, "2024-03-05")) // so that latest is a later day again
	runs(t, "the earlier day was published anew", job, "that the delta compares with has changed")
}

// What a kill left behind is cleared, and does not hide what is published.
func TestUnchangedAfterAKillBetweenTwoRenames(t *testing.T) {
	job, _ := folderJob(t, "")
	published := mustRun(t, job).Folder
	jobFolder := filepath.Dir(published)
	must(t, os.Rename(published, filepath.Join(jobFolder, ".replaced-"+filepath.Base(published))))
	must(t, os.Mkdir(filepath.Join(jobFolder, ".staging-"+"as_of=2024-03-03"), 0o700))
	skips(t, "after the kill", job)
	leftovers(t, jobFolder)
}

func TestKeptHistoryIsUnchangedWithoutNewFiles(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	job, folder := folderJob(t, "history: "+state+"\n")
	first := runs(t, "nothing published", job, "nothing is published yet")
	skips(t, "the same", job)
	must(t, os.Remove(filepath.Join(folder, "b.csv")))
	skips(t, "a file that is in the history and gone from the folder", job)
	must(t, os.Rename(filepath.Join(folder, "a.csv"), filepath.Join(folder, "z.txt")))
	skips(t, "a file of the history under another name", job)
	writeFile(t, folder, "new.csv", strings.Replace(moreLines, "2.50", "2.60", 1))
	second := runs(t, "a new file", job, "new.csv is new or has changed")
	if got, want := second.Manifest.Rows.Read, first.Manifest.Rows.Read+2; got != want {
		t.Errorf("got %d rows, want %d", got, want)
	}
	skips(t, "the same again", job)

	// Another day's run adds a file: the history holds more than the day before
	// was made from, though no file is unknown to it.
	other := on(t, job, "2024-03-09")
	mustRun(t, other)
	writeFile(t, folder, "newer.csv", strings.Replace(moreLines, "2.50", "2.70", 1))
	mustRun(t, on(t, job, "2024-03-10"))
	runs(t, "a history that has grown", other, "the kept history holds other files")

	must(t, os.RemoveAll(state))
	runs(t, "a history that is gone", other, "the kept history holds other files")
}

func TestFaultsAreLeftForTheRun(t *testing.T) {
	job, folder := folderJob(t, "")
	published := mustRun(t, job).Folder
	before := digests(t, published)
	must(t, os.RemoveAll(folder))
	_, err := RunIfChanged(context.Background(), job, testEnv())
	if exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), "check the path") {
		t.Errorf("got exit code %d (%v), want %d and what the run says", exit.Of(err), err, exit.BadInput)
	}
	after := digests(t, published)
	for name, sum := range before {
		if after[name] != sum {
			t.Errorf("%s changed in a run that failed", name)
		}
	}
}

// watcher notes the stages that begin and the bytes compared.
type watcher struct {
	progress.Silent
	mu       sync.Mutex // steps begin side by side
	stages   []string
	compared atomic.Int64
	begin    func(stage string)
}

func (w *watcher) Begin(stage string, _ int64, _ string) {
	w.mu.Lock()
	w.stages = append(w.stages, stage)
	w.mu.Unlock()
	if w.begin != nil {
		w.begin(stage)
	}
}

func (w *watcher) Advance(stage string, n int64) {
	if stage == "compare" {
		w.compared.Add(n)
	}
}

func TestFilesAreReadOnlyWhereTheirSizesDoNotTell(t *testing.T) {
	job, folder := folderJob(t, "")
	mustRun(t, job)
	w := &watcher{}
	env := testEnv()
	env.Progress = w
	result, err := RunIfChanged(context.Background(), job, env)
	must(t, err)
	if want := int64(len(fewLines) + len(moreLines)); !result.Unchanged || w.compared.Load() != want || !slices.Equal(w.stages, []string{"compare"}) {
		t.Errorf("got unchanged %v, %d bytes compared, stages %q; want true, %d, and no stage but compare", result.Unchanged, w.compared.Load(), w.stages, want)
	}

	writeFile(t, folder, "b.csv", moreLines+"c5,2024-03-02 10:00:00,7,a,1,2.50\n")
	w = &watcher{}
	env.Progress = w
	result, err = RunIfChanged(context.Background(), job, env)
	must(t, err)
	if result.Unchanged || slices.Contains(w.stages, "compare") || w.compared.Load() != 0 {
		t.Errorf("got unchanged %v, %d bytes compared for a file of another size, want a run and none", result.Unchanged, w.compared.Load())
	}

	ctx, cancel := context.WithCancel(context.Background())
	w = &watcher{begin: func(string) { cancel() }}
	env.Progress = w
	if _, err := RunIfChanged(ctx, job, env); !errors.Is(err, context.Canceled) || !slices.Equal(w.stages, []string{"compare"}) {
		t.Errorf("got %v and the stages %q, want the run to end where comparing was cancelled", err, w.stages)
	}
}

func TestComparingIsCancelledAndLocked(t *testing.T) {
	job, _ := folderJob(t, "")
	jobFolder := filepath.Dir(mustRun(t, job).Folder)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := RunIfChanged(ctx, job, testEnv()); !errors.Is(err, context.Canceled) || exit.Of(err) != exit.Interrupted {
		t.Errorf("got %v, want context.Canceled", err)
	}
	release, err := tempdir.Lock(jobFolder)
	must(t, err)
	if _, err := RunIfChanged(context.Background(), job, testEnv()); exit.Of(err) != exit.Locked {
		t.Errorf("got %v, want exit code %d", err, exit.Locked)
	}
	must(t, release())
	skips(t, "afterwards", job)
}
