package place

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/tempdir"
)

func TestMirrorsOfKilledRunsAreRemoved(t *testing.T) {
	s3fake.Start(t)
	t.Setenv("TMPDIR", t.TempDir())
	place := config.Place{Bucket: "bucket", Prefix: "out"}
	running, err := openRemote(context.Background(), place, "small", time.Now(), zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	killed, err := os.MkdirTemp("", running.mirrorPrefix()+"*")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(killed, "segments.csv"), []byte("personal data"), 0o600); err != nil {
		t.Fatal(err)
	}
	strange := filepath.Join(os.TempDir(), "quintile-other")
	if err := os.Mkdir(strange, 0o700); err != nil {
		t.Fatal(err)
	}
	exists := func(path string, want bool) {
		t.Helper()
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) == want {
			t.Errorf("%s: got %v, want it there: %v", path, err, want)
		}
	}
	old := time.Now().Add(-time.Hour)
	for _, folder := range []string{running.folder, strange} {
		if err := os.Chtimes(folder, old, old); err != nil {
			t.Fatal(err)
		}
	}
	var next *tempdir.Folder
	open := func() {
		t.Helper()
		if err := next.Close(); err != nil {
			t.Fatal(err)
		}
		if next, err = tempdir.Open(os.TempDir(), running.mirrorPrefix(), time.Now(), tempdir.Young); err != nil {
			t.Fatal(err)
		}
	}
	open()
	exists(killed, true) // it may be of a run that has just begun
	if err := os.Chtimes(killed, old, old); err != nil {
		t.Fatal(err)
	}
	open()
	exists(killed, false)
	exists(running.folder, true)
	exists(strange, true)
	if err := running.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	exists(running.folder, false)
	if info, err := os.Stat(next.Path); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("got %v, %v; want a folder that its owner alone reads", info.Mode(), err)
	}
	if err := next.Close(); err != nil {
		t.Error(err)
	}
	exists(next.Path, false)
}
