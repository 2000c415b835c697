package initjob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// sampleBytes is how much of a file a proposal is checked on.
const sampleBytes = 32 << 20

// check checks the proposal on a sample of the files, and returns the refused words for nothing.
func (p *Proposal) check(ctx context.Context, files []proposed, check Check) (words []string) {
	if p.Gaps > 0 || check == nil {
		return nil
	}
	named := strings.ReplaceAll(p.Text, fmt.Sprintf("path: %q", config.Gap), "path: standard-input") // the file is at hand
	job, err := config.Parse("the job", []byte(named))
	if err != nil {
		p.Failure = err
		return nil
	}
	scratch, err := os.MkdirTemp("", "quintile-init-")
	if err != nil {
		p.Failure = exit.With(exit.NotWritten, err)
		return nil
	}
	defer os.RemoveAll(scratch)
	job.Output = scratch
	for i := range job.Inputs.Transactions {
		sample, whole, err := sampleOf(&files[i].File, scratch)
		if err != nil || sample == "" {
			p.Failure = err
			return nil
		}
		t := &job.Inputs.Transactions[i]
		t.Path, t.Table, t.Query = sample, "", ""
		p.Sampled = p.Sampled || !whole || files[i].entry != "" && files[i].entry != config.Gap
	}
	p.Checked, p.Failure = check(ctx, job)
	if p.Checked == nil {
		return nil
	}
	return ingest.MissingWords(p.Checked.Faults)
}

// sampleOf returns a sample of f: f itself for a small file, the first lines of a large text, or "" for another large
// file.
func sampleOf(f *ingest.File, scratch string) (path string, whole bool, err error) {
	if f.Bytes <= sampleBytes {
		return linked(f, scratch)
	}
	switch strings.ToLower(filepath.Ext(f.Name)) {
	case ".csv", ".tsv", ".tab", ".txt", ".dat", ".psv", ".jsonl", ".ndjson", ".json":
	default:
		return "", false, nil
	}
	in, err := os.Open(f.Path)
	if err != nil {
		return "", false, err
	}
	defer in.Close()
	head := make([]byte, sampleBytes)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", false, err
	}
	end := bytes.LastIndexByte(head[:n], '\n') + 1
	if end == 0 || bytes.IndexByte(head[:min(n, 4096)], 0) >= 0 { // UTF-16 has its lines elsewhere
		return "", false, nil
	}
	path = filepath.Join(scratch, "sample"+filepath.Ext(f.Name))
	return path, false, os.WriteFile(path, head[:end], 0o600)
}

// linked returns the path of a file under a name with the same ending, which tells the format.
func linked(f *ingest.File, scratch string) (path string, whole bool, err error) {
	if f.Path == f.Name {
		return f.Path, true, nil
	}
	absolute, err := filepath.Abs(f.Path)
	if err != nil {
		return "", false, err
	}
	path = filepath.Join(scratch, "sample-"+filepath.Base(f.Name))
	return path, true, os.Symlink(absolute, path)
}
