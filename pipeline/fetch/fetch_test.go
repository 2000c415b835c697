package fetch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/progress"
)

const fewRows = "customer,time,order,amount\na,2024-01-02,1,10.00\nb,2024-01-02,2,10.00\nc,2024-01-02,3,10.00\nd,2024-01-02,4,10.00\n"

func noon() time.Time { return time.Unix(0, 0) }

func TestNoRoomForInputsSaysWhatToDo(t *testing.T) {
	s := s3fake.Start(t)
	t.Setenv("TMPDIR", t.TempDir())
	s.Set("in/a.csv", fewRows)
	f := New(progress.New(nil, noon, zerolog.Nop()), os.TempDir(), false)
	f.free = func(string) (int64, bool) { return 100, true }
	_, err := f.Files(t.Context(), []string{"s3://bucket/in/a.csv"}, nil)
	if exit.Of(err) != exit.NotWritten || !strings.Contains(err.Error(), fmt.Sprintf("got room for 100 bytes, want it for %d; free space there", len(fewRows))) {
		t.Errorf("got %v, want it to say how much room is missing", err)
	}
	must(t, f.Close())
	// It may fill up meanwhile as well.
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skipf("no device that is full: %v", err)
	}
	f.free = func(string) (int64, bool) { return 0, false }
	found, err := f.Find(t.Context(), "s3://bucket/in/a.csv")
	must(t, err)
	link := filepath.Join(t.TempDir(), "full")
	must(t, os.Symlink("/dev/full", link))
	err = f.fetchOne(t.Context(), &found[0], link, func(int64) {})
	if exit.Of(err) != exit.NotWritten || !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "no space left on device; free space there") {
		t.Errorf("got %v, want an error that says where to make room", err)
	}
}

func TestAFetchMayBeCancelledBeforeItBegins(t *testing.T) {
	s := s3fake.Start(t)
	t.Setenv("TMPDIR", t.TempDir())
	s.Set("in/a.csv", fewRows)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	f := New(progress.New(nil, noon, zerolog.Nop()), os.TempDir(), false)
	found, err := f.Find(t.Context(), "s3://bucket/in")
	must(t, err)
	if err := f.Fetch(ctx, []*ingest.File{&found[0]}, func(int64) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	must(t, f.Close())
}

func TestAFileWithoutAnETagIsNotKnown(t *testing.T) {
	known := Known([]manifest.Input{{Path: "s3://b/a", Bytes: 1, SHA256: "sum"}, {Path: "s3://b/b", Bytes: 1, ETag: "tag", SHA256: "sum"}})
	for f, want := range map[ingest.File]string{
		{Name: "s3://b/a", Bytes: 1}:              "",
		{Name: "s3://b/b", Bytes: 1}:              "",
		{Name: "s3://b/b", Bytes: 2, ETag: "tag"}: "",
		{Name: "s3://b/a", Bytes: 1, ETag: "tag"}: "",
		{Name: "s3://b/b", Bytes: 1, ETag: "tag"}: "sum",
	} {
		if got := known(&f); got != want {
			t.Errorf("%+v: got %q, want %q", f, got, want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
