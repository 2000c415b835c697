package export

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
)

// previous reads the ids and hashes of a file written earlier, row by row.
type previous struct {
	reader *csvio.Reader
	frame  datasets.Frame
	next   int
	have   bool // id and hash are those of the next row
	ended  bool
	id     []byte
	hash   string
}

func openPrevious(path string) (*previous, error) {
	options := csvio.DefaultOptions()
	options.Delimiter = ','
	r, err := csvio.Open(path, options)
	if err != nil {
		return nil, err
	}
	var columns []int
	for _, name := range []string{"customer", "row_hash"} {
		at := slices.IndexFunc(r.Fields(), func(f datasets.Field) bool { return f.Name == name })
		if at < 0 {
			_ = r.Close() // the missing column is what matters
			return nil, &datasets.FileError{Path: path, Got: "no column " + name, Want: "a file that this program has written"}
		}
		columns = append(columns, at)
	}
	if err := r.Select(columns); err != nil {
		return nil, err
	}
	return &previous{reader: r}, nil
}

// peek makes id and hash those of the next row; false after the last.
func (p *previous) peek(ctx context.Context) (bool, error) {
	for !p.have && !p.ended {
		if p.next < p.frame.Rows {
			p.id = append(p.id[:0], unguarded(p.frame.Columns[0].Texts.At(p.next))...)
			p.hash = string(p.frame.Columns[1].Texts.At(p.next))
			p.have = true
			break
		}
		part, err := p.reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			p.ended = true
			break
		}
		if err != nil {
			return false, err
		}
		if err := part.Decode(&p.frame); err != nil {
			return false, err
		}
		if len(p.frame.Faults) > 0 { // a customer who would never be deleted
			pos := p.frame.Faults[0].Pos
			return false, &datasets.FileError{Path: pos.Path, At: "line " + strconv.FormatInt(pos.Line, 10), Got: "a row that cannot be read",
				Want: "a file as this program has written it", Hint: "restore it, or remove the run it belongs to"}
		}
		p.next = 0
	}
	return p.have, nil
}

// at reports whether the next row, which peek has read, is of that id.
func (p *previous) at(id []byte) bool { return p.have && bytes.Equal(p.id, id) }

// pop goes past the next row.
func (p *previous) pop() {
	p.have = false
	p.next++
}

func (p *previous) close() error { return p.reader.Close() }

// unguarded drops the apostrophe that the writer puts before what a spreadsheet
// would take for a formula.
func unguarded(text []byte) []byte {
	rest := bytes.TrimLeft(text, "'")
	if len(rest) < len(text) && len(rest) > 0 && bytes.IndexByte([]byte("=+-@\t\r"), rest[0]) >= 0 {
		return text[1:]
	}
	return text
}
