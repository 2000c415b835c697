package ingest

import (
	"fmt"
	"math/bits"
)

// overlapLines is about the number of lines compared between files: with more lines, only the lines of some
// orders are compared.
const overlapLines = 500_000

// bytesOfLine is about what a line takes in a file.
const bytesOfLine = 64

// overlap finds lines present in several files, equal in every column in use, as in exports with overlapping periods.
// Lines within one file are never compared: real orders hold the same line twice.
type overlap struct {
	mask uint64 // of the hash of an order: lines of orders where these bits are zero are compared
}

// compareFiles has the files of a source compared where there are several, and orders are known.
func compareFiles(files []*file) {
	size := int64(0)
	several := map[*Source]int{}
	for _, f := range files {
		several[f.source]++
		size += f.Bytes
	}
	o := &overlap{}
	if most := uint64(size) / bytesOfLine / overlapLines; most > 0 {
		o.mask = 1<<bits.Len64(most) - 1
	}
	for _, f := range files {
		if several[f.source] > 1 && f.mapping.at(Order) >= 0 && f.source.Duplicates == KeepDuplicates {
			f.mapping.overlap = o
		}
	}
}

// note remembers the lines of the rows that are kept.
func (o *overlap) note(w *mapper, c *counts) {
	order := w.column(Order)
	for _, i := range w.out.Rows {
		id := w.hashOf(order, i)
		if id&o.mask != 0 {
			continue
		}
		h := mix(id, uint64(w.out.Time[i]))
		h = mix(h, uint64(w.out.Quantity[i]))
		h = mix(h, uint64(w.out.Amount[i]))
		h = mix(h, w.hashOf(w.column(Customer), i))
		for _, at := range w.m.dims {
			if at >= 0 {
				h = mix(h, w.hashOf(&w.frame.Columns[at], i))
			}
		}
		if c.lines == nil {
			c.lines = map[uint64]uint32{}
		}
		c.lines[h]++
	}
}

// noteOverlap notes how many lines stand in more than one file, for each source.
func noteOverlap(files []*file, report *Report) {
	var sources []*Source
	bySource := map[*Source][]*file{}
	for _, f := range files {
		if f.mapping.overlap == nil {
			continue
		}
		if bySource[f.source] == nil {
			sources = append(sources, f.source)
		}
		bySource[f.source] = append(bySource[f.source], f)
	}
	for _, s := range sources {
		repeated, compared := repeatedLines(bySource[s])
		if repeated == 0 {
			continue
		}
		of := ""
		if bySource[s][0].mapping.overlap.mask != 0 {
			of = fmt.Sprintf(" of the %d that were compared", compared)
		}
		report.Notes = append(report.Notes, Note{Code: "overlap", Count: int(repeated), Message: fmt.Sprintf(
			"%d lines%s stand in another file as well, equal in their order and in every column that is mapped, and count twice; "+
				"if the periods of the files overlap, set duplicates: across_files", repeated, of)})
	}
}

// repeatedLines returns the number of repeated lines: for each line, its count in all files less its largest
// count in a single file.
func repeatedLines(files []*file) (repeated, compared int64) {
	type seen struct{ all, most uint32 }
	lines := map[uint64]seen{}
	for _, f := range files {
		of := map[uint64]uint32{}
		for w := range f.counts {
			for h, n := range f.counts[w].lines {
				of[h] += n
			}
			f.counts[w].lines = nil
		}
		for h, n := range of {
			s := lines[h]
			lines[h] = seen{s.all + n, max(s.most, n)}
		}
	}
	for _, s := range lines {
		compared += int64(s.all)
		repeated += int64(s.all - s.most)
	}
	return repeated, compared
}
