package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// twoDays is a job that is run on two days, the second time with a further file, and the
// publications of undisturbed runs. Whatever happens to the second run, the first publication
// must stay unchanged, and the second must be correct or absent.
type twoDays struct {
	l      *lane
	shop   *shop
	early  contents
	late   contents
	kept   contents // of the second day, where a history is kept
	folder string
}

// newTwoDays runs the job undisturbed.
func newTwoDays(l *lane, customers, lines int) (*twoDays, error) {
	s, err := newShop(l.folder, customers, lines)
	if err != nil {
		return nil, err
	}
	d := &twoDays{l: l, shop: s, folder: filepath.Join(l.folder, "box")}
	for _, history := range []bool{false, true} {
		jobFolder, err := d.begin(history, "")
		if err != nil {
			return nil, err
		}
		if o := d.run(late); o.code != done || o.fault != "" {
			return nil, fmt.Errorf("an undisturbed run ended with %d, %s: %s", o.code, o.fault, o.err)
		}
		now, err := look(jobFolder)
		if err != nil {
			return nil, err
		}
		d.early = now.days["as_of="+early]
		if history {
			d.kept = now.days["as_of="+late]
		} else {
			d.late = now.days["as_of="+late]
		}
	}
	if d.early == nil || d.late == nil || d.kept == nil {
		return nil, fmt.Errorf("undisturbed runs have not published both days")
	}
	if name := d.late.differs(d.kept); name != "" {
		return nil, fmt.Errorf("with a kept history, %s differs", name)
	}
	return d, nil
}

// begin makes a fresh folder with the first day published and the second file present, and
// returns the folder of the job. A non-empty output is the folder of the results.
func (d *twoDays) begin(history bool, output string) (jobFolder string, err error) {
	if err := os.RemoveAll(d.folder); err != nil {
		return "", err
	}
	if err := os.MkdirAll(d.folder, 0o700); err != nil {
		return "", err
	}
	if output == "" {
		output = "out"
	}
	more := "output: " + output
	if history {
		more += "\nhistory: " + output + "/kept"
	}
	before, after := d.shop.halves()
	files := map[string][]byte{"job.yaml": job("lines-*.csv", someSteps, more), "lines-1.csv": d.shop.file(before)}
	if err := write(d.folder, files); err != nil {
		return "", err
	}
	if o := d.run(early); o.code != done || o.fault != "" {
		return "", fmt.Errorf("the first run ended with %d, %s: %s", o.code, o.fault, o.err)
	}
	if err := write(d.folder, map[string][]byte{"lines-2.csv": d.shop.file(after)}); err != nil {
		return "", err
	}
	if !filepath.IsAbs(output) {
		output = filepath.Join(d.folder, output)
	}
	return filepath.Join(output, "shop"), nil
}

func (d *twoDays) run(day string) outcome {
	return d.l.program.call(d.folder, nil, "run", "--quiet", "--as-of", day, "job.yaml")
}

// check looks whether the first day is unchanged, and the second day correct or absent.
func (d *twoDays) check(jobFolder string) (state, error) {
	now, err := look(jobFolder)
	if err != nil {
		return now, err
	}
	one, two := now.days["as_of="+early], now.days["as_of="+late]
	if one == nil {
		return now, fmt.Errorf("torn: the publication of the first day is gone")
	}
	if name := one.differs(d.early); name != "" {
		return now, fmt.Errorf("torn: %s of the first day is not as it was", name)
	}
	if two != nil {
		if name := two.differs(d.late); name != "" {
			return now, fmt.Errorf("differs: %s of the second day is not that of an undisturbed run", name)
		}
	}
	return now, nil
}

// after runs the job once more, undisturbed, and looks whether all is as if nothing had
// happened.
func (d *twoDays) after(jobFolder string) error {
	o := d.run(late)
	if o.fault != "" || o.code != done {
		return fmt.Errorf("the run after it ended with %d, %s: %s", o.code, o.fault, o.err)
	}
	now, err := d.check(jobFolder)
	switch {
	case err != nil:
		return fmt.Errorf("after the run after it: %w", err)
	case now.days["as_of="+late] == nil || now.latest != "as_of="+late:
		return fmt.Errorf("the run after it has not published, or latest names %q", now.latest)
	case len(now.left) > 0:
		return fmt.Errorf("the run after it has left %q", now.left)
	}
	return nil
}
