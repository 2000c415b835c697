package pipeline

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// keptJob is a small job that keeps its history in a fresh folder.
func keptJob(t *testing.T) config.Job {
	t.Helper()
	job := parse(t, smallJob(t, fewLines))
	job.History = filepath.Join(t.TempDir(), "state")
	return job
}

// fails runs a job and wants an exit code and words.
func fails(t *testing.T, what string, job config.Job, code exit.Code, words ...string) {
	t.Helper()
	_, err := Run(context.Background(), job, testEnv())
	if exit.Of(err) != code {
		t.Errorf("%s: got exit code %d (%v), want %d", what, exit.Of(err), err, code)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: got %q, want %q in it", what, err, w)
		}
	}
}

func TestAFolderOfTheUsersIsNoHistory(t *testing.T) {
	job := keptJob(t)
	var files []string
	for _, name := range []string{"identities/aliases.csv", "quarantine/notes.txt", "bucket=eu/part.csv"} {
		folder := filepath.Join(job.History, filepath.Dir(name))
		must(t, os.MkdirAll(folder, 0o700))
		files = append(files, writeFile(t, folder, filepath.Base(name), "theirs"))
	}
	fails(t, "a folder of data", job, exit.Usage, job.History, "identities", "bucket=eu")
	for _, file := range files {
		if text, err := os.ReadFile(file); err != nil || string(text) != "theirs" {
			t.Errorf("%s: got %q, %v; want it left alone", file, text, err)
		}
	}
	if entries, err := os.ReadDir(job.History); err != nil || len(entries) != 3 {
		t.Errorf("got %v, %v; want nothing added", entries, err)
	}
}

func TestADamagedHistoryIsBadInputAndNamed(t *testing.T) {
	job := keptJob(t)
	mustRun(t, job)
	published := digests(t, mustRun(t, job).Folder)
	buckets, err := filepath.Glob(filepath.Join(job.History, "bucket=*", "run-*.parquet"))
	if err != nil || len(buckets) < 2 {
		t.Fatalf("got %v, %v; want a file in several buckets", buckets, err)
	}
	ledger := filepath.Join(job.History, "ledger.json")
	read := func(path string) []byte {
		t.Helper()
		text, err := os.ReadFile(path)
		must(t, err)
		return text
	}
	f := func(what, path string, text []byte) {
		t.Helper()
		before := read(path)
		if text == nil {
			must(t, os.Remove(path))
		} else {
			must(t, os.WriteFile(path, text, 0o600))
		}
		fails(t, what, job, exit.BadInput, filepath.Base(path), "restore", "load all files again")
		must(t, os.WriteFile(path, before, 0o600))
	}
	f("a lost file", buckets[0], nil)
	f("a file copied over another", buckets[0], read(buckets[1]))
	f("an empty file", buckets[1], []byte{})
	for _, text := range []string{"", "null", "{", `{"version": 9}`} {
		f("a damaged ledger", ledger, []byte(text))
	}
	f("a ledger that counts less", ledger, []byte(strings.Replace(string(read(ledger)), `"kept": 5`, `"kept": 4`, 1)))
	for name, sum := range digests(t, mustRun(t, job).Folder) {
		if published[name] != sum {
			t.Errorf("%s differs once the history is whole again", name)
		}
	}
}

// A history of version 1 has no checksums: its rows are compared with its inputs.
func TestAHistoryOfVersionOneMustHoldAllItsRows(t *testing.T) {
	old := func(lines string) config.Job {
		job := keptJob(t)
		mustRun(t, job)
		digest, err := job.MappingDigest()
		must(t, err)
		sum, err := filepath.Glob(filepath.Join(job.History, "bucket=*", "run-000001.parquet"))
		must(t, err)
		text, err := os.ReadFile(filepath.Join(job.History, "ledger.json"))
		must(t, err)
		_, rest, _ := strings.Cut(string(text), `"inputs": `)
		inputs, _, _ := strings.Cut(rest, ",\n  \"sha256\"")
		one := `{"version": 1, "mapping": "` + digest + `", "runs": ["run-000001.parquet"], "quarantine": null, "next": 1, "inputs": ` + inputs + "}"
		must(t, os.WriteFile(filepath.Join(job.History, "ledger.json"), []byte(one), 0o600))
		if lines == "lost" {
			must(t, os.Remove(sum[0]))
		}
		return job
	}
	job := old("")
	same(t, "version 1", mustRun(t, job).Folder, mustRun(t, parse(t, smallJob(t, fewLines))).Folder)
	fails(t, "version 1 with a file lost", old("lost"), exit.BadInput, "want the 5 that its inputs gave")
}

func TestTwoJobsThatShareAHistoryTakeTurns(t *testing.T) {
	job := keptJob(t)
	digest, err := job.MappingDigest()
	must(t, err)
	folder, err := history.OpenFolder(job.History, digest)
	must(t, err)
	fails(t, "while another has it open", job, exit.Locked, job.History, "process")
	must(t, folder.Close())
	mustRun(t, job)
	job.Output = t.TempDir() // another output, the same history
	mustRun(t, job)
}

func TestAHistoryThatChangedDuringTheRunIsNotCommittedTo(t *testing.T) {
	job := keptJob(t)
	mustRun(t, job)
	r := newRun(job, testEnv())
	_, err := r.locked(context.Background(), func() (*Result, error) {
		if err := r.prepare(context.Background()); err != nil {
			return nil, err
		}
		defer r.Data.Store.Close()
		if err := r.scanHistory(context.Background()); err != nil {
			return nil, err
		}
		defer r.Scan.Close()
		r.Data.Report.Inputs = r.Data.Inputs[:1] // as if something were new
		must(t, os.WriteFile(filepath.Join(job.History, "ledger.json"), []byte("{}"), 0o600))
		return nil, r.Data.Commit()
	})
	if exit.Of(err) != exit.Locked {
		t.Errorf("got exit code %d (%v), want %d", exit.Of(err), err, exit.Locked)
	}
}

func TestRowsThatAreLostStopARunWithoutAHistoryToo(t *testing.T) {
	job := parse(t, smallJob(t, fewLines))
	r := newRun(job, testEnv())
	_, err := r.locked(context.Background(), func() (*Result, error) {
		if err := r.prepare(context.Background()); err != nil {
			return nil, err
		}
		defer r.Data.Store.Close()
		if err := r.scanHistory(context.Background()); err != nil {
			return nil, err
		}
		defer r.Scan.Close()
		if err := r.Data.CheckRows(); err != nil {
			t.Errorf("got %v for rows that all came back", err)
		}
		r.Data.Inputs[0].Kept++
		return nil, r.Data.CheckRows()
	})
	if exit.Of(err) != exit.Internal || !strings.Contains(err.Error(), "got 5 line items of known customers, want the 6 kept") {
		t.Errorf("got %v, want the rows compared", err)
	}
}

// Temporary files are of the disk, not of the data.
func TestATemporaryFolderThatIsNotThereIsNotWritten(t *testing.T) {
	job := parse(t, smallJob(t, fewLines))
	r := newRun(job, testEnv())
	r.Data.Budget = 0 // everything is spilled
	_, err := r.locked(context.Background(), func() (*Result, error) {
		r.Data.TempDir, r.Data.Budget = filepath.Join(t.TempDir(), "none"), 1
		return r.do(context.Background())
	})
	if err == nil || exit.Of(err) != exit.NotWritten {
		t.Errorf("got exit code %d (%v), want %d", exit.Of(err), err, exit.NotWritten)
	}
}

// mistyped is a small retailer in which one year is wrong.
const mistyped = fewLines + "c3,2042-03-03 09:00:00,5,a,1,2.50\n"

func TestAMistypedYearDoesNotMoveTheScoringDate(t *testing.T) {
	job := parse(t, smallJob(t, mistyped))
	fails(t, "without a history", job, exit.BadData, "2042-03-03", "2024-03-02", "as_of", "set_aside")
	_, err := Run(context.Background(), job, testEnv())
	if strings.Contains(err.Error(), "c3") {
		t.Errorf("got %q, want no customer named", err)
	}
	job.History = filepath.Join(t.TempDir(), "state")
	fails(t, "with a history", job, exit.BadData, "2042-03-03")
	asOf := config.Day(datasets.DayOf(2024, 3, 3))
	job.AsOf = &asOf
	named := mustRun(t, job) // and takes the file in
	if rows := named.Manifest.Rows; rows.Kept != 5 || rows.SetAside["after_as_of"] != 1 {
		t.Errorf("got %+v, want the row set aside as late", rows)
	}
	job.AsOf = nil
	fails(t, "with what the history holds", job, exit.BadData, "2042-03-03")
}
