package ingest

import (
	"fmt"
	"sync"

	"github.com/quintile-dev/quintile/datasets"
)

// Duplicates selects, among equal lines, the lines to leave out. Lines are equal if their orders and all mapped
// columns are equal.
type Duplicates string

// The ways with equal lines.
const (
	KeepDuplicates   Duplicates = ""             // all count
	AcrossFiles      Duplicates = "across_files" // a line counts as often as it stands in the file that has most of it
	ExactDuplicates  Duplicates = "exact"        // a line counts once
	duplicateShards             = 64
	bytesOfDuplicate            = 48 // about what a line takes in a map
)

// duplicates remembers the lines of the files of a source. The files are read in turn, so that the lines left out
// of each file do not depend on chance; several goroutines may report the lines of one file.
type duplicates struct {
	mode   Duplicates
	shards [duplicateShards]duplicateShard
	budget *lineBudget
}

type duplicateShard struct {
	sync.Mutex
	lines map[key]duplicateLine
	_     [40]byte // a shard has a cache line to itself
}

// duplicateLine is how often a line was seen.
type duplicateLine struct {
	file uint32 // the last one that has it, counted from 1
	here uint32 // lines in that file
	most uint32 // lines in the file before that has most of it
}

// noteDuplicates gives the files of each source that leaves duplicates out a memory for lines.
func noteDuplicates(files []*file, budget *lineBudget) {
	bySource := map[*Source]*duplicates{}
	var before = map[*Source]*file{}
	for _, f := range files {
		s := f.source
		if s.Duplicates == KeepDuplicates {
			continue
		}
		d := bySource[s]
		if d == nil {
			d = &duplicates{mode: s.Duplicates, budget: budget}
			bySource[s] = d
		}
		f.mapping.duplicates, f.after = d, before[s]
		f.finished = make(chan struct{})
		if s.Duplicates == ExactDuplicates && len(s.PerOrder) > 0 {
			f.mapped = make(chan struct{}, 2) // the first of equal lines has the amount of the order, and must stay
		}
		f.mapping.number = 1
		if b := before[s]; b != nil {
			f.mapping.number = b.mapping.number + 1
		}
		before[s] = f
	}
}

// without returns the rows that are not left out. The result reuses rows.
func (d *duplicates) without(w *mapper, rows []uint32) ([]uint32, error) {
	kept, before := rows[:0], len(rows)
	added := int64(0)
	for _, i := range rows {
		keep, isNew := d.keeps(w.lineKey(i), w.m.number)
		if isNew {
			added++
		}
		if keep {
			kept = append(kept, i)
		}
	}
	if !w.quiet {
		w.counts.setAside[len(w.m.rules)+duplicateCount] += int64(before - len(kept))
	}
	return kept, d.budget.take(w.m.path, added*bytesOfDuplicate, "lines that are compared for duplicates",
		"export files whose periods do not overlap and leave duplicates out of the job, or raise memory")
}

// keeps reports whether a line of a file counts, and whether the line is the first of its
// kind.
func (d *duplicates) keeps(k key, file uint32) (keep, isNew bool) {
	s := &d.shards[k[1]%duplicateShards]
	s.Lock()
	defer s.Unlock()
	line, seen := s.lines[k]
	if d.mode == ExactDuplicates && seen {
		return false, false
	}
	if line.file != file {
		line.file, line.here, line.most = file, 0, max(line.most, line.here)
	}
	line.here++
	if s.lines == nil {
		s.lines = map[key]duplicateLine{}
	}
	s.lines[k] = line
	return line.here > line.most, !seen
}

// lineBudget bounds the memory for remembered lines and orders.
type lineBudget struct {
	mu         sync.Mutex
	most, used int64
}

// lineMemory is the default of Config.LineMemory.
const lineMemory = 1 << 30

// take counts bytes that something takes, for a file.
//
// Errors: *datasets.FileError where there are more than there may be.
func (b *lineBudget) take(path string, bytes int64, what, hint string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used += bytes; b.used <= b.most {
		return nil
	}
	return &datasets.FileError{Path: path, Got: fmt.Sprintf("%s that take more than %d MiB", what, b.most>>20), Want: "as many as fit an eighth of the memory budget", Hint: hint}
}
