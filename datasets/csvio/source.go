package csvio

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/quintile-dev/quintile/datasets"
)

// maxWindow bounds the memory that a zstd frame may request: the default window
// of `zstd --long`.
const maxWindow = 128 << 20

// source is the text of a file: decompressed, without its byte order mark, and
// in an encoding with ASCII as a part.
type source struct {
	path   string
	file   *counter
	packed string // "gzip", "zstd" or ""
	text   io.Reader
	at     int64 // bytes of text read
	closer func()
}

// counter counts the bytes read from a file.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// openSource finds out how r is compressed and checks that its text is in the
// encoding.
func openSource(r io.Reader, path, encoding string) (*source, error) {
	s := &source{path: path, file: &counter{r: r}, closer: func() {}}
	raw := bufio.NewReaderSize(s.file, sampleSize)
	magic, err := raw.Peek(6)
	if err != nil && err != io.EOF {
		return nil, s.fail(err)
	}
	if err := s.foreign(magic); err != nil {
		return nil, err
	}
	text := raw
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		s.packed = "gzip"
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, s.fail(err)
		}
		text = bufio.NewReaderSize(z, sampleSize)
	case zstandard(magic):
		s.packed = "zstd"
		z, err := zstd.NewReader(raw, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, s.fail(err)
		}
		s.closer = z.Close
		text = bufio.NewReaderSize(z, sampleSize)
	}
	s.text = text
	sample, err := text.Peek(4096)
	if err != nil && err != io.EOF {
		s.closer()
		return nil, s.fail(err)
	}
	if err := s.decode(text, sample, encoding); err != nil {
		s.closer()
		return nil, err
	}
	return s, nil
}

// zstandard reports whether a file that begins so is compressed with zstd; a
// skippable frame may come first.
func zstandard(magic []byte) bool {
	return bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}) ||
		len(magic) >= 4 && magic[0]&0xf0 == 0x50 && bytes.Equal(magic[1:4], []byte{0x2a, 0x4d, 0x18})
}

// foreign reports a file of a kind that is not delimited text.
func (s *source) foreign(magic []byte) error {
	for _, kind := range []struct{ magic, name, hint string }{
		{"PK\x03\x04", "a zip archive or an Excel workbook", "unpack it, or save the sheet as CSV"},
		{"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"},
		{"PAR1", "a Parquet file", "name it .parquet"},
		{"ARROW1", "an Arrow file", "name it .arrow"},
		{"BZh", "a bzip2 file", "compress it with gzip or zstd instead"},
		{"\xfd7zXZ", "an xz file", "compress it with gzip or zstd instead"},
	} {
		if bytes.HasPrefix(magic, []byte(kind.magic)) {
			return &datasets.FileError{Path: s.path, Got: kind.name, Want: "delimited text", Hint: kind.hint}
		}
	}
	return nil
}

// Read reads text. Its errors name the file and the place.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.text.Read(p)
	s.at += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = s.fail(err)
	}
	return n, err
}

// fail says where err befell the file.
func (s *source) fail(err error) error {
	e := &datasets.FileError{Path: s.path, At: fmt.Sprintf("byte %d", s.file.n), Err: err}
	if s.packed == "" {
		return e
	}
	e.At = fmt.Sprintf("near byte %d (byte %d of its text)", s.file.n, s.at)
	e.Got = "damaged " + s.packed + " data"
	if errors.Is(err, io.ErrUnexpectedEOF) {
		e.Got = s.packed + " data that end too early"
	}
	e.Want = "a whole " + s.packed + " file"
	e.Hint = "copy or export the file again"
	if errors.Is(err, zstd.ErrWindowSizeExceeded) {
		e.Got = "zstd data that need a window beyond 128 MiB"
		e.Want = "a smaller window"
		e.Hint = "compress the file without --ultra --long"
	}
	return e
}

// Text is the text of a file in UTF-8: decompressed, and without its byte order mark.
type Text struct {
	io.Reader
	Compressed bool
	close      func()
}

// NewText returns the text of r, for other formats of lines. Its errors are *datasets.FileError that name path.
func NewText(r io.Reader, path string) (*Text, error) {
	s, err := openSource(r, path, UTF8)
	if err != nil {
		return nil, err
	}
	return &Text{Reader: s, Compressed: s.packed != "", close: s.closer}, nil
}

// Close lets go of the decompressor. It does not close what NewText was given.
func (t *Text) Close() { t.close() }
