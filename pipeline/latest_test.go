package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/pipeline/exit"
)

func latestOf(t *testing.T, jobFolder string) string {
	t.Helper()
	folder, err := Latest(jobFolder)
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
		path := filepath.Join(jobFolder, latestName)
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

// TestNothingChangesWhereLatestCannotBeWritten stands in for a disk that is full: a
// folder is where latest would be staged.
func TestNothingChangesWhereLatestCannotBeWritten(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{stagePrefix + dayName("2024-03-03"), stagePrefix + latestName, dayName("2024-03-03")} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	day := dayName("2024-03-03")
	write(filepath.Join(stagePrefix+day, "file"), "new")
	write(filepath.Join(day, "file"), "old")
	s := &stage{job: folder, name: day, path: filepath.Join(folder, stagePrefix+day)}
	_, err := s.publish()
	text, reading := os.ReadFile(filepath.Join(folder, day, "file"))
	if exit.Of(err) != exit.NotWritten || reading != nil || string(text) != "old" {
		t.Errorf("got %v, and %q, %v in the published folder; want code %d and the old text", err, text, reading, exit.NotWritten)
	}
}

// TestWhatWasPublishedIsSaidWhereLatestStaysBehind has latest be a folder, which no
// rename replaces.
func TestWhatWasPublishedIsSaidWhereLatestStaysBehind(t *testing.T) {
	folder := t.TempDir()
	day := dayName("2024-03-03")
	s := &stage{job: folder, name: day, path: filepath.Join(folder, stagePrefix+day)}
	if err := errors.Join(os.Mkdir(s.path, 0o700), os.Mkdir(filepath.Join(folder, latestName), 0o700)); err != nil {
		t.Fatal(err)
	}
	_, err := s.publish()
	if exit.Of(err) != exit.NotWritten || !strings.Contains(err.Error(), "is published and whole") || !strings.Contains(err.Error(), "the next run of the job does it") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, day)); err != nil {
		t.Error(err)
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
		if _, err := ReadModels(context.Background(), folder); exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want code %d", name, err, exit.BadInput)
		}
		undo()
		if err := os.Rename(path, path+"x"); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadModels(context.Background(), folder); exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), name) {
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
