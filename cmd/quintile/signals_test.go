//go:build unix

package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A command that heeds nothing, here one that waits for its job file, is gone two
// seconds after a signal.
func TestSignalsEndWhatDoesNotHeedThem(t *testing.T) {
	job := filepath.Join(t.TempDir(), "job.yaml")
	if err := syscall.Mkfifo(job, 0o600); err != nil {
		t.Skip(err)
	}
	f := func(signal syscall.Signal, code int, args ...string) {
		t.Helper()
		c := program(args...)
		var said strings.Builder
		c.Stderr = &said
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second) // until it waits; a signal before it listens ends it as well, but not by its own code
		began := time.Now()
		if err := c.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		var exit *exec.ExitError
		if err := c.Wait(); !errors.As(err, &exit) || exit.ExitCode() != code || !strings.Contains(said.String(), "stopped at once") {
			t.Errorf("%v: got %v and %q, want exit code %d", args, err, said.String(), code)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%v: got %s from the signal to the end, want 2 s at most", args, took)
		}
	}
	f(syscall.SIGTERM, 143, "run", job)
	f(syscall.SIGINT, 130, "check", job)
}

// The end of a runtime that cannot go on is not that of a wrong job file.
func TestFatalEndsOfTheRuntimeAreNoUsageErrors(t *testing.T) {
	c := program(fatalEnd)
	said, err := c.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(string(said), "goroutine") {
		t.Fatalf("got %v and %q, want a panic", err, said)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGABRT {
		t.Errorf("got %v, want an end by SIGABRT", err)
	}
}
