// Package pgtest runs a PostgreSQL server for tests, where the programs of Debian's postgresql are at hand or can be
// installed.
package pgtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a server for the time of a test.
type Server struct {
	URL    string // of the superuser, without a password
	bin    string
	socket string
	port   int
}

// Start starts a server with an empty database, or skips the test.
func Start(t testing.TB) *Server {
	t.Helper()
	bin := programs(t)
	folder, err := os.MkdirTemp("", "quintile-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	as := ordinary(t, folder)
	s := &Server{bin: bin, socket: folder, port: freePort(t)}
	run := func(name string, args ...string) {
		t.Helper()
		c := exec.Command(filepath.Join(bin, name), args...)
		c.SysProcAttr, c.Dir = as, folder
		if out, err := c.CombinedOutput(); err != nil {
			t.Skipf("skipped: %s does not work here: %v: %s", name, err, out)
		}
	}
	data := filepath.Join(folder, "data")
	run("initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	c := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", folder, "-h", "127.0.0.1", "-p", strconv.Itoa(s.port), "-c", "fsync=off")
	c.SysProcAttr, c.Dir = as, folder
	if err := c.Start(); err != nil {
		t.Skipf("skipped: the server does not start: %v", err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGINT)
		_ = c.Wait()
	})
	s.URL = fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", s.port)
	for range 200 {
		if exec.Command(filepath.Join(bin, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(s.port)).Run() == nil {
			return s
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the server does not answer within 10 s")
	return nil
}

// Exec runs SQL.
func (s *Server) Exec(t testing.TB, sql string) {
	t.Helper()
	c := exec.Command(filepath.Join(s.bin, "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", s.URL, "-c", sql)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", sql, err, out)
	}
}

// programs returns the folder of the server's programs.
func programs(t testing.TB) string {
	t.Helper()
	if found := installed(); found != "" {
		return found
	}
	if os.Getuid() == 0 {
		if _, err := exec.LookPath("apt-get"); err == nil {
			c := exec.Command("apt-get", "install", "--yes", "--no-install-recommends", "postgresql")
			c.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
			_ = c.Run() // where it fails, nothing is installed
		}
	}
	found := installed()
	if found == "" {
		t.Skip("skipped: no PostgreSQL server here; install Debian's postgresql")
	}
	return found
}

func installed() string {
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.Sort(folders)
	for _, f := range slices.Backward(folders) {
		if _, err := os.Stat(filepath.Join(f, "initdb")); err == nil {
			return f
		}
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}

// ordinary returns the settings to run a program as the user postgres if the test is root, since the server refuses
// root. The folder is given to postgres.
func ordinary(t testing.TB, folder string) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Skip("skipped: the test is root, and there is no user postgres to run the server as")
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(folder, uid, gid); err != nil {
		t.Skipf("skipped: %v", err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// freePort returns a port that is free.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := strings.Cut(l.Addr().String(), ":")
	n, _ := strconv.Atoi(port)
	return n
}
