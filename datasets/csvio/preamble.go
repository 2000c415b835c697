package csvio

import (
	"bytes"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
)

// skip drops the lines before the first record: as many as the caller has counted, and the line sep=X written by
// Excel.
func (r *Reader) skip() error {
	for n := range r.opts.Skip {
		end := bytes.IndexByte(r.tail, r.syn.newline)
		if end < 0 {
			return &datasets.FileError{Path: r.path, Got: plural(n, "line"), Want: fmt.Sprintf("more than the %d of skip", r.opts.Skip), Hint: "mend skip"}
		}
		r.drop(end + 1)
	}
	if delim, n := separatorLine(r.tail); n > 0 {
		if r.opts.Delimiter == 0 {
			r.opts.Delimiter, r.syn.delim = delim, delim
		}
		r.drop(n)
	}
	return nil
}

// drop takes the first bytes, whole lines, off what is to be read.
func (r *Reader) drop(n int) {
	r.line += int64(bytes.Count(r.tail[:n], []byte{r.syn.newline}))
	r.tail = r.tail[n:]
}

// separatorLine returns the delimiter named by a first line such as sep=; and the length of the line in bytes; 0
// without such a line.
func separatorLine(data []byte) (delim byte, n int) {
	line, _, ended := bytes.Cut(data, []byte{'\n'})
	if n = len(line) + 1; !ended {
		if line, _, ended = bytes.Cut(data, []byte{'\r'}); !ended {
			return 0, 0
		}
		n = len(line) + 1
	}
	text := bytes.TrimSuffix(line, []byte{'\r'})
	if len(text) > 1 && text[0] == '"' && text[len(text)-1] == '"' {
		text = text[1 : len(text)-1]
	}
	if len(text) != 5 || !bytes.EqualFold(text[:4], []byte("sep=")) || text[4] == '"' || text[4] >= 0x80 {
		return 0, 0
	}
	return text[4], n
}

// oneMore reports whether nearly all records of the sample have one more field than the header, an empty field:
// each record ends with a delimiter.
func (r *Reader) oneMore(columns int) bool {
	data := r.tail[:min(len(r.tail), sampleSize)]
	if !r.eof || len(data) < len(r.tail) {
		data = data[:r.syn.cut(data, new(marks)).end]
	}
	var spans []span
	records, more := 0, 0
	for at := 0; at < len(data); {
		spans, at, _ = r.syn.record(spans[:0], data, at)
		if n := len(spans); n > 0 {
			records++
			if n == columns+1 && spans[columns].start == spans[columns].end {
				more++
			}
		}
	}
	return more > 0 && float64(more) >= sureShare*float64(records-1)
}
