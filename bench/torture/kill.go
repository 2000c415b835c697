package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// patience is how long a run may go on after a request to end. The program promises 2 s; a
// machine that is busy with other work needs more.
const patience = 6 * time.Second

// newKill kills runs at any moment, asks runs to end, and starts two runs at once.
func newKill(l *lane) (tormentor, error) {
	d, err := newTwoDays(l, 300, 8000)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if o := d.run(late); o.code != done {
		return nil, fmt.Errorf("got exit code %d: %s", o.code, o.err)
	}
	whole := time.Since(start)
	return func(t try) (string, error) {
		jobFolder, err := d.begin(t.rng.IntN(2) == 0, "")
		if err != nil {
			return "", err
		}
		if t.rng.IntN(6) == 0 {
			return d.both(jobFolder)
		}
		signal := []syscall.Signal{syscall.SIGKILL, syscall.SIGKILL, syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT}[t.rng.IntN(5)]
		moment := time.Duration(t.rng.Float64() * 1.1 * float64(whole))
		o := d.l.program.call(d.folder, func(p *os.Process) {
			time.Sleep(moment)
			_ = p.Signal(signal) // fails where the run has ended already
		}, "run", "--quiet", "--as-of", late, "job.yaml")
		if o.code == done {
			whole = o.took // the machine is less busy, or busier, than it was
		}
		if err := d.ended(o, signal, moment); err != nil {
			return "", err
		}
		now, err := d.check(jobFolder)
		if err != nil {
			return "", err
		}
		there := now.days["as_of="+late] != nil
		if o.code == done && !there {
			return "", fmt.Errorf("exit code 0, and nothing is published")
		}
		if there && o.code != done && o.code != killed {
			return "", fmt.Errorf("exit code %d, and the day is published", o.code)
		}
		end := map[int]string{done: "done before", killed: "killed", 143: "terminated", 130: "interrupted"}[o.code]
		if there && o.code == killed {
			end += " once published"
		}
		return end, d.after(jobFolder)
	}, nil
}

// ended looks at the end of a stopped run.
func (d *twoDays) ended(o outcome, signal syscall.Signal, moment time.Duration) error {
	switch {
	case o.fault != "":
		return fmt.Errorf("%s; %s", o.fault, o.err)
	case o.code != done && o.code != 128+int(signal):
		return fmt.Errorf("exit code %d after signal %d: %s", o.code, signal, o.err)
	case o.code != done && o.took > moment+patience:
		return fmt.Errorf("hangs: took %v after signal %d", o.took-moment, signal)
	}
	return nil
}

// both starts two runs at once; either may find the other at work.
func (d *twoDays) both(jobFolder string) (string, error) {
	other := make(chan outcome)
	go func() { other <- d.run(late) }()
	a := d.run(late)
	b := <-other
	for _, o := range []outcome{a, b} {
		if o.fault != "" || o.code != done && o.code != locked {
			return "", fmt.Errorf("two at once: exit code %d, %s: %s", o.code, o.fault, o.err)
		}
	}
	if a.code == locked && b.code == locked {
		return "", fmt.Errorf("two at once: both found the other at work")
	}
	if _, err := d.check(jobFolder); err != nil {
		return "", err
	}
	return "two at once", d.after(jobFolder)
}
