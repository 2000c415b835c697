package pipeline

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/fetch"
	"github.com/quintile-dev/quintile/pipeline/tempdir"
)

func TestWhatAKilledRunHasFetchedIsRemoved(t *testing.T) {
	s := s3fake.Start(t)
	emptyTemp(t)
	s.Set("in/a.csv", fewLines)
	left := func(parent, prefix string) {
		folder := filepath.Join(parent, prefix+"123")
		must(t, os.MkdirAll(folder, 0o700))
		writeFile(t, folder, tempdir.LockName, "1")
		writeFile(t, folder, "1", "personal data")
		old := time.Unix(0, 0).Add(-time.Hour)
		must(t, os.Chtimes(folder, old, old))
	}
	job := objectJob(t, "s3://bucket/in/a.csv", "")
	jobFolder := filepath.Join(job.Output, job.Job)
	left(jobFolder, fetch.Prefix)
	mustRun(t, job)
	leftovers(t, jobFolder)
	left(jobFolder, fetch.Prefix)
	job.Inputs.Transactions[0].Path = writeFile(t, t.TempDir(), "a.csv", fewLines)
	mustRun(t, job) // which fetches nothing
	leftovers(t, jobFolder)
	left(os.TempDir(), fetch.SharedPrefix)
	job.Inputs.Transactions[0].Path = "s3://bucket/in/a.csv"
	if _, err := Check(context.Background(), job, testEnv()); err != nil {
		t.Error(err)
	}
}

func TestNothingToDoFetchesNothing(t *testing.T) {
	s := s3fake.Start(t)
	emptyTemp(t)
	s.Set("in/a.csv", fewLines)
	s.Set("in/b.csv", moreLines)
	job := objectJob(t, "s3://bucket/in/", "")
	f := func(what, why string, want ...string) {
		t.Helper()
		count(s)
		if why == "" {
			skips(t, what, job)
		} else {
			runs(t, what, job, why)
		}
		if got := gets(s); !slices.Equal(got, want) {
			t.Errorf("%s: got %v fetched, want %v", what, got, want)
		}
	}
	f("the first", "nothing is published yet", "in/a.csv", "in/b.csv")
	f("the same", "")
	s.Set("in/a.csv", fewLines)
	f("written again with the same contents", "")
	other := strings.Replace(fewLines, "c1,", "c7,", 1)
	s.Set("in/a.csv", other)
	f("other contents of the same length", "s3://bucket/in/a.csv is new or has changed", "in/a.csv", "in/b.csv")
	s.Set("in/c.csv", other)
	f("a copy under another name", "", "in/c.csv")
	s.Set("in/c.csv", other+"c8,2024-03-02 10:00:00,8,a,1,2.50\n")
	f("a new file", "s3://bucket/in/c.csv is new or has changed", "in/a.csv", "in/b.csv", "in/c.csv")
	s.Remove("in/c.csv")
	f("a file that is gone", "got 2 input files", "in/a.csv", "in/b.csv")
	s.Set("in/d.csv", moreLines)
	s.Remove("in/b.csv")
	f("a file under another name", "", "in/d.csv")
	s.Remove("in/d.csv")
	s.Remove("in/a.csv")
	_, err := RunIfChanged(context.Background(), job, testEnv())
	if exit.Of(err) != exit.BadInput {
		t.Errorf("got %v, want a fault of a run", err)
	}
	leftovers(t, filepath.Join(job.Output, job.Job))
}

// A kept history knows the objects that it has taken in by name, size and ETag,
// and takes them in once, as it does files.
func TestAKeptHistoryFetchesNewObjectsOnly(t *testing.T) {
	s := s3fake.Start(t)
	emptyTemp(t)
	folder, state := t.TempDir(), t.TempDir()
	job := objectJob(t, "s3://bucket/in/*.csv", "history: "+state+"\n")
	local := objectJob(t, folder, "")
	f := func(what string, want ...string) {
		t.Helper()
		count(s)
		got := mustRun(t, job)
		if read := gets(s); !slices.Equal(read, want) {
			t.Errorf("%s: got %v fetched, want %v", what, read, want)
		}
		same(t, what, got.Folder, mustRun(t, local).Folder)
	}
	add := func(name, text string) {
		s.Set("in/"+name, text)
		writeFile(t, folder, name, text)
	}
	add("a.csv", fewLines)
	f("the first", "in/a.csv")
	add("b.csv", moreLines)
	f("a new one", "in/b.csv")
	f("nothing new")
	s.Set("in/c.csv", fewLines)
	f("a copy", "in/c.csv")
	count(s)
	s.Remove("in/c.csv")
	skips(t, "nothing new", job)
	if read := gets(s); len(read) > 0 {
		t.Errorf("got %v fetched to find that there is nothing to do", read)
	}
	digest, err := job.MappingDigest()
	must(t, err)
	kept, err := history.OpenFolder(state, digest)
	must(t, err)
	defer kept.Close()
	for i, in := range kept.Inputs() {
		if want := []string{"s3://bucket/in/a.csv", "s3://bucket/in/b.csv"}[i]; in.Path != want || in.ETag == "" {
			t.Errorf("got %+v in the ledger, want %s", in, want)
		}
	}
}
