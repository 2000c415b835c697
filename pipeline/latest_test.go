package pipeline

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/place"
)

func latestOf(t *testing.T, jobFolder string) string {
	t.Helper()
	folder, err := place.Latest(jobFolder)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Base(folder)
}

func TestABackfillLeavesLatestAtTheNewestDay(t *testing.T) {
	job, _ := folderJob(t, "")
	jobFolder := filepath.Join(job.Output, job.Job)
	mustRun(t, on(t, job, "2024-03-04"))
	for _, day := range []string{"2024-03-03", "2024-03-03"} { // new, then replaced
		if got := filepath.Base(mustRun(t, on(t, job, day)).Folder); got != "as_of="+day {
			t.Errorf("got the folder %s, want %s", got, day)
		}
		if got := latestOf(t, jobFolder); got != "as_of=2024-03-04" {
			t.Errorf("got %s as latest after publishing %s, want the newest day", got, day)
		}
	}
	mustRun(t, on(t, job, "2024-03-05"))
	if got := latestOf(t, jobFolder); got != "as_of=2024-03-05" {
		t.Errorf("got %s as latest, want the newest day", got)
	}
	if err := os.RemoveAll(filepath.Join(jobFolder, "as_of=2024-03-05")); err != nil {
		t.Fatal(err)
	}
	mustRun(t, on(t, job, "2024-03-03"))
	if got := latestOf(t, jobFolder); got != "as_of=2024-03-04" {
		t.Errorf("got %s as latest, want the newest day that is published", got)
	}
}

func TestLatestIsMendedByTheNextRun(t *testing.T) {
	job, _ := folderJob(t, "")
	jobFolder := filepath.Join(job.Output, job.Job)
	published := filepath.Base(mustRun(t, job).Folder)
	for _, text := range []string{"", "../elsewhere\n", "as_of=2020-01-01\n"} {
		path := filepath.Join(jobFolder, "latest")
		err := os.WriteFile(path, []byte(text), 0o600)
		if text == "" {
			err = os.Remove(path)
		}
		if err != nil {
			t.Fatal(err)
		}
		skips(t, "latest was "+text, job)
		if got := latestOf(t, jobFolder); got != published {
			t.Errorf("got %s as latest, want %s", got, published)
		}
	}
}

// TestEarlierRunsAreVerifiedBeforeTheyAreRead changes one byte of each file that a
// later run reads.
func TestEarlierRunsAreVerifiedBeforeTheyAreRead(t *testing.T) {
	job, _ := folderJob(t, "")
	jobFolder := filepath.Join(job.Output, job.Job)
	folder := mustRun(t, on(t, job, "2024-03-03")).Folder
	change := func(name string) (undo func()) {
		t.Helper()
		path := filepath.Join(folder, filepath.FromSlash(name))
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bad := append([]byte{}, data...)
		bad[len(bad)/2] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	models, err := filepath.Glob(filepath.Join(folder, "models", "*.json"))
	if err != nil || len(models) == 0 {
		t.Fatalf("got the models %v, %v", models, err)
	}
	for _, path := range models {
		name := "models/" + filepath.Base(path)
		undo := change(name)
		if _, err := modelfile.Read(context.Background(), folder); exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want code %d", name, err, exit.BadInput)
		}
		undo()
		if err := os.Rename(path, path+"x"); err != nil {
			t.Fatal(err)
		}
		if _, err := modelfile.Read(context.Background(), folder); exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is gone: got %v, want code %d", name, err, exit.BadInput)
		}
		if err := os.Rename(path+"x", path); err != nil {
			t.Fatal(err)
		}
	}
	next := on(t, job, "2024-03-04")
	for _, name := range []string{"crm/generic/segments.csv"} {
		undo := change(name)
		_, err := Run(context.Background(), next, testEnv())
		if exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), "segments.csv") {
			t.Errorf("%s: got %v, want code %d", name, err, exit.BadInput)
		}
		undo()
	}
	if got := latestOf(t, jobFolder); got != "as_of=2024-03-03" {
		t.Errorf("got %s as latest after runs that failed", got)
	}
	mustRun(t, next)
}
