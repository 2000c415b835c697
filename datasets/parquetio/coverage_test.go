package parquetio

import (
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/format"
)

// The fixtures would prove little if they did not contain what they are for.
func TestFixturesHoldEveryEncodingAndCodec(t *testing.T) {
	files, err := filepath.Glob("testdata/*.parquet")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		r, err := Open(file)
		if err != nil {
			t.Fatal(err)
		}
		for g := range r.meta.RowGroups {
			for i := range r.leaves {
				chunkKinds(t, r, g, &r.leaves[i], seen)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{
		"DATA_PAGE", "DATA_PAGE_V2", "DICTIONARY_PAGE", "PLAIN", "RLE", "RLE_DICTIONARY", "DELTA_BINARY_PACKED",
		"DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT", "mixed",
		"UNCOMPRESSED", "SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4_RAW",
		"INT32", "INT64", "INT96", "BOOLEAN", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY",
	} {
		if !seen[want] {
			t.Errorf("no fixture has %s; they have %s", want, strings.Join(slices.Sorted(maps.Keys(seen)), " "))
		}
	}
}

// chunkKinds notes the page types, encodings, codec and type of one column
// chunk, and "mixed" if it has pages both with and without dictionary.
func chunkKinds(t *testing.T, r *Reader, group int, l *leaf, seen map[string]bool) {
	t.Helper()
	var p pages
	if err := p.open(r.file, r.size, &r.meta.RowGroups[group].Columns[l.index]); err != nil {
		t.Fatal(err)
	}
	here := map[bool]bool{}
	for {
		if err := p.next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		e := p.header.DataPageHeader.V.Encoding
		if p.header.Type == format.DataPageV2 {
			e = p.header.DataPageHeaderV2.V.Encoding
		}
		seen[p.header.Type.String()] = true
		if p.header.Type != format.DictionaryPage {
			seen[e.String()] = true
			here[e == format.RLEDictionary || e == format.PlainDictionary] = true
		}
		p.skip()
	}
	seen[p.codec.String()] = true
	seen[l.physical.String()] = true
	if len(here) == 2 {
		seen["mixed"] = true
	}
}

func TestFixturesAreSmall(t *testing.T) {
	files, err := filepath.Glob("testdata/*.parquet")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Size() > 20_000 {
			t.Errorf("%s: got %d bytes, %v; want at most 20000", file, info.Size(), err)
		}
	}
}
