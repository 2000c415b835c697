package export

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/quintile-dev/quintile/datasets/csvio"
)

// File is a file that was written.
type File struct {
	Path    string   `json:"path"` // below the folder of the target, with slashes
	Rows    int64    `json:"rows"`
	Bytes   int64    `json:"bytes"`
	SHA256  string   `json:"sha256"`
	Columns []string `json:"columns"`
}

// limits bound a file; 0 does not.
type limits struct{ bytes, rows int64 }

// parts is one file or, where a system limits files, as many files as necessary, each
// with the header.
type parts struct {
	folder  string // of the target
	name    string // of the file, or of the folder of the parts
	columns []string
	profile *Profile
	limit   limits
	now     *part // nil: none is open
	files   []File
}

// part is a file being written.
type part struct {
	File
	file *os.File
	out  *bufio.Writer
	sum  hash.Hash
}

func newParts(folder, name string, columns []string, p *Profile, limit limits) *parts {
	return &parts{folder: folder, name: name, columns: columns, profile: p, limit: limit}
}

// open begins the next file.
func (p *parts) open() error {
	name := p.name
	if !strings.HasSuffix(name, ".csv") {
		name = fmt.Sprintf("%s/part-%05d.csv", p.name, len(p.files)+1)
	}
	path := filepath.Join(p.folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	p.now = &part{File: File{Path: name, Columns: p.columns}, file: file, sum: sum, out: bufio.NewWriterSize(io.MultiWriter(file, sum), 1<<18)}
	header, err := p.header()
	if err == nil {
		err = p.now.write(header)
	}
	return err
}

func (p *parts) header() ([]byte, error) {
	var text bytes.Buffer
	o := csvio.DefaultWriterOptions()
	o.Delimiter, o.CRLF = p.profile.Delimiter, p.profile.CRLF
	out := csvio.NewWriter(&text, o)
	err := errors.Join(out.Header(p.columns...), out.Flush())
	return text.Bytes(), err
}

// add adds a row: op and hash, used by only one profile, are nil if unused.
func (p *parts) add(op, line, hash []byte) error {
	size := int64(len(op) + len(line) + len(hash) + 4)
	if p.now != nil && (p.limit.rows > 0 && p.now.Rows >= p.limit.rows || p.limit.bytes > 0 && p.now.Bytes+size > p.limit.bytes) {
		if err := p.close(); err != nil {
			return err
		}
	}
	if p.now == nil {
		if err := p.open(); err != nil {
			return err
		}
	}
	delimiter := []byte{p.profile.Delimiter}
	if op != nil {
		if err := errors.Join(p.now.write(op), p.now.write(delimiter)); err != nil {
			return err
		}
	}
	if err := p.now.write(line); err != nil {
		return err
	}
	if hash != nil {
		if err := errors.Join(p.now.write(delimiter), p.now.write(hash)); err != nil {
			return err
		}
	}
	p.now.Rows++
	if p.profile.CRLF {
		return p.now.write([]byte("\r\n"))
	}
	return p.now.write([]byte("\n"))
}

func (p *part) write(text []byte) error {
	n, err := p.out.Write(text)
	p.Bytes += int64(n)
	return err
}

// close ends the open file.
func (p *parts) close() error {
	if p.now == nil {
		return nil
	}
	now := p.now
	p.now = nil
	if err := errors.Join(now.out.Flush(), now.file.Close()); err != nil {
		return err
	}
	now.SHA256 = hex.EncodeToString(now.sum.Sum(nil))
	p.files = append(p.files, now.File)
	return nil
}
