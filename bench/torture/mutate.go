package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutate damages the files that the program reads.
type mutate struct {
	l     *lane
	shop  *shop
	box   string
	ran   contents          // of the early day, undisturbed
	score contents          // of its models on the late day
	late  contents          // of the late day after the early one, with a kept history
	files map[string][]byte // of the box once the early day is published, by path
}

// newMutate publishes the files to damage.
func newMutate(l *lane) (tormentor, error) {
	s, err := newShop(l.folder, 60, 900)
	if err != nil {
		return nil, err
	}
	m := &mutate{l: l, shop: s, box: filepath.Join(l.folder, "box"), files: map[string][]byte{}}
	if err := m.fill(); err != nil {
		return nil, err
	}
	kinds := []func(try) (string, error){m.input, m.input, m.input, m.jobFile, m.model, m.history, m.earlier}
	return func(t try) (string, error) { return kinds[t.rng.IntN(len(kinds))](t) }, nil
}

// fill publishes the early day, keeps all files of the box at that moment, and notes the
// results of undisturbed runs.
func (m *mutate) fill() error {
	before, after := m.shop.halves()
	if err := os.MkdirAll(m.box, 0o700); err != nil {
		return err
	}
	err := write(m.box, map[string][]byte{
		"plain.yaml": job("lines-*.csv", fastSteps, "output: out"), "kept.yaml": job("lines-*.csv", fastSteps, "output: kept", "history: kept/history"),
		"lines-1.csv": m.shop.file(before),
	})
	if err != nil {
		return err
	}
	for _, name := range []string{"plain.yaml", "kept.yaml"} {
		if o := m.call("run", "--quiet", "--as-of", early, name); o.code != done || o.fault != "" {
			return fmt.Errorf("an undisturbed run ended with %d, %s: %s", o.code, o.fault, o.err)
		}
	}
	if m.ran, err = read(filepath.Join(m.box, "out", "shop", "as_of="+early)); err != nil {
		return err
	}
	if err := write(m.box, map[string][]byte{"lines-2.csv": m.shop.file(after)}); err != nil {
		return err
	}
	err = filepath.WalkDir(m.box, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(m.box, path)
		if err == nil {
			m.files[name], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		return err
	}
	for name, want := range map[string]*contents{"scored": &m.score, "kept": &m.late} {
		o := m.call("run", "--quiet", "--as-of", late, "kept.yaml")
		if name == "scored" {
			o = m.scored()
		}
		if o.code != done || o.fault != "" {
			return fmt.Errorf("an undisturbed run ended with %d, %s: %s", o.code, o.fault, o.err)
		}
		if *want, err = read(o.folder(m.box)); err != nil {
			return err
		}
	}
	return nil
}

func (m *mutate) call(args ...string) outcome { return m.l.program.call(m.box, nil, args...) }

func (m *mutate) scored() outcome {
	return m.call("score", "--quiet", "--as-of", late, "--output", "scored", "plain.yaml", "out/shop/as_of="+early)
}

// restore restores the box, and damages a file whose path begins with prefix.
func (m *mutate) restore(t try, prefix string) (name string, err error) {
	if err := os.RemoveAll(m.box); err != nil {
		return "", err
	}
	var names []string
	for path, text := range m.files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(m.box, path)), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(m.box, path), text, 0o600); err != nil {
			return "", err
		}
		if strings.HasPrefix(path, prefix) && len(text) > 0 {
			names = append(names, path)
		}
	}
	slices.Sort(names)
	name = names[t.rng.IntN(len(names))]
	return name, os.WriteFile(filepath.Join(m.box, name), damaged(m.files[name], t.rng), 0o600)
}

// keepBox copies the files that led to a fault into the folder of kept files.
func (m *mutate) keepBox(t try, err error) error {
	if err == nil || m.l.keep == "" {
		return err
	}
	to := filepath.Join(m.l.keep, fmt.Sprintf("mutate-%d-%d-%d", t.seed, t.lane, t.n))
	if problem := os.CopyFS(to, os.DirFS(m.box)); problem != nil {
		return fmt.Errorf("%w (not kept: %w)", err, problem)
	}
	return fmt.Errorf("%w; kept in %s", err, to)
}

// input damages a file of line items, of any format. The file is then run, checked or
// described.
func (m *mutate) input(t try) (string, error) {
	if err := os.RemoveAll(m.box); err != nil {
		return "", err
	}
	if err := os.MkdirAll(m.box, 0o700); err != nil {
		return "", err
	}
	form := t.rng.IntN(4)
	name := []string{"lines.csv", "lines.csv.gz", "lines.parquet", "lines.arrow"}[form]
	text := damaged([][]byte{m.shop.csv, m.shop.gz, m.shop.parquet, m.shop.arrow}[form], t.rng)
	if err := write(m.box, map[string][]byte{name: text, "plain.yaml": job(name, fastSteps, "output: out")}); err != nil {
		return "", err
	}
	end, err := m.read(t, name)
	return end, m.keepBox(t, err)
}

func (m *mutate) read(t try, name string) (string, error) {
	switch t.rng.IntN(8) {
	case 0:
		o := m.call("check", "plain.yaml")
		return ended("check", name, o, badInput, badData)
	case 1:
		o := m.call("init", name)
		return ended("init", name, o, usage, badInput, badData)
	}
	o := m.call("run", "--quiet", "--as-of", late, "plain.yaml")
	end, err := ended("run", name, o, badInput, badData)
	if err != nil {
		return "", err
	}
	now, err := look(filepath.Join(m.box, "out", "shop"))
	switch {
	case err != nil:
		return "", err
	case o.code != done && len(now.days) > 0:
		return "", fmt.Errorf("exit code %d, and a day is published", o.code)
	case o.code == done && len(now.days) != 1:
		return "", fmt.Errorf("exit code 0, and %d days are published", len(now.days))
	case len(now.left) > 0:
		return "", fmt.Errorf("the run has left %q", now.left)
	}
	return end, nil
}

// ended says in a word how a call ended, and refuses a fault or an exit code outside codes.
func ended(what, name string, o outcome, codes ...int) (string, error) {
	if o.fault != "" {
		return "", fmt.Errorf("%s of %s: %s; %s", what, name, o.fault, clip(o.err))
	}
	if o.code != done && !slices.Contains(codes, o.code) {
		return "", fmt.Errorf("%s of %s: exit code %d, want one of %v: %s", what, name, o.code, codes, clip(o.err))
	}
	return fmt.Sprintf("%s of %s: %d", what, strings.TrimPrefix(filepath.Ext(name), "."), o.code), nil
}

func clip(text string) string {
	if len(text) > 600 {
		return text[:600] + "…"
	}
	return text
}

// jobFile damages the job. The output is given on the command line, so that no path of the job
// leads out of the box.
func (m *mutate) jobFile(t try) (string, error) {
	if _, err := m.restore(t, "plain.yaml"); err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(m.box, "plain.yaml"))
	if err != nil {
		return "", err
	}
	if bytes.Contains(text, []byte("history")) {
		return "left out", nil // a kept history could stand anywhere
	}
	o := m.call("run", "--quiet", "--output", "out", "plain.yaml")
	end, err := ended("run", "job.yaml", o, usage, badInput, badData, badModel)
	return end, m.keepBox(t, err)
}

// model damages a file of the run that a score reads.
func (m *mutate) model(t try) (string, error) {
	name, err := m.restore(t, filepath.Join("out", "shop", "as_of="+early))
	if err != nil {
		return "", err
	}
	o := m.scored()
	end, err := ended("score after damage", kindOf(name), o, badInput, usage)
	if err == nil && o.code == usage && filepath.Base(name) != "manifest.json" {
		err = fmt.Errorf("score after damage of %s: exit code 2, want 3: %s", name, clip(o.err))
	}
	if err == nil && o.code == done {
		err = m.same(o, m.score, name)
	}
	return end, m.keepBox(t, err)
}

// history damages a file of the kept history.
func (m *mutate) history(t try) (string, error) {
	name, err := m.restore(t, filepath.Join("kept", "history"))
	if err != nil {
		return "", err
	}
	return m.next(t, name)
}

// earlier damages a file of the publication with which the next publication is compared.
func (m *mutate) earlier(t try) (string, error) {
	name, err := m.restore(t, filepath.Join("kept", "shop"))
	if err != nil {
		return "", err
	}
	return m.next(t, name)
}

// next runs the next day after some damage: damage that changes a result must not go unnoticed.
func (m *mutate) next(t try, name string) (string, error) {
	o := m.call("run", "--quiet", "--as-of", late, "kept.yaml")
	end, err := ended("run after damage", kindOf(name), o, badInput)
	if err == nil && o.code == done {
		err = m.same(o, m.late, name)
	}
	return end, m.keepBox(t, err)
}

func (m *mutate) same(o outcome, want contents, name string) error {
	got, err := read(o.folder(m.box))
	if err != nil {
		return err
	}
	if other := got.differs(want); other != "" {
		return fmt.Errorf("unnoticed: after damage of %s the exit code is 0, and %s differs", name, other)
	}
	return nil
}

// kindOf returns the name by which files of the kind are counted.
func kindOf(name string) string {
	base := filepath.Base(name)
	switch {
	case strings.Contains(name, "history") && strings.HasSuffix(base, ".parquet"):
		return "history.parquet"
	case strings.Contains(name, "models"):
		return "model.json"
	case strings.HasPrefix(base, "."), !strings.Contains(base, "."):
		return base + "." + base
	}
	return base
}
