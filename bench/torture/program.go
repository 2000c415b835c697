package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// program is the program under torture.
type program struct {
	path  string
	limit time.Duration // a call that takes longer hangs
	peak  int64         // bytes of memory that no call may pass
}

// outcome is how a call ended.
type outcome struct {
	code     int // 128 + the signal where one ended it
	out, err string
	took     time.Duration
	peak     int64
	fault    string // what must never happen, "" for nothing
}

// Exit codes of docs/exit-codes.md.
const (
	done       = 0
	usage      = 2
	badInput   = 3
	badData    = 4
	badModel   = 5
	notWritten = 6
	locked     = 7
	killed     = 137
)

// call runs the program in a folder. A non-nil stop is handed the process once the program
// runs, and may end the process.
func (p *program) call(folder string, stop func(*os.Process), args ...string) outcome {
	return p.shell(folder, stop, p.path, args...)
}

// limited runs the program with a limit for the size of every written file.
func (p *program) limited(folder string, kib int, args ...string) outcome {
	script := fmt.Sprintf(`ulimit -f %d; exec "$0" "$@"`, 2*kib) // in blocks of 512 bytes
	return p.shell(folder, nil, "sh", append([]string{"-c", script, p.path}, args...)...)
}

func (p *program) shell(folder string, stop func(*os.Process), name string, args ...string) outcome {
	ctx, cancel := context.WithTimeout(context.Background(), p.limit)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	var out, log bytes.Buffer
	c.Dir, c.Stdout, c.Stderr = folder, &out, &log
	c.WaitDelay = 5 * time.Second
	start := time.Now()
	err := c.Start()
	if err == nil {
		if stop != nil {
			go stop(c.Process)
		}
		err = c.Wait()
	}
	o := outcome{out: out.String(), err: log.String(), took: time.Since(start)}
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		if o.code = ended.ExitCode(); o.code < 0 {
			o.code = 128 + int(ended.Sys().(syscall.WaitStatus).Signal())
		}
	case err != nil:
		o.fault = "could not be started: " + err.Error()
		return o
	}
	if usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		o.peak = usage.Maxrss << 10
	}
	if ctx.Err() != nil {
		o.fault = fmt.Sprintf("hangs: not over after %v", p.limit)
	} else {
		o.fault = p.faultOf(&o, stop != nil)
	}
	return o
}

// signs are the texts on stderr after a bug ended the program.
var signs = []string{"panic:", "BUG", "fatal error:", "goroutine ", "runtime error"}

// faultOf names an outcome that must never happen however bad the circumstances are.
func (p *program) faultOf(o *outcome, stopped bool) string {
	for _, sign := range signs {
		if strings.Contains(o.err, sign) {
			return "panic: stderr holds " + sign
		}
	}
	switch {
	case o.code == 1 || o.code > 128 && !stopped:
		return fmt.Sprintf("exit code %d, which stands for a bug", o.code)
	case o.peak > p.peak:
		return fmt.Sprintf("memory: took %d MiB, want at most %d", o.peak>>20, p.peak>>20)
	case o.code == killed:
		return ""
	case o.code != done && o.code < 128 && !strings.Contains(lastLine(o.err), "quintile:") && !strings.Contains(o.err, "\nquintile:") && !strings.HasPrefix(o.err, "quintile:"):
		return fmt.Sprintf("exit code %d without a message", o.code)
	}
	return ""
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// folder returns the published folder, as printed by a run.
func (o *outcome) folder(base string) string {
	name := lastLine(o.out)
	if !filepath.IsAbs(name) {
		name = filepath.Join(base, name)
	}
	return name
}
