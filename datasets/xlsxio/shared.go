package xlsxio

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// chunks cuts a stream of XML into pieces that end with a tag.
type chunks struct {
	r    io.Reader
	tail []byte
	eof  bool
	name string // of the tag, without prefix
	most int    // bytes without such a tag
}

var errTooLong = errors.New("no end of a row or a text within 64 MiB")

// next returns the next piece of at least blockSize bytes, or the last piece, possibly without such a tag; io.EOF after
// the last. The caller may keep the piece.
func (c *chunks) next() ([]byte, error) {
	for size := blockSize; ; size *= 2 {
		if err := c.fill(size); err != nil {
			return nil, err
		}
		if c.eof && len(c.tail) <= size {
			out := c.tail
			if c.tail = nil; len(out) == 0 {
				return nil, io.EOF
			}
			return out, nil
		}
		if end := c.lastEnd(c.tail[:min(size, len(c.tail))]); end > 0 {
			out := c.tail[:end:end]
			c.tail = bytes.Clone(c.tail[end:])
			return out, nil
		}
		if size > c.most {
			return nil, errTooLong
		}
	}
}

func (c *chunks) fill(size int) error {
	if c.eof || len(c.tail) >= size {
		return nil
	}
	c.tail = slices.Grow(c.tail, size-len(c.tail))
	for len(c.tail) < size {
		n, err := c.r.Read(c.tail[len(c.tail):size])
		c.tail = c.tail[:len(c.tail)+n]
		if errors.Is(err, io.EOF) {
			c.eof = true
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lastEnd returns where the last end tag ends, 0 where there is none.
func (c *chunks) lastEnd(data []byte) int {
	for end := len(data); ; {
		open := bytes.LastIndex(data[:end], []byte("</"))
		if open < 0 {
			return 0
		}
		if n := bytes.IndexByte(data[open:end], '>'); n >= 0 {
			if t, ok := tagOf(data[open+1 : open+n]); ok && string(t.name) == c.name {
				return open + n + 1
			}
		}
		end = open
	}
}

// readStrings reads the texts shared by cells.
func (w *workbook) readStrings() (*datasets.Strings, error) {
	all := &datasets.Strings{}
	if w.strings == "" || w.files[lower(w.strings)] == nil {
		return all, nil
	}
	r, err := w.open(w.strings)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	c := chunks{r: r, name: "si", most: maxRow}
	var cell []byte
	for {
		data, err := c.next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, w.damaged(w.strings, err)
		}
		m := markup{data: data}
		for {
			_, t, ok := m.next()
			if !ok {
				break
			}
			if string(t.name) != "si" || t.end {
				continue
			}
			if cell = cell[:0]; !t.empty {
				if cell, ok = m.richText(cell, "si"); !ok {
					return nil, w.damaged(w.strings, errors.New("a text that does not end"))
				}
			}
			all.Append(cell)
		}
		if len(all.Data)+8*all.Len() > maxStrings {
			return nil, &datasets.FileError{Path: w.path, Got: "texts that take more than 1 GiB", Want: "a workbook that fits", Hint: "save the sheet as CSV"}
		}
	}
}

// richText appends the text of an element up to its end: the text of all runs, without hints for
// pronunciation.
func (m *markup) richText(dst []byte, element string) ([]byte, bool) {
	inside, spoken := false, false
	for {
		text, t, ok := m.next()
		if !ok {
			return dst, false
		}
		if inside && !spoken {
			dst = unescape(dst, text)
		}
		switch string(t.name) {
		case "t":
			inside = !t.end && !t.empty
		case "rPh":
			spoken = !t.end && !t.empty
		case element:
			if t.end {
				return dst, true
			}
		}
	}
}

func lower(s string) string { return string(bytes.ToLower([]byte(s))) }
