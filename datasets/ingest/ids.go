package ingest

import (
	"bytes"

	"github.com/quintile-dev/quintile/datasets"
)

// wholeIDs takes a fraction of zeros off the texts of a column of ids: 17850.0, as programs write whole numbers
// beside missing ones, is 17850. Zeros before a number stay. Columns of numbers are whole already.
func wholeIDs(c *datasets.Column) {
	if c == nil || c.Kind != datasets.Text {
		return
	}
	t := &c.Texts
	if c.Codes != nil { // others may hold the dictionary
		own := datasets.Strings{Trimmed: c.Dict.Trimmed, Data: c.Dict.Data, Start: c.Dict.Start}
		own.End = append(own.End, c.Dict.End...)
		c.Dict, t = own, &c.Dict
	}
	for i, end := range t.End {
		id := bytes.TrimRight(t.Data[t.Start[i]:end], " \t\r\n")
		if n := wholeLength(bytes.TrimLeft(id, " \t")); n < len(id) {
			t.End[i] = t.Start[i] + uint32(n+len(id)-len(bytes.TrimLeft(id, " \t")))
		}
	}
}

// wholeLength returns the length of a number without its point and the zeros after it; the length of the text where
// the text is no such number.
func wholeLength(text []byte) int {
	n := 0
	for n < len(text) && text[n]-'0' <= 9 {
		n++
	}
	if n == 0 || n+1 >= len(text) || text[n] != '.' {
		return len(text)
	}
	for _, c := range text[n+1:] {
		if c != '0' {
			return len(text)
		}
	}
	return n
}
