//go:build unix

package pipeline

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/quintile-dev/quintile/pipeline/exit"
)

func TestReadOnlyOutputIsRefused(t *testing.T) {
	if os.Geteuid() == 0 {
		asUser(t) // root may write anywhere
		return
	}
	job := parse(t, smallJob(t, fewLines))
	if err := os.Chmod(job.Output, 0o500); err != nil {
		t.Fatal(err)
	}
	_, err := Run(context.Background(), job, testEnv())
	if exit.Of(err) != exit.NotWritten {
		t.Errorf("got exit code %d (%v), want %d", exit.Of(err), err, exit.NotWritten)
	}
}

// nobody is a user without rights.
const nobody = 65534

// asUser runs the test that calls it once more, in a process without the rights of root.
func asUser(t *testing.T) {
	t.Helper()
	folder, err := os.MkdirTemp("", "as-user-*") // which others may enter, unlike that of the test
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(folder)) })
	must(t, os.Chmod(folder, 0o755))
	program := filepath.Join(folder, "test")
	in, err := os.Open(os.Args[0])
	must(t, err)
	defer in.Close()
	out, err := os.OpenFile(program, os.O_CREATE|os.O_WRONLY, 0o755)
	must(t, err)
	_, err = io.Copy(out, in)
	must(t, err)
	must(t, out.Close())
	temporary := filepath.Join(folder, "tmp")
	must(t, os.Mkdir(temporary, 0o700))
	must(t, os.Chown(temporary, nobody, nobody))
	c := exec.Command(program, "-test.v", "-test.run", "^"+t.Name()+"$")
	c.Dir, c.Env = temporary, append(os.Environ(), "TMPDIR="+temporary, "HOME="+temporary)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	text, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(text), "--- PASS: "+t.Name()) {
		t.Errorf("as a user: %v\n%s", err, text)
	}
}
