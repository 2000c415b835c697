package lock

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// held makes the test binary take a lock, say so, and wait until it is killed.
const held = "QUINTILE_TEST_HOLD_LOCK"

func TestMain(m *testing.M) {
	if path := os.Getenv(held); path != "" {
		if _, err := Take(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("held")
		select {}
	}
	os.Exit(m.Run())
}

func TestLockIsHeldByOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".lock")
	release, err := Take(path)
	if err != nil {
		t.Fatal(err)
	}
	var h *Held
	if _, err := Take(path); !errors.As(err, &h) || h.Process != fmt.Sprint(os.Getpid()) {
		t.Errorf("a second time: got %v, want the process %d that has it", err, os.Getpid())
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, err = Take(path)
	if err != nil {
		t.Fatalf("after its release: got %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got the file with %v, %v; want it readable by its owner alone", info.Mode(), err)
	}
}

func TestLockOfAKilledProcessIsFree(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".lock")
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), held+"="+path)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "held\n" {
		t.Fatalf("got %q, %v; want the lock held", line, err)
	}
	if _, err := Take(path); err == nil || !strings.Contains(err.Error(), fmt.Sprint(c.Process.Pid)) {
		t.Errorf("got %v, want the process %d that has it", err, c.Process.Pid)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
	release, err := Take(path)
	if err != nil {
		t.Fatalf("after a kill: got %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}

func TestLockInAFolderThatIsNotThereIsAnError(t *testing.T) {
	var h *Held
	if _, err := Take(filepath.Join(t.TempDir(), "none", ".lock")); err == nil || errors.As(err, &h) {
		t.Errorf("got %v, want an error of the file", err)
	}
}
