package parquetio

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/parquet-go/parquet-go/format"
)

// pages walks the pages of one column chunk.
type pages struct {
	r       io.ReaderAt
	codec   format.CompressionCodec
	at, end int64 // of the bytes of the chunk that are left
	window  []byte
	header  format.PageHeader
}

// open sets p to the beginning of a chunk of a file of size bytes.
func (p *pages) open(r io.ReaderAt, size int64, chunk *format.ColumnChunk) error {
	m := &chunk.MetaData
	begin := m.DataPageOffset
	if d := m.DictionaryPageOffset; d > 0 && (d < begin || begin == 0) {
		begin = d
	}
	length := m.TotalCompressedSize
	if begin < int64(len(magic)) || length < 0 || begin > size || length > size-begin {
		return fmt.Errorf("the column says it has %d bytes at byte %d, want them within the %d of the file", length, begin, size)
	}
	p.r, p.codec, p.at, p.end = r, m.Codec, begin, begin+length
	return nil
}

// next reads the header of the next page, or returns io.EOF. skip or read must
// follow.
func (p *pages) next() error {
	if p.at >= p.end {
		return io.EOF
	}
	for size := int64(256); ; size *= 16 {
		size = min(size, p.end-p.at)
		if int64(cap(p.window)) < size {
			p.window = make([]byte, size)
		}
		window := p.window[:size]
		if err := readFull(p.r, window, p.at); err != nil {
			return fmt.Errorf("byte %d: %w", p.at, err)
		}
		n, err := structureLen(window, 64<<10)
		if errors.Is(err, errShort) && size < 1<<20 && size < p.end-p.at {
			continue
		}
		if err == nil {
			p.header = format.PageHeader{}
			err = decodeThrift(window[:n], &p.header)
		}
		if err != nil {
			return fmt.Errorf("page header at byte %d: %w", p.at, err)
		}
		p.at += int64(n)
		break
	}
	return p.check()
}

func (p *pages) check() error {
	h := &p.header
	if h.CompressedPageSize < 0 || int64(h.CompressedPageSize) > p.end-p.at {
		return fmt.Errorf("a page of %d bytes at byte %d, want at most the %d left of the column", h.CompressedPageSize, p.at, p.end-p.at)
	}
	if h.UncompressedPageSize < 0 {
		return fmt.Errorf("a page that expands to %d bytes at byte %d", h.UncompressedPageSize, p.at)
	}
	rows := p.rows()
	if rows < 0 {
		return fmt.Errorf("a page of %d rows at byte %d", rows, p.at)
	}
	if rows > 1<<22 && rows > 16*int64(h.UncompressedPageSize) {
		return fmt.Errorf("a page of %d rows in %d bytes at byte %d", rows, h.UncompressedPageSize, p.at)
	}
	if err := checkExpansion(p.codec, int64(h.CompressedPageSize), int64(h.UncompressedPageSize)); err != nil {
		return fmt.Errorf("%w at byte %d", err, p.at)
	}
	return nil
}

// rows returns the number of rows of a data page of a flat column, 0 for other
// pages.
func (p *pages) rows() int64 {
	switch h := &p.header; h.Type {
	case format.DataPage:
		return int64(h.DataPageHeader.V.NumValues)
	case format.DataPageV2:
		return int64(h.DataPageHeaderV2.V.NumValues)
	}
	return 0
}

// skip passes over the body of the page.
func (p *pages) skip() { p.at += int64(p.header.CompressedPageSize) }

// read fills body with the body of the page, as it is in the file.
func (p *pages) read(body []byte) error {
	if err := readFull(p.r, body, p.at); err != nil {
		return fmt.Errorf("byte %d: %w", p.at, err)
	}
	if want := uint32(p.header.CRC); want != 0 && crc32.ChecksumIEEE(body) != want {
		return fmt.Errorf("the page at byte %d does not match its checksum", p.at)
	}
	p.at += int64(len(body))
	return nil
}
