package tempdir

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTemporaryFoldersOfKilledRunsGoAtOnce makes one as a run does that was killed a
// moment ago, and one that may be about to be locked.
func TestTemporaryFoldersOfKilledRunsGoAtOnce(t *testing.T) {
	parent := t.TempDir()
	killed, fresh := filepath.Join(parent, "quintile-x-1"), filepath.Join(parent, "quintile-x-2")
	for _, folder := range []string{killed, fresh} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(killed, LockName), []byte("4711\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	running, err := Open(parent, "quintile-x-", time.Now(), Young)
	if err != nil {
		t.Fatal(err)
	}
	next, err := Open(parent, "quintile-x-", time.Now(), Young)
	if err != nil {
		t.Fatal(err)
	}
	for folder, want := range map[string]bool{killed: false, fresh: true, running.Path: true, next.Path: true} {
		if _, err := os.Stat(folder); (err == nil) != want {
			t.Errorf("%s: got %v, want it there: %v", folder, err, want)
		}
	}
	if err := running.Close(); err != nil {
		t.Error(err)
	}
	if err := next.Close(); err != nil {
		t.Error(err)
	}
}
