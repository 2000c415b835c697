// Package export writes the scored customers in the forms of other systems: files for
// CRM importers and advertising platforms, in full and as the changes since the run
// before. The requirements of each system are a [Profile], a table of rules.
package export

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"

	"github.com/cespare/xxhash/v2"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/models"
)

// The names of the files of the profile "generic".
const (
	FullName  = "segments.csv"
	DeltaName = "delta.csv"
)

// BaseName is the file with the data sent to a system so far, for the next delta.
const BaseName = "told.parquet"

// The folders of the files of other profiles.
const (
	fullFolder   = "full"
	deltaFolder  = "delta"
	removeFolder = "remove"
)

// The columns that the profile "generic" adds.
const (
	opHeader   = "op"
	hashHeader = "row_hash"
)

// The operations of a delta.
const (
	opInsert = "insert"
	opUpdate = "update"
	opDelete = "delete"
)

// Options say how files are written.
type Options struct {
	Before  string // file of an earlier run to compare with, as Target.Base names it; "": every customer is new
	Full    bool   // write the full file; else the delta alone
	Workers int    // that put cells into text; never changes a byte
	AsOf    string // the scoring date, for the manifest
	Since   string // of the run before, likewise; "" for none
	LastOne string // the scoring date of the last full file before this run, likewise
}

// Base returns the file that the next run compares with.
func (t *Target) Base(everyRunInFull bool) string {
	plain := t.Key.Column == "" || t.Key.Column == CustomerColumn
	if t.Profile.Ops && plain && t.Pseudonym == nil && everyRunInFull {
		return FullName
	}
	return BaseName
}

// Writer writes the files of one target.
type Writer struct {
	plan    *plan
	options Options
	folder  string
	blocks  []block

	full, delta, remove *parts
	told                *told     // nil where the full file is what the next run compares with
	before              *previous // nil where there was no run before
	seen                map[uint64]struct{}
	encoder             *encoder
	counts              Counts
	files               []File
}

// New creates the files of a target in a folder. base is the name that Target.Base gives.
//
// Errors: a target that does not fit the columns, or that the system would refuse.
func New(folder string, t Target, columns []table.Column, base string, o Options) (*Writer, error) {
	p, err := newPlan(t, columns)
	if err != nil {
		return nil, err
	}
	w := &Writer{plan: p, options: o, folder: folder, encoder: newEncoder(p)}
	if !p.keyed() {
		w.seen = map[uint64]struct{}{}
	}
	if err := w.open(base); err != nil {
		return nil, errors.Join(err, w.Abandon())
	}
	return w, nil
}

// open opens the files to write and the file to read.
func (w *Writer) open(base string) error {
	if err := w.create(); err != nil {
		return err
	}
	var err error
	if base == BaseName {
		if w.told, err = createTold(filepath.Join(w.folder, BaseName), w.plan, w.options.Workers); err != nil {
			return err
		}
	}
	if w.options.Before != "" {
		w.before, err = openPrevious(w.options.Before, w.plan)
	}
	return err
}

// create makes the files that exist whatever their contents.
func (w *Writer) create() (err error) {
	p := w.plan.Profile
	header, limit := w.plan.header(), limits{p.MaxBytes, p.MaxRows}
	if !p.Ops {
		w.full = newParts(w.folder, fullFolder, header, p, limit)
		w.delta = newParts(w.folder, deltaFolder, header, p, limit)
		if p.Leave == LeaveKey {
			header = header[:1]
		}
		w.remove = newParts(w.folder, removeFolder, header, p, limit)
		return nil
	}
	w.full = newParts(w.folder, FullName, header, p, limits{})
	w.delta = newParts(w.folder, DeltaName, append([]string{opHeader}, header...), p, limits{})
	if w.options.Full {
		err = w.full.open()
	}
	return errors.Join(err, w.delta.open())
}

// Write adds customers, who come in the order of their ids, with a column of values for each
// column of the table.
func (w *Writer) Write(ctx context.Context, values []table.Values, rows int) error {
	blocks := (rows + blockRows - 1) / blockRows
	for len(w.blocks) < blocks {
		w.blocks = append(w.blocks, block{plan: w.plan, encoder: newEncoder(w.plan)})
	}
	err := models.Parallel(ctx, w.options.Workers, blocks, func(k int) error {
		return w.blocks[k].fill(values, k*blockRows, min((k+1)*blockRows, rows))
	})
	if err != nil {
		return err
	}
	for k := range blocks {
		b := &w.blocks[k]
		w.counts.add(&b.left)
		for i := range b.rows() {
			if err := w.add(ctx, b, i); err != nil {
				return err
			}
		}
	}
	return nil
}

// add adds a customer to the full file, and to the delta if there is something to tell.
func (w *Writer) add(ctx context.Context, b *block, i int) error {
	if w.seen != nil {
		key := xxhash.Sum64(b.cell(i, 0))
		if _, taken := w.seen[key]; taken {
			w.counts.SameKey++
			return nil
		}
		w.seen[key] = struct{}{}
	}
	w.counts.Written++
	line, hash := b.line(i), b.hash(i)
	if w.options.Full {
		if err := w.full.add(nil, line, hash); err != nil {
			return err
		}
	}
	id := b.id(i)
	known := false
	if w.before != nil {
		if err := w.removeUntil(ctx, id); err != nil {
			return err
		}
		known = w.before.at(id)
	}
	changed := true
	var err error
	switch {
	case !known:
		w.counts.Inserted++
		err = w.tell(opInsert, line, hash)
	case w.same(b, i):
		w.counts.Unchanged++
		changed = false
	default:
		w.counts.Updated++
		err = w.update(b, i)
	}
	if err == nil && w.told != nil {
		err = w.told.add(id, func(k int) []byte {
			if changed {
				return b.cell(i, k)
			}
			return w.before.cell(k)
		})
	}
	if known {
		w.before.pop()
	}
	return err
}

// same reports whether there is nothing to tell of a customer whom the system knows.
func (w *Writer) same(b *block, i int) bool {
	if w.moved(b, i) {
		return false
	}
	for _, k := range w.plan.compare {
		if !bytes.Equal(b.cell(i, k), w.before.cell(k)) {
			return false
		}
	}
	return true
}

// moved reports whether a customer has another key than the one the system knows.
func (w *Writer) moved(b *block, i int) bool {
	return w.plan.fields[0].Column != CustomerColumn && !bytes.Equal(b.cell(i, 0), w.before.cell(0))
}

// update writes the changes of a customer known to the system.
func (w *Writer) update(b *block, i int) error {
	p := w.plan.Profile
	if p.Audience || w.moved(b, i) {
		if err := w.leave(); err != nil {
			return err
		}
		return w.tell(opInsert, b.line(i), b.hash(i))
	}
	if !p.Clears {
		for k := range w.plan.fields {
			if len(b.cell(i, k)) == 0 && len(w.before.cell(k)) > 0 {
				w.counts.NotCleared++
			}
		}
	}
	if !p.Sparse {
		return w.tell(opUpdate, b.line(i), b.hash(i))
	}
	line, err := w.encoder.sparse(func(k int) []byte {
		if k > 0 && bytes.Equal(b.cell(i, k), w.before.cell(k)) {
			return nil
		}
		return b.cell(i, k)
	})
	if err != nil {
		return err
	}
	return w.tell("", line[:len(line)-1], nil)
}

// tell adds a row to the delta.
func (w *Writer) tell(op string, line, hash []byte) error {
	if !w.plan.Profile.Ops {
		return w.delta.add(nil, line, nil)
	}
	return w.delta.add([]byte(op), line, hash)
}

// leave writes the removal of a customer who is known to the system (the next in previous)
// and no longer present.
func (w *Writer) leave() error {
	p := w.plan.Profile
	to, op := w.remove, []byte(nil)
	var hash []byte
	keep := func(k int) []byte {
		if k == 0 {
			return w.before.cell(0)
		}
		return nil
	}
	switch p.Leave {
	case LeaveKey:
		text, err := w.encoder.key(w.before.cell(0))
		if err != nil {
			return err
		}
		return to.add(nil, text, nil)
	case LeaveRow:
		keep = w.before.cell
	case LeaveOp:
		to, op, hash = w.delta, []byte(opDelete), []byte{}
	}
	line, err := w.encoder.row(keep)
	if err != nil {
		return err
	}
	return to.add(op, line[:len(line)-1], hash)
}

// removeUntil tells of the customers of the run before who are no longer there, up to an
// id.
func (w *Writer) removeUntil(ctx context.Context, id []byte) error {
	for {
		more, err := w.before.peek(ctx)
		if err != nil || !more || id != nil && bytes.Compare(w.before.id, id) >= 0 {
			return err
		}
		w.counts.Removed++
		if err := w.leave(); err != nil {
			return err
		}
		w.before.pop()
	}
}

// Close writes the rest, closes the files, and writes the manifest.
func (w *Writer) Close(ctx context.Context) error {
	var err error
	if w.before != nil {
		err = w.removeUntil(ctx, nil)
	}
	if err = errors.Join(err, w.Abandon()); err != nil {
		return err
	}
	for _, p := range []*parts{w.full, w.delta, w.remove} {
		if p != nil {
			w.files = append(w.files, p.files...)
		}
	}
	if w.told != nil {
		f, err := w.told.file()
		if err != nil {
			return err
		}
		w.files = append(w.files, f)
	}
	return w.writeManifest()
}

// Abandon closes the files as they are, in place of Close, where writing has failed.
func (w *Writer) Abandon() (err error) {
	if w.before != nil {
		err = w.before.close()
	}
	for _, p := range []*parts{w.full, w.delta, w.remove} {
		if p != nil {
			err = errors.Join(err, p.close())
		}
	}
	if w.told != nil {
		err = errors.Join(err, w.told.close())
	}
	return err
}

// Files returns the files but the manifest, after Close.
func (w *Writer) Files() []File { return w.files }

// Counts returns who was written and who was not, after Close.
func (w *Writer) Counts() Counts { return w.counts }
