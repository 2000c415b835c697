package parquetio

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"

	"github.com/quintile-dev/quintile/datasets/parquetio/internal/snappy"
)

// The library decompresses a page to any size. Here a page expands to the size
// in its header, and no further; and the size in a header is bounded by the
// greatest expansion that the codec can make of the bytes at hand.

const (
	// maxPage is the most a page may expand to. Writers make pages of about a
	// megabyte; fastparquet makes one page of a whole column.
	maxPage = 1 << 30
	// freePage is the size to which any page may expand, however few its bytes.
	freePage = 1 << 20
	// slack is room behind a page, which lets the decoders of zstd and Snappy copy
	// in blocks.
	slack = max(64, snappy.Slack)
)

// expansion is the greatest size to which one compressed byte can expand.
func expansion(codec format.CompressionCodec) int64 {
	switch codec {
	case format.Snappy:
		return 64
	case format.Lz4Raw:
		return 256
	case format.Gzip:
		return 1100
	}
	return 1 << 15
}

// checkExpansion refuses a page whose stated size is beyond the possible
// expansion.
func checkExpansion(codec format.CompressionCodec, compressed, expanded int64) error {
	if expanded > maxPage {
		return fmt.Errorf("a page of %d bytes, want at most %d", expanded, maxPage)
	}
	if expanded > freePage && expanded > compressed*expansion(codec) {
		return fmt.Errorf("a page of %d bytes that says it expands to %d", compressed, expanded)
	}
	return nil
}

// expander undoes the compression of pages. An expander is for one goroutine.
type expander struct {
	zstd   *zstd.Decoder
	gzip   *gzip.Reader
	brotli *brotli.Reader
}

// expand returns the n bytes of the expansion of src, in the memory of buffer,
// which grows as needed.
func (e *expander) expand(buffer *[]byte, codec format.CompressionCodec, src []byte, n int) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	*buffer = roomy(*buffer, n+slack)
	dst := (*buffer)[: n : n+slack]
	got, err := e.into(dst, codec, src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", codec, err)
	}
	if got != n {
		return nil, fmt.Errorf("%s: expanded to %d bytes, want %d", codec, got, n)
	}
	return dst, nil
}

func (e *expander) into(dst []byte, codec format.CompressionCodec, src []byte) (int, error) {
	switch codec {
	case format.Zstd:
		return e.unzstd(dst, src)
	case format.Snappy:
		if snappy.Decode(dst, src) {
			return len(dst), nil
		}
		if n, err := s2.DecodedLen(src); err != nil || n > len(dst) {
			return n, err
		}
		out, err := s2.Decode(dst, src)
		return len(out), err
	case format.Gzip:
		if e.gzip == nil {
			e.gzip = new(gzip.Reader)
		}
		if err := e.gzip.Reset(bytes.NewReader(src)); err != nil {
			return 0, err
		}
		return readExactly(e.gzip, dst)
	case format.Brotli:
		if e.brotli == nil {
			e.brotli = new(brotli.Reader)
		}
		if err := e.brotli.Reset(bytes.NewReader(src)); err != nil {
			return 0, err
		}
		return readExactly(e.brotli, dst)
	case format.Lz4Raw:
		return lz4.UncompressBlock(src, dst)
	}
	return 0, errors.New("this codec cannot be read; write the file with zstd or snappy")
}

func (e *expander) unzstd(dst, src []byte) (int, error) {
	if e.zstd == nil {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxMemory(maxPage))
		if err != nil {
			return 0, err
		}
		e.zstd = d
	}
	out, err := e.zstd.DecodeAll(src, dst[:0])
	return len(out), err
}

// readExactly fills dst and makes sure that nothing follows.
func readExactly(r io.Reader, dst []byte) (int, error) {
	n, err := io.ReadFull(r, dst)
	if err != nil {
		return n, err
	}
	var more [1]byte
	k, err := io.ReadFull(r, more[:])
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n + k, err
}
