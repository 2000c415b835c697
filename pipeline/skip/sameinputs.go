package skip

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/fetch"
	"github.com/quintile-dev/quintile/pipeline/load"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/targets"
)

// offered is a file named in the job's inputs.
type offered struct {
	*ingest.File
	table   string // as a ManifestInput has it
	entries int    // how many entries of the job its table has
}

// sameInputs compares the inputs of a publication with the inputs of a run now.
// The error is a *reason where the inputs differ.
func (c *Run) sameInputs(ctx context.Context, p *manifest.Published) error {
	if err := c.sameHistory(p); err != nil {
		return err
	}
	lines := *p
	p = &lines
	p.Inputs = targets.Without(p.Inputs)
	files, err := c.offered(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return because("%v", err)
	}
	ofTables := 0
	for _, f := range files {
		if f.table != "" {
			ofTables++
		}
	}
	if want := len(p.Inputs) - len(p.Lines()); ofTables != want { // of which each is read, be it there twice
		return because("got %d files of tables beside the line items, published from %d", ofTables, want)
	}
	if c.Job.History == "" && len(files) < len(p.Inputs) {
		return because("got %d input files, published from %d", len(files), len(p.Inputs))
	}
	sizes := map[int64]bool{}
	for _, in := range p.Inputs {
		sizes[in.Bytes] = true
	}
	known := fetch.Known(p.Inputs)
	total := int64(0)
	for _, f := range files {
		if !sizes[f.Bytes] {
			return because("%s is new or has changed", f.Name)
		}
		if f.SHA256 == "" && f.Path == "" {
			f.SHA256 = known(f.File)
		}
		if f.SHA256 == "" {
			total += f.Bytes
		}
	}
	err = c.Watch.Stage("compare", total, "bytes", func() error { return c.checksums(ctx, files) })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return because("%v", err)
	}
	return c.sameFiles(files, p)
}

// sameFiles compares the files of a job, checksums known, with the files of a
// publication. Of files with the same contents the first counts, as in a run.
func (c *Run) sameFiles(files []offered, p *manifest.Published) error {
	type contents struct{ table, sum string }
	then := map[contents]manifest.Input{}
	for _, in := range p.Inputs {
		then[contents{in.Table, in.SHA256}] = in
	}
	kept := func(table string) bool { return table == "" && c.Job.History != "" }
	seen := map[contents]bool{}
	for _, f := range files {
		is := contents{f.table, f.SHA256}
		in, known := then[is]
		if !known {
			return because("%s is new or has changed", f.Name)
		}
		if !seen[is] && !kept(f.table) && !f.readAlike(in.Path) {
			return because("%s, published from %s, is read another way under its new name", f.Name, in.Path)
		}
		seen[is] = true
	}
	for _, in := range p.Inputs {
		// A kept history holds the files no longer offered.
		if !kept(in.Table) && !seen[contents{in.Table, in.SHA256}] {
			return because("%s is gone or has changed", in.Path)
		}
	}
	return nil
}

// sameHistory compares the contents of a kept history with the inputs of a
// publication: runs that failed after their commit, and runs for another day,
// have added inputs.
func (c *Run) sameHistory(p *manifest.Published) error {
	folder, err := load.OpenHistory(c.Job)
	if err != nil {
		return because("%v", err)
	}
	if folder == nil {
		return nil
	}
	if err := folder.Close(); err != nil {
		return because("%v", err)
	}
	var now, then []string
	for _, in := range folder.Inputs() {
		now = append(now, in.SHA256)
	}
	for _, in := range p.Lines() {
		then = append(then, in.SHA256)
	}
	slices.Sort(now)
	slices.Sort(then)
	if !slices.Equal(now, then) {
		return because("the kept history holds other files than were published from")
	}
	return nil
}

// offered finds the files of the job's inputs, for each table in the order of a
// run.
func (c *Run) offered(ctx context.Context) ([]offered, error) {
	var files []offered
	for _, t := range load.EntriesOf(c.Job) {
		for _, path := range t.Paths {
			found, err := c.Fetcher.Find(ctx, path)
			if err != nil {
				return nil, err
			}
			for i := range found {
				files = append(files, offered{&found[i], t.Table, len(t.Paths)})
			}
		}
	}
	return files, nil
}

// readAlike reports whether a file reads the same under its former path. Not always:
// a table may have several entries with different settings, and a file name decides
// the format and may, as in Hive, hold columns.
func (f *offered) readAlike(then string) bool {
	return then == f.Name || f.entries == 1 && slices.Equal(tellingNames(then), tellingNames(f.Name))
}

// tellingNames returns the parts of a path that describe the contents: the
// key=value folders, and the ending of the name, with the ending inside for a
// compressed file.
func tellingNames(path string) []string {
	path = filepath.ToSlash(path)
	at := strings.LastIndexByte(path, '/') + 1
	var names []string
	for folder := range strings.SplitSeq(path[:at], "/") {
		if strings.Contains(folder, "=") {
			names = append(names, folder)
		}
	}
	name := strings.ToLower(path[at:])
	outer := filepath.Ext(name)
	if outer == ".gz" || outer == ".zst" || outer == ".zstd" {
		outer = filepath.Ext(strings.TrimSuffix(name, outer)) + outer
	}
	return append(names, outer)
}

// checksums computes the checksums of files without a checksum, several at a
// time. Files in an object store are fetched, and kept for a possible run.
func (c *Run) checksums(ctx context.Context, files []offered) error {
	advance := func(n int64) { c.Watch.Advance("compare", n) }
	var elsewhere []*ingest.File
	g, some := errgroup.WithContext(ctx)
	g.SetLimit(c.Job.Workers)
	for _, f := range files {
		switch {
		case f.SHA256 != "":
		case f.Path == "":
			elsewhere = append(elsewhere, f.File)
		default:
			g.Go(func() (err error) {
				f.SHA256, err = checksum(some, f.Path, advance)
				return err
			})
		}
	}
	if err := g.Wait(); err != nil || len(elsewhere) == 0 {
		return err
	}
	return c.Fetcher.Fetch(ctx, elsewhere, advance)
}

// checksum returns the SHA-256 of a file, with progress.
func checksum(ctx context.Context, path string, advance func(n int64)) (sum string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	h := sha256.New()
	buffer := make([]byte, 1<<20)
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := file.Read(buffer)
		h.Write(buffer[:n])
		advance(int64(n))
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
}
