package ingest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sync/errgroup"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/history"
)

// Report gives the fate of every row.
type Report struct {
	Inputs     []history.Input   // the files taken in, sorted by path
	Duplicates []string          // files passed over, since their contents had been taken in
	Faults     []datasets.Fault  // the rows quarantined, by file, line and row
	Rounded    int64             // numbers with more than six decimal places, rounded
	Formats    map[string]string // of times that were detected, by path of the source
	Notes      []Note            // what a person should look at, by source
}

// refusedMemory is the default of Config.RefusedMemory.
const refusedMemory = 1 << 30

// Load reads all files of the config into the builder.
//
// Determinism: any worker may take any part; the history does not depend on the
// choice, and the report is sorted.
//
// Errors: *datasets.FileError where a file cannot be found, opened, mapped or
// read to its end; faults of several files, seen before reading begins, are
// joined. Rows that do not fit are no error here: the caller decides how many
// are too many.
func Load(ctx context.Context, c Config, b *history.Builder) (*Report, error) {
	files, report, err := c.survey(ctx)
	if err != nil {
		return nil, err
	}
	compareFiles(files)
	budget := &lineBudget{most: c.LineMemory}
	if budget.most == 0 {
		budget.most = lineMemory
	}
	noteDuplicates(files, budget)
	noteOrderLines(files, budget)
	if err := c.settleOrders(ctx, files, budget); err != nil {
		return nil, err
	}
	l := &loader{config: c, builder: b, jobs: make(chan job, 2*c.Workers)}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(l.jobs)
		return l.dispatch(ctx, files)
	})
	for w := range c.Workers {
		g.Go(func() error { return l.work(ctx, w) })
	}
	g.Go(func() error { return checksums(ctx, files) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	refused := 0
	for _, f := range files {
		for _, c := range f.counts {
			refused += len(c.faults)
		}
	}
	report.Faults = slices.Grow(report.Faults, refused)
	for _, f := range files {
		if err := f.unchanged(); err != nil {
			return nil, err
		}
		report.add(f)
	}
	if err := c.otherCurrencies(files); err != nil {
		return nil, err
	}
	noteOverlap(files, report)
	noteUnfilled(files, report)
	c.noteUnmatched(files, report)
	report.sort()
	return report, nil
}

// file is one file to be read.
type file struct {
	File
	source   *Source
	mapping  *mapping
	plain    bool          // text that is not compressed: read from its first byte to its last, in order
	counts   []counts      // by worker
	lines    *orderLines   // completes lines by those before; nil: they are whole
	after    *file         // the file that must have been read before this one; nil: none
	finished chan struct{} // closed once all of the file is mapped; nil: nobody waits for it
	mapped   chan struct{} // a part has been mapped, and the next may follow; nil: parts are mapped in any order
	reader   datasets.Reader
	pending  atomic.Int64 // parts not yet read, and one while there may be more
}

// job is a part of a file to be taken by a worker.
type job struct {
	file *file
	part datasets.Part
}

type loader struct {
	config  Config
	builder *history.Builder
	jobs    chan job
	faults  atomic.Int64 // bytes
}

// dispatch cuts the files into parts.
func (l *loader) dispatch(ctx context.Context, files []*file) error {
	for _, f := range files {
		if err := l.dispatchFile(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) dispatchFile(ctx context.Context, f *file) error {
	if f.after != nil {
		select {
		case <-f.after.finished:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	reader, sum, err := f.open()
	if err != nil {
		return err
	}
	reader = f.inOrder(reader, true)
	f.reader = reader
	f.pending.Store(1)
	defer f.done()
	if err := reader.Select(f.mapping.selected); err != nil {
		return err
	}
	for {
		part, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			if sum != nil {
				f.Bytes, f.SHA256 = sum.size, sum.String()
			}
			return nil
		}
		if err != nil {
			return err
		}
		f.pending.Add(1)
		select {
		case l.jobs <- job{f, part}:
		case <-ctx.Done():
			return ctx.Err()
		}
		if f.mapped == nil {
			continue
		}
		select {
		case <-f.mapped:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// open opens the file. If the checksum is still needed and can be computed
// while reading, sum receives the bytes.
func (f *file) open() (reader datasets.Reader, sum *summer, err error) {
	if !f.plain || f.SHA256 != "" {
		reader, err = f.Open(f.source.CSV)
		return reader, nil, err
	}
	sum = &summer{hash: sha256.New()}
	reader, err = csvio.OpenAs(f.Path, f.Name, f.source.CSV, sum)
	return reader, sum, err
}

// done releases a part; after the last part, the file is closed and the reader
// released with its buffers.
func (f *file) done() {
	if f.mapped != nil {
		f.mapped <- struct{}{}
	}
	if f.pending.Add(-1) == 0 {
		_ = f.reader.Close() // nothing more is read from it
		f.reader = nil
		if f.finished != nil {
			close(f.finished)
		}
	}
}

// work maps and appends parts in batches, until no part is left.
func (l *loader) work(ctx context.Context, worker int) error {
	w := &mapper{clock: newClock(l.config.Zone)}
	appender := l.builder.Appender(worker)
	var frame datasets.Frame
	for j := range l.jobs {
		if err := ctx.Err(); err != nil {
			return err
		}
		c := &j.file.counts[worker]
		err := j.part.Each(&frame, func() error {
			frame.Path = j.file.Name
			before := len(c.faults)
			lines, err := w.transactions(j.file.mapping, &frame, c, l.config.AnonymousBaskets)
			if err != nil {
				return err
			}
			if err := appender.Append(lines); err != nil {
				return err
			}
			if n := l.faults.Add(bytesOf(c.faults[before:])); n > l.config.refusedMemory() {
				return tooManyFaults(j.file.Name, c, l.config.refusedMemory())
			}
			if l.config.Progress != nil {
				l.config.Progress(int64(frame.Rows+len(frame.Faults)), 0)
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
		j.file.done()
	}
	return nil
}

// ErrTooManyFaults is the cause of an error where the rows that do not fit take
// more memory than allowed.
var ErrTooManyFaults = errors.New("too many rows do not fit")

func tooManyFaults(path string, c *counts, most int64) error {
	last := c.faults[len(c.faults)-1]
	return &datasets.FileError{Path: path, Got: fmt.Sprintf("refused rows that take more than %d MiB, such as %s", most>>20, last.Pos),
		Want: last.Want, Err: ErrTooManyFaults,
		Hint: "the columns are mapped wrongly, or the format of times or numbers is another; if so many rows are bad, raise memory"}
}

// bytesOf returns the memory that refused rows take.
func bytesOf(faults []datasets.Fault) int64 {
	n := int64(len(faults)) * int64(unsafe.Sizeof(datasets.Fault{}))
	for i := range faults {
		n += int64(len(faults[i].Got)+15) &^ 15
	}
	return n
}

func (c *Config) refusedMemory() int64 {
	if c.RefusedMemory > 0 {
		return c.RefusedMemory
	}
	return refusedMemory
}

// checksums computes the checksums not needed by survey and not obtained by
// dispatch, while the files are read.
func checksums(ctx context.Context, files []*file) error {
	for _, f := range files {
		if f.plain {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.sum(); err != nil {
			return err
		}
	}
	return nil
}

// survey finds the files, leaves out files already loaded, finds the columns in
// each and settles the format of times.
func (c Config) survey(ctx context.Context) ([]*file, *Report, error) {
	report := &Report{Formats: map[string]string{}}
	var files []*file
	var faults []error
	for i := range c.Sources {
		s := &c.Sources[i]
		found, err := s.found()
		if err != nil {
			faults = append(faults, err)
			continue
		}
		for _, f := range found {
			files = append(files, &file{File: f, source: s, counts: make([]counts, c.Workers)})
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		if f.Path == "" { // it has been taken in
			continue
		}
		if err := f.notice(); err != nil {
			faults = append(faults, err)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, nil, err
	}
	files, err := c.passOver(files, report)
	if err != nil {
		return nil, nil, err
	}
	columns := c.Columns()
	for _, f := range files {
		if err := f.bind(columns); err != nil {
			faults = append(faults, err)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, nil, err
	}
	for i := range c.Sources {
		if err := settleTimes(ctx, &c.Sources[i], files, report); err != nil {
			faults = append(faults, err)
		}
	}
	for i := range c.Sources {
		if err := c.Sources[i].lookAtSamples(ctx, files, report); err != nil {
			faults = append(faults, err)
		}
	}
	return files, report, errors.Join(faults...)
}

// passOver drops the files with contents loaded by an earlier run or equal to
// an earlier file of this run. Only files of equal size need a checksum for the
// comparison.
func (c Config) passOver(files []*file, report *Report) ([]*file, error) {
	sizes := map[int64]int{}
	for _, f := range files {
		sizes[f.Bytes]++
	}
	seen := map[string]bool{}
	kept := files[:0]
	for _, f := range files {
		if sizes[f.Bytes] == 1 && !c.KnownSizes[f.Bytes] {
			kept = append(kept, f)
			continue
		}
		if err := f.sum(); err != nil {
			return nil, err
		}
		if seen[f.SHA256] || c.Known != nil && c.Known(f.SHA256) {
			report.Duplicates = append(report.Duplicates, f.Name)
			continue
		}
		seen[f.SHA256] = true
		kept = append(kept, f)
	}
	return kept, nil
}

// bind opens the file for its columns only, with the columns of the history
// given.
func (f *file) bind(columns datasets.Columns) error {
	if f.Path == "" {
		return fmt.Errorf("ingest: BUG: %s is not at hand, and has not been taken in", f.Name)
	}
	reader, err := f.Open(f.source.CSV)
	if err != nil {
		return err
	}
	defer reader.Close()
	if text, ok := reader.(*csvio.Reader); ok {
		f.plain = !text.Compressed()
	}
	if f.mapping, err = bind(f.source, f.Name, reader.Fields(), columns); err != nil {
		return err
	}
	if err := f.mapping.checkTime(); err != nil {
		return err
	}
	for w := range f.counts {
		f.counts[w].setAside = make([]int64, len(f.mapping.rules)+builtInCounts)
	}
	return nil
}

// add enters a file that was read into the report.
func (r *Report) add(f *file) {
	in := history.Input{Path: f.Name, Bytes: f.Bytes, SHA256: f.SHA256, ETag: f.ETag, SetAside: map[string]int64{}}
	for w, c := range f.counts {
		in.Rows += c.rows
		in.Kept += c.kept
		in.Quarantined += c.quarantined
		in.Rounded += c.rounded
		for i, n := range c.setAside {
			switch rules := f.mapping.rules; {
			case i < len(rules):
				in.SetAside[rules[i].Name] += n
			case i == len(rules)+noCustomerCount:
				in.SetAside[NoCustomer] += n
			case n > 0 && i == len(rules)+erasedCount:
				in.SetAside[Erased] += n
			case n > 0:
				in.SetAside[Repeated] += n
			}
		}
		r.Faults = append(r.Faults, c.faults...)
		f.counts[w].faults = nil
	}
	r.Inputs = append(r.Inputs, in)
}

func (r *Report) sort() {
	slices.SortFunc(r.Inputs, history.CompareInputs)
	slices.SortFunc(r.Faults, CompareFaults)
	slices.Sort(r.Duplicates)
}
