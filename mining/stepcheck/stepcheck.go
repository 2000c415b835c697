// Package stepcheck checks steps against the contract of package mining, as modelcheck
// checks models: one line of test in the package of each step. The step runs as in a job,
// from line items to published files.
package stepcheck

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/datasets/synth"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
)

// Check is a step and a job that uses the step.
type Check struct {
	Step *mining.Step
	// Steps is the block of the job: the step and the steps it needs, in braces, such as
	// "{rfm: {}, classify: {target: rfm_segment}}".
	Steps string
	// Customers and Lines are the size of the retailer on which the state must be ok; 0: 800
	// and 16,000.
	Customers, Lines int
	// States are the states, besides ok, allowed as the end of the step on the
	// retailer.
	States []mining.State
	// Inputs are further entries under inputs, such as campaigns; FILE stands for the folder
	// to which Files are written.
	Inputs string
	Files  map[string]string
}

// Run holds a step to the contract:
//
//   - every column, figure and warning is declared, and has a text;
//   - the default settings pass their own checks;
//   - the same bytes come out for 1, 2 and 8 workers, shuffled rows and spilled features;
//   - "quintile score" with the stored models gives the scores of the run, and writes the
//     models again byte by byte;
//   - one customer, a handful, customers who only returned, and customers who are all alike
//     give a state and no error, and nobody who never bought gets a score;
//   - an interrupted step ends.
func Run(t *testing.T, c Check) {
	if c.Customers == 0 {
		c.Customers, c.Lines = 800, 16_000
	}
	t.Run("declared", c.declared)
	header, lines := retailer(t, c.Customers, c.Lines)
	path := write(t, "lines.csv", header, lines)
	whole := c.run(t, c.job(t, path))
	t.Run("state", func(t *testing.T) { c.state(t, whole) })
	t.Run("documented", func(t *testing.T) { c.documented(t, whole) })
	t.Run("same bytes", func(t *testing.T) { c.sameBytes(t, header, lines, whole) })
	t.Run("scored later", func(t *testing.T) { c.scoredLater(t, path, whole) })
	t.Run("odd customers", c.oddCustomers)
	t.Run("interrupted", func(t *testing.T) { c.interrupted(t, path) })
}

// declared looks at what is known without a job.
func (c Check) declared(t *testing.T) {
	s := c.Step
	if s.Name == "" || s.Doc == "" || s.Example == "" || s.Default == nil {
		t.Fatalf("got %+v, want a name, a question, an example and default settings", s)
	}
	if faults := s.Default().Check(); len(faults) > 0 {
		t.Errorf("got the faults %v of the default settings", faults)
	}
	var names []string
	for _, column := range s.Columns {
		names = append(names, column.Name)
		if column.Name == "" || column.Description == "" || !column.Nullable {
			t.Errorf("column %q: want a name, a description, and that it may be null", column.Name)
		}
	}
	for _, g := range s.Groupings {
		if !slices.Contains(names, g) {
			t.Errorf("grouping %q is no column of the step, which has %q", g, names)
		}
	}
	for _, d := range slices.Concat(s.Figures, s.Warnings) {
		if d.Name == "" || d.Text == "" {
			t.Errorf("got the figure or warning %+v, want a name and a text", d)
		}
	}
}

// state wants the step to have had something to do.
func (c Check) state(t *testing.T, whole *pipeline.Result) {
	state := mining.State(fmt.Sprint(whole.Manifest.Steps[c.Step.Name]["state"]))
	if state != mining.OK && !slices.Contains(c.States, state) {
		t.Errorf("got the state %s, want ok: the checks show too little", state)
	}
}

// documented compares the published results of the step with the declarations.
func (c Check) documented(t *testing.T, whole *pipeline.Result) {
	names := func(docs []mining.Doc) []string {
		var all []string
		for _, d := range docs {
			all = append(all, d.Name)
		}
		return all
	}
	figures, warnings := names(c.Step.Figures), names(c.Step.Warnings)
	for name := range whole.Manifest.Steps[c.Step.Name] {
		if name != "state" && !slices.Contains(figures, name) {
			t.Errorf("the manifest has the figure %s, which the step does not declare", name)
		}
	}
	for _, w := range whole.Manifest.Warnings {
		if code, own := strings.CutPrefix(w.Code, c.Step.Name+"."); own && !slices.Contains(warnings, code) {
			t.Errorf("got the warning %s, which the step does not declare", code)
		}
	}
}

// sameBytes changes what must not matter.
func (c Check) sameBytes(t *testing.T, header string, lines []string, whole *pipeline.Result) {
	const seed = 1
	shuffled := slices.Clone(lines)
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	plain, mixed := write(t, "lines.csv", header, lines), write(t, "lines.csv", header, shuffled)
	for _, f := range []struct{ name, path, settings string }{
		{"1 worker", plain, "workers: 1"},
		{"2 workers", plain, "workers: 2"},
		{"8 workers, rows shuffled", mixed, "workers: 8"},
		{"spilled", plain, "workers: 2\nmemory: 4MiB"},
	} {
		got := c.run(t, c.job(t, f.path, f.settings))
		compare(t, f.name, got.Folder, whole.Folder)
		if a, b := fmt.Sprint(got.Manifest.Steps), fmt.Sprint(whole.Manifest.Steps); a != b {
			t.Errorf("%s: got the figures\n%s\nwant\n%s", f.name, a, b)
		}
	}
}

// scoredLater scores the same line items with the models of the run.
func (c Check) scoredLater(t *testing.T, path string, whole *pipeline.Result) {
	if c.Step.NewModel == nil {
		return
	}
	ctx := context.Background()
	models, err := modelfile.Read(ctx, whole.Folder)
	if err != nil {
		t.Fatal(err)
	}
	if models.Models[c.Step.Name] == nil {
		t.Fatalf("got no model of %s among those published", c.Step.Name)
	}
	again, err := pipeline.Score(ctx, c.job(t, path), models, env())
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range c.Step.Columns {
		got, want := Cells(t, again.Folder, column.Name), Cells(t, whole.Folder, column.Name)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got other values by the stored model than in the run", column.Name)
		}
	}
	name := filepath.Join("models", c.Step.Name+".json")
	before, err1 := os.ReadFile(filepath.Join(whole.Folder, name))
	after, err2 := os.ReadFile(filepath.Join(again.Folder, name))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Errorf("%s: got other bytes once it was read and written again", name)
	}
}

// oddCustomers runs the step on inputs that hold next to nothing.
func (c Check) oddCustomers(t *testing.T) {
	const header = "customer_id,time,order_id,product,quantity,unit_price,category,channel,region,discount,cost"
	line := func(customer string, day, order, quantity int) string {
		date := time.Date(2024, 1, 1, 10, 0, 0, 0, time.UTC).AddDate(0, 0, day).Format("2006-01-02T15:04:05")
		return fmt.Sprintf("%s,%s,%d,p%d,%d,2.50,bread,shop,north,0,1", customer, date, order, order%3, quantity)
	}
	var few, alike []string
	for i := range 5 {
		few = append(few, line(fmt.Sprintf("c%d", i), 40*i, i, 1), line(fmt.Sprintf("c%d", i), 41*i+20, 10+i, 2))
	}
	for i := range 600 {
		alike = append(alike, line(fmt.Sprintf("c%03d", i), 100, i, 1), line(fmt.Sprintf("c%03d", i), 300, 1000+i, 1))
	}
	returner := line("returner", 50, 99, -1)
	for _, f := range []struct {
		name  string
		lines []string
	}{
		{"one customer", []string{line("c", 5, 1, 1)}},
		{"a handful and one who only returned", append(few, returner)},
		{"returns alone", []string{returner, line("other", 60, 98, -2)}},
		{"all alike and one who only returned", append(alike, returner)},
	} {
		t.Run(f.name, func(t *testing.T) {
			result := c.run(t, c.job(t, write(t, "lines.csv", header, f.lines)))
			if result.Manifest.Steps[c.Step.Name]["state"] == "" {
				t.Error("got no state")
			}
			c.documented(t, result)
			if c.Step.Returners {
				return
			}
			ids := Cells(t, result.Folder, "customer")
			for _, column := range c.Step.Columns {
				values := Cells(t, result.Folder, column.Name)
				for i, id := range ids {
					if (id == "returner" || id == "other") && values[i] != "" {
						t.Errorf("%s: got %q for a customer who never bought, want null", column.Name, values[i])
					}
				}
			}
		})
	}
}

// patience is the time allowed for an interrupted step on a busy machine; a step that
// checks its context ends within a tenth of a second.
const patience = 10 * time.Second

// interrupted cancels the run as the step begins.
func (c Check) interrupted(t *testing.T, path string) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	e := env()
	watch := &watcher{step: c.Step.Name, began: cancel}
	e.Progress = watch
	job := c.job(t, path)
	_, err := pipeline.Run(ctx, job, e)
	if err == nil || exit.Of(err) != exit.Interrupted {
		t.Errorf("got %v, want the run interrupted", err)
	}
	if took := time.Since(watch.at); took > patience {
		t.Errorf("got %v from the interruption to the end, want at most %v", took, patience)
	}
}

// watcher calls began when a step begins.
type watcher struct {
	step  string
	began func()
	at    time.Time
}

func (w *watcher) Begin(stage string, _ int64, _ string) {
	if stage == w.step {
		w.at = time.Now()
		w.began()
	}
}
func (w *watcher) Advance(string, int64) {}
func (w *watcher) End(string)            {}

// retailer returns the line items of a synthetic retailer of two years.
func retailer(t *testing.T, customers, lines int) (header string, rows []string) {
	t.Helper()
	c := synth.Default()
	c.Customers, c.Lines, c.Columns = customers, lines, synth.Full
	r, err := synth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.WriteCSV(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	header, rest, _ := strings.Cut(b.String(), "\n")
	return header, strings.Split(strings.TrimSuffix(rest, "\n"), "\n")
}
