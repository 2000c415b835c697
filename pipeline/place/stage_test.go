package place

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// TestNothingChangesWhereLatestCannotBeWritten stands in for a disk that is full: a
// folder is where latest would be staged.
func TestNothingChangesWhereLatestCannotBeWritten(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{stagePrefix + manifest.DayFolder("2024-03-03"), stagePrefix + latestName, manifest.DayFolder("2024-03-03")} {
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
	day := manifest.DayFolder("2024-03-03")
	write(filepath.Join(stagePrefix+day, "file"), "new")
	write(filepath.Join(day, "file"), "old")
	s := &Stage{job: folder, Name: day, Path: filepath.Join(folder, stagePrefix+day)}
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
	day := manifest.DayFolder("2024-03-03")
	s := &Stage{job: folder, Name: day, Path: filepath.Join(folder, stagePrefix+day)}
	if err := errors.Join(os.Mkdir(s.Path, 0o700), os.Mkdir(filepath.Join(folder, latestName), 0o700)); err != nil {
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
