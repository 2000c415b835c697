package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/text"
)

// CompareFaults orders refused rows by file, line and row.
func CompareFaults(a, b datasets.Fault) int {
	return cmp.Or(
		cmp.Compare(a.Pos.Path, b.Pos.Path),
		cmp.Compare(a.Pos.Line, b.Pos.Line),
		cmp.Compare(a.Pos.Row, b.Pos.Row),
		cmp.Compare(a.Pos.Column, b.Pos.Column),
	)
}

// needsLayout reports whether the times of the file are texts or numbers that a
// format must explain.
func (m *mapping) needsLayout() bool {
	switch m.fields[m.at(Time)].Kind {
	case datasets.Date, datasets.Timestamp:
		return false
	}
	return true
}

// checkTime refuses a column that cannot hold times.
func (m *mapping) checkTime() error {
	f := m.fields[m.at(Time)]
	if clock := m.at(Clock); clock >= 0 && (f.Kind != datasets.Text || m.fields[clock].Kind != datasets.Text) {
		return &datasets.FileError{Path: m.path, At: fmt.Sprintf("columns %q and %q", f.Name, m.fields[clock].Name),
			Got: fmt.Sprintf("values of the types %s and %s", f.Kind, m.fields[clock].Kind), Want: "texts, where a date and a time of day are put together",
			Hint: `map one column to "time"`}
	}
	switch f.Kind {
	case datasets.Float:
		if isCount(m.source.TimeFormat) {
			return nil
		}
		fallthrough
	case datasets.Bool, datasets.Decimal:
		return &datasets.FileError{Path: m.path, At: fmt.Sprintf("column %q", f.Name), Got: "values of the type " + f.Kind.String(),
			Want: "times, dates, or texts that hold them", Hint: `map another column to "time"`}
	}
	return nil
}

// isCount reports whether a format is of times that are numbers.
func isCount(format string) bool {
	return strings.HasPrefix(format, "unix") || strings.HasPrefix(format, "excel")
}

// settleTimes gives the source's files the format of the times: the format
// named in the job, or the format that fits all times of the files.
//
// Errors: where no format fits, or several do that read a time differently.
func settleTimes(ctx context.Context, s *Source, files []*file, report *Report) error {
	var mine []*file
	for _, f := range files {
		if f.source == s && f.mapping.needsLayout() {
			mine = append(mine, f)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	if s.TimeFormat != "" {
		layout, err := text.CompileTime(s.TimeFormat)
		if err != nil {
			return fmt.Errorf("%s: time_format: %w", s.Path, err)
		}
		for _, f := range mine {
			f.mapping.layout = layout
		}
		return nil
	}
	d := &detection{}
	for _, f := range mine {
		if err := d.look(ctx, f); err != nil {
			return err
		}
		if len(d.layouts) == 1 {
			break
		}
	}
	d.hidden = !mine[0].mapping.shown(mine[0].mapping.at(Time)) || mine[0].mapping.guessed && len(d.layouts) == 0
	if err := d.verdict(mine[0].Name, mine[0].mapping.fields[mine[0].mapping.at(Time)].Name); err != nil {
		return err
	}
	for _, f := range mine {
		f.mapping.layout = d.layouts[0]
	}
	report.Formats[s.Path] = d.layouts[0].String()
	return nil
}

// detection narrows the formats that times can have, sample by sample.
type detection struct {
	begun   bool
	layouts []*text.TimeLayout
	example string // a time that the remaining formats read differently, or none fits
	excel   bool   // no format fits, and they may be days of a spreadsheet
	hidden  bool   // the column can be personal, so that no message shows it
}

// sampleRows is the number of times of a part that are looked at.
const sampleRows = 2000

// look reads times of the file until one format is left.
func (d *detection) look(ctx context.Context, f *file) error {
	reader, err := f.Open(f.source.CSV)
	if err != nil {
		return err
	}
	defer reader.Close()
	at := f.mapping.at(Time)
	if at >= len(f.mapping.selected) {
		d.narrow([][]byte{[]byte(f.mapping.constants[at-len(f.mapping.selected)])})
		return nil
	}
	columns := []int{f.mapping.selected[at]}
	if clock := f.mapping.at(Clock); clock >= 0 && clock < len(f.mapping.selected) {
		columns = append(columns, f.mapping.selected[clock])
	}
	if err := reader.Select(columns); err != nil {
		return err
	}
	var frame datasets.Frame
	for !d.begun || len(d.layouts) > 1 {
		part, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := part.Decode(&frame); err != nil {
			return err
		}
		d.narrow(samples(frame.Columns, frame.Rows))
	}
	return nil
}

// samples returns times spread evenly over a column, or over a date's and a time's of day.
func samples(columns []datasets.Column, rows int) [][]byte {
	var all [][]byte
	step := max(1, rows/sampleRows)
	for i := 0; i < rows; i += step {
		cell := columns[0].AppendText(nil, i)
		if len(cell) > 0 && len(columns) > 1 {
			date := len(cell)
			if cell = columns[1].AppendText(append(cell, ' '), i); len(cell) == date+1 {
				continue
			}
		}
		if len(cell) > 0 {
			all = append(all, cell)
		}
	}
	return all
}

func (d *detection) narrow(samples [][]byte) {
	if len(samples) == 0 {
		return
	}
	if !d.begun {
		d.layouts, d.begun = text.DetectTime(mostly(samples)), true
		d.excel = len(d.layouts) == 0 && text.LooksLikeExcelDays(samples)
		d.example = string(samples[0])
		d.chooseExample(samples)
		return
	}
	kept := d.layouts[:0:0]
	for _, layout := range d.layouts {
		if fitsMost(layout, samples) {
			kept = append(kept, layout)
		}
	}
	if len(kept) > 0 {
		d.layouts = kept
	}
	d.chooseExample(samples)
}

// chooseExample looks for a time that the formats left read differently.
func (d *detection) chooseExample(samples [][]byte) {
	if len(d.layouts) < 2 {
		return
	}
	for _, s := range samples {
		first, _, ok := d.layouts[0].Parse(s)
		for _, layout := range d.layouts[1:] {
			if other, _, fits := layout.Parse(s); ok && fits && other != first {
				d.example = string(s)
				return
			}
		}
	}
}

// mostly returns the samples that fit some format, so that a damaged cell (for
// quarantine) does not hide the format of all other cells.
func mostly(samples [][]byte) [][]byte {
	if len(text.DetectTime(samples)) > 0 {
		return samples
	}
	good := text.Readable(samples)
	if 2*len(good) < len(samples) {
		return samples
	}
	return good
}

// fitsMost reports whether a format reads nineteen of twenty samples.
func fitsMost(layout *text.TimeLayout, samples [][]byte) bool {
	bad := 0
	for _, s := range samples {
		if _, _, ok := layout.Parse(s); !ok {
			bad++
		}
	}
	return 20*bad <= len(samples)
}

// verdict reports the detection's failure, if it failed. For a file without a
// single time, any format will do.
func (d *detection) verdict(path, column string) error {
	switch {
	case !d.begun:
		layout, err := text.CompileTime("%Y-%m-%d")
		d.layouts = []*text.TimeLayout{layout}
		return err
	case len(d.layouts) == 0:
		return &datasets.FileError{Path: path, At: fmt.Sprintf("column %q", column), Got: d.shownExample(),
			Want: "a time in a common format", Hint: d.hint()}
	case len(d.layouts) == 1:
		return nil
	}
	var readings []string
	for _, layout := range d.layouts {
		micros, _, _ := layout.Parse([]byte(d.example))
		if d.hidden {
			readings = append(readings, fmt.Sprintf("%q", layout))
			continue
		}
		readings = append(readings, fmt.Sprintf("%s with %q", datasets.Moment(micros), layout))
	}
	return &datasets.FileError{Path: path, At: fmt.Sprintf("column %q", column),
		Got:  fmt.Sprintf("times such as %s, which can be read as %s", d.shownExample(), strings.Join(readings, " or as ")),
		Want: "one reading", Hint: `choose it with "time_format"`}
}

// hint says how to name a format that was not found.
func (d *detection) hint() string {
	if d.excel {
		return `the numbers may be days of a spreadsheet: set "time_format: excel", or "excel1904" where it counts from 1904`
	}
	return `name the format with "time_format", such as "%d.%m.%Y %H:%M"`
}

// shownExample returns the example as messages may have it.
func (d *detection) shownExample() string {
	if d.hidden {
		return "a value (hidden: it may be personal)"
	}
	return fmt.Sprintf("%q", datasets.Clip(d.example, 40))
}

// clock turns instants into times on the wall clock of a zone. The period
// between two changes of the clock is remembered, so that a look-up is two
// comparisons.
type clock struct {
	zone       *time.Location
	start, end int64 // microseconds; the offset holds in [start, end)
	offset     int64 // microseconds
}

func newClock(zone *time.Location) clock { return clock{zone: zone} }

// local returns the wall clock's time at an instant in microseconds.
func (c *clock) local(instant int64) datasets.Moment {
	if instant < c.start || instant >= c.end {
		c.move(instant)
	}
	return datasets.Moment(instant + c.offset)
}

func (c *clock) move(instant int64) {
	t := time.UnixMicro(instant).In(c.zone)
	_, offset := t.Zone()
	c.offset = int64(offset) * int64(datasets.Second)
	start, end := t.ZoneBounds()
	c.start, c.end = -1<<63, 1<<63-1
	// Some zones have changes before all times that microseconds can tell.
	const most = (1<<63 - 1) / int64(datasets.Second)
	if !start.IsZero() && start.Unix() >= -most {
		c.start = start.UnixMicro()
	}
	if !end.IsZero() && end.Unix() <= most {
		c.end = end.UnixMicro()
	}
}
