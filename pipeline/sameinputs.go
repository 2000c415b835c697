package pipeline

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
)

// offered is a file that the job's inputs name.
type offered struct {
	table string // the block of inputs that names it, "" for transactions
	path  string
	size  int64
	sum   string // SHA-256, once known
}

// sameInputs compares what a publication was made from with what a run would
// take in now. Its error is a *reason where they differ.
func (r *run) sameInputs(ctx context.Context, p *publication) error {
	if err := r.sameHistory(p); err != nil {
		return err
	}
	files, err := r.offered()
	if err != nil {
		return because("%v", err)
	}
	if r.job.History == "" && len(files) < len(p.Inputs) {
		return because("got %d input files, published from %d", len(files), len(p.Inputs))
	}
	sizes := map[int64]bool{}
	for _, in := range p.Inputs {
		sizes[in.Bytes] = true
	}
	total := int64(0)
	for _, f := range files {
		if !sizes[f.size] {
			return because("%s is new or has changed", f.path)
		}
		total += f.size
	}
	err = r.watch.stage("compare", total, "bytes", func() error { return r.checksums(ctx, files) })
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return because("%v", err)
	}
	return r.sameFiles(files, p)
}

// sameFiles compares the files of a job, checksums known, with those of a
// publication, table by table.
func (r *run) sameFiles(files []*offered, p *publication) error {
	all := r.entries()
	for _, table := range sortedKeys(all) {
		mine := slices.DeleteFunc(slices.Clone(files), func(f *offered) bool { return f.table != table })
		theirs := slices.DeleteFunc(slices.Clone(p.Inputs), func(in ManifestInput) bool { return in.Table != table })
		held := table == "" && r.job.History != ""
		if err := sameTable(mine, theirs, held, len(all[table])); err != nil {
			return err
		}
	}
	return nil
}

// sameTable compares the files of one table. Of files with the same contents the
// first counts, as in a run. held says that a kept history holds the files that are
// no longer offered; entries is the number of entries of the job that name files.
func sameTable(files []*offered, inputs []ManifestInput, held bool, entries int) error {
	then := map[string]ManifestInput{}
	for _, in := range inputs {
		then[in.SHA256] = in
	}
	seen := map[string]bool{}
	for _, f := range files {
		in, known := then[f.sum]
		if !known {
			return because("%s is new or has changed", f.path)
		}
		if !seen[f.sum] && !held && !readAlike(in.Path, f.path, entries) {
			return because("%s, published from %s, is read another way under its new name", f.path, in.Path)
		}
		seen[f.sum] = true
	}
	if held {
		return nil
	}
	for _, in := range inputs {
		if !seen[in.SHA256] {
			return because("%s is gone or has changed", in.Path)
		}
	}
	return nil
}

// sameHistory compares what a kept history holds with what a publication was
// made from: a run that failed later than its commit, and one for another day,
// have added to it.
func (r *run) sameHistory(p *publication) error {
	folder, err := r.openHistory()
	if err != nil {
		return because("%v", err)
	}
	if folder == nil {
		return nil
	}
	var now, then []string
	for _, in := range folder.Inputs() {
		now = append(now, in.SHA256)
	}
	for _, in := range p.Inputs {
		if in.Table == "" {
			then = append(then, in.SHA256)
		}
	}
	slices.Sort(now)
	slices.Sort(then)
	if !slices.Equal(now, then) {
		return because("the kept history holds other files than were published from")
	}
	return nil
}

// entries returns the paths of the job's inputs by table, "" for transactions.
func (r *run) entries() map[string][]string {
	all := map[string][]string{"": nil, tableOfIdentities: nil}
	for _, t := range r.job.Inputs.Transactions {
		all[""] = append(all[""], t.Path)
	}
	for _, x := range r.job.Inputs.Identities {
		all[tableOfIdentities] = append(all[tableOfIdentities], x.Path)
	}
	return all
}

// offered finds the files of the job's inputs, those of each table in the order in
// which a run looks at them.
func (r *run) offered() ([]*offered, error) {
	var files []*offered
	entries := r.entries()
	for _, table := range sortedKeys(entries) {
		for _, entry := range entries[table] {
			paths, err := ingest.Resolve(entry)
			if err != nil {
				return nil, err
			}
			for _, path := range paths {
				info, err := os.Stat(path)
				if err != nil {
					return nil, err
				}
				files = append(files, &offered{table: table, path: path, size: info.Size()})
			}
		}
	}
	return files, nil
}

// readAlike reports whether a file reads the same under both paths. That is not
// sure where a job has several entries, each read its own way; and names decide
// the format and, as Hive has it, can hold columns.
func readAlike(then, now string, entries int) bool {
	return then == now || entries == 1 && slices.Equal(tellingNames(then), tellingNames(now))
}

// tellingNames returns the parts of a path that say something of the contents:
// the key=value folders, and the ending of the name, with that of a compressed
// file's contents.
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

// checksums computes the checksums of files, several at a time.
func (r *run) checksums(ctx context.Context, files []*offered) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.job.Workers)
	for _, f := range files {
		g.Go(func() (err error) {
			f.sum, err = checksum(ctx, f.path, func(n int64) { r.env.Progress.Advance("compare", n) })
			return err
		})
	}
	return g.Wait()
}

// checksum returns the SHA-256 of a file, and tells how far it is.
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
