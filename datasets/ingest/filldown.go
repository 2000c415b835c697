package ingest

import (
	"context"
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// orderLines completes the lines of orders with several lines in a file: columns are filled down, and the amounts of
// an order count once. The state is kept from one file of a source to the next.
type orderLines struct {
	source   *Source
	budget   *lineBudget
	amounts  map[key]int64 // of orders, by order and column
	unfilled int64         // lines that have no value in a column that is filled down
}

// completesOrders reports whether lines of the source depend on the lines before.
func (s *Source) completesOrders() bool { return len(s.FillDown)+len(s.PerOrder) > 0 }

// noteOrderLines attaches shared state to the files of sources in which lines depend on earlier
// lines.
func noteOrderLines(files []*file, budget *lineBudget) {
	bySource := map[*Source]*orderLines{}
	for _, f := range files {
		if !f.source.completesOrders() {
			continue
		}
		if bySource[f.source] == nil {
			bySource[f.source] = &orderLines{source: f.source, budget: budget, amounts: map[key]int64{}}
		}
		f.lines = bySource[f.source]
	}
}

// inOrder returns a reader whose lines are complete: columns are filled down, and where once is set, the amounts of
// orders count once. Next decodes the parts in turn, and passes the decoded parts on.
func (f *file) inOrder(r datasets.Reader, once bool) datasets.Reader {
	if !f.source.completesOrders() {
		return r
	}
	o := &orderedReader{Reader: r, file: f, spare: make(chan *datasets.Frame, 64)}
	for _, name := range f.source.FillDown {
		if at := f.mapping.indexOf(name); at >= 0 && at < len(f.mapping.selected) {
			o.fills = append(o.fills, fill{column: at})
		}
	}
	if once {
		for k, role := range f.source.PerOrder {
			if at := f.mapping.at(role); at >= 0 && at < len(f.mapping.selected) {
				o.once = append(o.once, onceColumn{at, uint64(k)})
			}
		}
	}
	o.order = f.mapping.at(Order)
	return o
}

// indexOf returns the index in a frame of the column with a name, or of a role; −1.
func (m *mapping) indexOf(name string) int {
	if mapped, ok := m.source.Columns[Role(name)]; ok {
		name = mapped
	} else if mapped, ok := m.source.Further[name]; ok {
		name = mapped
	}
	return slices.IndexFunc(m.fields, func(f datasets.Field) bool { return f.Name == name })
}

// orderedReader is a reader with complete lines.
type orderedReader struct {
	datasets.Reader
	file   *file
	order  int // column of a frame
	fills  []fill
	once   []onceColumn
	spare  chan *datasets.Frame
	begun  bool
	last   []byte // order of the line before
	text   []byte
	number numbers
}

// onceColumn is a column of amounts of orders.
type onceColumn struct {
	column int
	role   uint64 // its place in Source.PerOrder
}

// fill is a column that is filled down, and its value of the line before.
type fill struct {
	column int
	known  bool
	cell   cell
}

// Next decodes the next part and completes it.
func (o *orderedReader) Next(ctx context.Context) (datasets.Part, error) {
	part, err := o.Reader.Next(ctx)
	if err != nil {
		return nil, err
	}
	var frame *datasets.Frame
	select {
	case frame = <-o.spare:
	default:
		frame = &datasets.Frame{}
	}
	if err := part.Decode(frame); err != nil {
		return nil, err
	}
	if err := o.complete(frame); err != nil {
		return nil, err
	}
	return &completePart{o, frame}, nil
}

// complete fills the columns of a frame.
func (o *orderedReader) complete(frame *datasets.Frame) error {
	editors := make([]editor, len(frame.Columns))
	for k := range editors {
		editors[k] = editor{c: &frame.Columns[k], rows: frame.Rows}
	}
	if o.file.mapping.duplicates != nil { // editors leave the cells of the file in their memory
		frame.Before = append(frame.Before[:0], frame.Columns...)
	}
	order := &frame.Columns[o.order]
	lines, source := o.file.lines, o.file.source
	for i := range frame.Rows {
		o.fillOrder(editors, i)
		o.text = order.AppendText(o.text[:0], i)
		same := o.begun && len(o.text) > 0 && string(o.text) == string(o.last)
		o.begun, o.last = true, append(o.last[:0], o.text...)
		for k := range o.fills {
			f := &o.fills[k]
			if f.column == o.order {
				continue
			}
			e := &editors[f.column]
			switch absent := source.isAbsent(e.c, i); {
			case !absent:
				f.known, f.cell = true, e.cell(f.cell, i)
			case same && f.known:
				e.set(i, f.cell)
			default:
				f.known = false
				lines.unfilled++
			}
		}
		if len(o.once) == 0 || len(o.text) == 0 {
			continue
		}
		if err := o.countOnce(frame, editors, i); err != nil {
			return err
		}
	}
	return nil
}

// fillOrder fills the order itself down, if requested.
func (o *orderedReader) fillOrder(editors []editor, i int) {
	for k := range o.fills {
		f := &o.fills[k]
		if f.column != o.order {
			continue
		}
		e := &editors[f.column]
		if !o.file.source.isAbsent(e.c, i) {
			f.known, f.cell = true, e.cell(f.cell, i)
		} else if f.known {
			e.set(i, f.cell)
		}
	}
}

// countOnce keeps an amount of an order on the first line with the amount, and sets 0 on all later
// lines.
func (o *orderedReader) countOnce(frame *datasets.Frame, editors []editor, i int) error {
	lines, source := o.file.lines, o.file.source
	for _, once := range o.once {
		e := &editors[once.column]
		if source.isAbsent(e.c, i) {
			e.set(i, zeroCell)
			continue
		}
		v, outcome := o.number.readOne(e.c, i, source.formOf(e.c))
		if outcome != fits {
			continue // for the mapper to refuse
		}
		k := key{}.with(o.text).withWord(once.role)
		first, seen := lines.amounts[k]
		switch {
		case !seen:
			lines.amounts[k] = v
			if err := lines.budget.take(o.file.Name, bytesOfDuplicate, "orders whose amounts count once", "raise memory"); err != nil {
				return err
			}
			continue
		case v != first && v != 0:
			return &datasets.CellError{Pos: frame.Position(i, e.c.Name), Personal: true, Want: "the amount of the lines of its order before, since per_order names it",
				Hint: "take it out of per_order if it is the amount of a line"}
		}
		e.set(i, zeroCell)
	}
	return nil
}

// isAbsent reports whether there is nothing in row i of a column, or a word for nothing.
func (s *Source) isAbsent(c *datasets.Column, i int) bool {
	if !c.Valid.Get(i) {
		return true
	}
	switch c.Kind {
	case datasets.Text:
		text := c.TextAt(i)
		return len(text) == 0 || slices.ContainsFunc(s.Missing, func(word string) bool { return word == string(text) })
	case datasets.Float:
		return c.Floats[i] != c.Floats[i]
	}
	return false
}

// completePart is a decoded and completed part.
type completePart struct {
	o     *orderedReader
	frame *datasets.Frame
}

// Decode hands the frame over.
func (p *completePart) Decode(dst *datasets.Frame) error {
	*dst = *p.frame
	return nil
}

// Each hands the frame over for as long as do takes.
func (p *completePart) Each(dst *datasets.Frame, do func() error) error {
	own := *dst
	*dst = *p.frame
	err := do()
	*dst = own
	select {
	case p.o.spare <- p.frame:
	default:
	}
	return err
}

// noteUnfilled notes lines that fill_down left without a value.
func noteUnfilled(files []*file, report *Report) {
	seen := map[*orderLines]bool{}
	for _, f := range files {
		if l := f.lines; l != nil && !seen[l] && l.unfilled > 0 {
			seen[l] = true
			report.Notes = append(report.Notes, Note{Code: "not_filled", Count: int(l.unfilled), Message: fmt.Sprintf(
				"%d cells of the columns that fill_down names are empty, and the line above is of another order or has nothing either", l.unfilled)})
		}
	}
}
