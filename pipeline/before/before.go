// Package before finds the run before: the newest run of an earlier day that is published at the place of a job. A run
// reads models and customers of the run before. Every file read is verified, and is an input of the run.
package before

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/reference"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// Table is how a manifest names the files of the run before among the inputs.
const Table = "run_before"

// CustomersFile holds the customers as a run published them.
const CustomersFile = "segments.parquet"

// Run is the run before.
type Run struct {
	AsOf   datasets.Day
	Inputs []manifest.Input // the files of it that this run reads, as its manifest names them

	folder  string // where they are at hand
	outputs map[string]manifest.Output
}

// Asked returns the files of the run before that steps read: the models of steps that go on from the run. Where a step
// compares with the run, the files hold the customers, the reference of the features, and the models of groupings.
// applies reports whether the model of a step was left by an earlier run, to be applied.
func Asked(wanted []steps.Wanted, applies func(step string) bool) []string {
	goesOn, has, compares := map[string]bool{}, map[string]bool{}, false
	for _, w := range wanted {
		has[w.Step.Name] = true
		if f, ok := w.Settings.(mining.Follower); ok && f.Follows() {
			goesOn[w.Step.Name] = true
		}
		if c, ok := w.Settings.(mining.Comparer); ok {
			_, made := c.Compares()
			compares = compares || !made
		}
	}
	var files []string
	for _, s := range steps.Table() {
		grouped := compares && len(s.Groupings) > 0 && (has[s.Name] || applies(s.Name))
		if s.NewModel != nil && (goesOn[s.Name] || grouped) {
			files = append(files, modelfile.Name(s.Name))
		}
	}
	if compares {
		files = append(files, CustomersFile, reference.Name)
	}
	return files
}

// Models returns the requested models by the names of their steps. A whole model that this version of the program
// cannot read is handed to unread and left out.
func (r *Run) Models(unread func(file string, err error)) (map[string]mining.Model, error) {
	all := map[string]mining.Model{}
	for _, s := range steps.Table() {
		name := modelfile.Name(s.Name)
		if s.NewModel == nil || !r.Has(name) {
			continue
		}
		text, err := r.File(name)
		if err != nil {
			return nil, err
		}
		model := s.NewModel()
		if err := modelfile.Decode(text, s.Name, model); err != nil {
			unread(name, err)
			continue
		}
		all[s.Name] = model
	}
	return all, nil
}

// Reference returns how the features of the customers were spread; nil where the reference was not requested, or the run
// has published none. A whole reference that this version of the program cannot read is handed to unread and left out.
func (r *Run) Reference(unread func(file string, err error)) (*reference.Reference, error) {
	if !r.Has(reference.Name) {
		return nil, nil
	}
	text, err := r.File(reference.Name)
	if err != nil {
		return nil, err
	}
	known, err := reference.Decode(text)
	if err != nil {
		unread(reference.Name, err)
		return nil, nil
	}
	return known, nil
}

// Find finds the run before the day folder called name, and verifies the requested files that the run has published.
// Find returns nil without a run before. Without read, Find looks at the manifest only.
//
// Errors: with the code BadInput where a file is damaged or missing; the errors of the place.
func Find(ctx context.Context, at place.Place, name string, files []string, read bool) (*Run, error) {
	beside := []string{manifest.Success}
	if read {
		beside = append(beside, files...)
	}
	if err := at.FetchBase(ctx, name, manifest.Name, beside, true); err != nil {
		return nil, exit.With(exit.NotWritten, err)
	}
	folder, err := newestBefore(at.Folder(), name)
	if err != nil {
		return nil, exit.Errorf(exit.NotWritten, "finding the run before: %w", err)
	}
	if folder == "" {
		return nil, nil
	}
	p, err := manifest.Read(folder)
	if err != nil {
		return nil, damaged(err)
	}
	day, err := datasets.ParseDay(p.AsOf)
	if err != nil || manifest.DayFolder(p.AsOf) != filepath.Base(folder) {
		return nil, damaged(fmt.Errorf("%s: got a manifest of another day, %q", folder, p.AsOf))
	}
	r := &Run{AsOf: day, folder: folder, outputs: map[string]manifest.Output{}}
	var needed []manifest.Output
	for _, name := range files {
		o, ok := p.Output(name)
		if !ok {
			continue
		}
		needed = append(needed, o)
		r.outputs[name] = o
		r.Inputs = append(r.Inputs, manifest.Input{
			Path: filepath.Base(folder) + "/" + name, Table: Table, Bytes: o.Bytes, SHA256: o.SHA256, Rows: o.Rows,
		})
	}
	if read {
		if err := p.Verify(ctx, folder, needed...); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, damaged(err)
		}
	}
	return r, nil
}

func damaged(err error) error {
	return exit.Errorf(exit.BadInput, "the run before: %w; or pass over it with --from-scratch", err)
}

// newestBefore returns the newest published folder before the folder called name, or "" for none. Runs of the same day
// do not count: a repeated run goes on from the same run as its first try.
func newestBefore(jobFolder, name string) (string, error) {
	entries, err := os.ReadDir(jobFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(entries) { // sorted by name
		folder := filepath.Join(jobFolder, e.Name())
		if strings.HasPrefix(e.Name(), manifest.DayPrefix) && e.Name() < name && whole(folder) {
			return folder, nil
		}
	}
	return "", nil
}

// whole reports whether a folder has the marks of a publication.
func whole(folder string) bool {
	for _, mark := range []string{manifest.Name, manifest.Success} {
		if _, err := os.Stat(filepath.Join(folder, mark)); err != nil {
			return false
		}
	}
	return true
}

// Has reports whether a file was requested of the run, and the run has published the file.
func (r *Run) Has(name string) bool {
	_, has := r.outputs[name]
	return has
}

// File returns the contents of a file that the run has published.
func (r *Run) File(name string) ([]byte, error) {
	text, err := os.ReadFile(r.path(name))
	return text, exit.With(exit.BadInput, err)
}

func (r *Run) path(name string) string { return filepath.Join(r.folder, filepath.FromSlash(name)) }

// Split parts the inputs of a manifest into the files of the job and the files of the run before.
func Split(inputs []manifest.Input) (own, before []manifest.Input) {
	for _, in := range inputs {
		if in.Table == Table {
			before = append(before, in)
		} else {
			own = append(own, in)
		}
	}
	return own, before
}
