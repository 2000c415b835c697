package csvio

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/quintile-dev/quintile/datasets"
)

func gzipped(t testing.TB, texts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, text := range texts {
		w := gzip.NewWriter(&b)
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func zstded(t testing.TB, text string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll([]byte(text), nil)
}

func TestCompressionChangesNothing(t *testing.T) {
	text := string(orders(5_000, false))
	want := mustRead(t, text, DefaultOptions())
	for name, data := range map[string][]byte{
		"gzip":       gzipped(t, text),
		"gzip parts": gzipped(t, text[:1000], text[1000:1001], "", text[1001:]),
		"zstd":       zstded(t, text),
		"zstd parts": append(zstded(t, text[:5000]), zstded(t, text[5000:])...),
	} {
		if d := diff(want, mustRead(t, string(data), DefaultOptions())); d != "" {
			t.Errorf("%s (-want +got):\n%.1000s", name, d)
		}
	}
}

func TestDamagedFilesAreNamedWithThePlace(t *testing.T) {
	text := string(orders(50_000, false))
	for name, whole := range map[string][]byte{"gzip": gzipped(t, text), "zstd": zstded(t, text)} {
		flipped := bytes.Clone(whole)
		for i := len(flipped) / 2; i < len(flipped)/2+64; i++ {
			flipped[i] ^= 0x55
		}
		for damage, data := range map[string][]byte{"cut": whole[:len(whole)/2], "flipped": flipped, "stub": whole[:7]} {
			_, err := read(string(data), DefaultOptions())
			var e *datasets.FileError
			if !errors.As(err, &e) || e.Path != "t.csv" || e.At == "" || !strings.Contains(e.Got, name) {
				t.Errorf("%s, %s: got %v, want a *FileError with path and place", name, damage, err)
			}
		}
	}
}

func TestOpenExplainsWhatIsWrong(t *testing.T) {
	f := func(text string, o Options, want string) {
		t.Helper()
		_, err := read(text, o)
		var e *datasets.FileError
		if !errors.As(err, &e) {
			t.Errorf("%.40q: got %v, want a *FileError", text, err)
		} else if err.Error() != want {
			t.Errorf("%.40q:\n got %s\nwant %s", text, err, want)
		}
	}
	comma := Options{Delimiter: ',', Header: true}
	f("", DefaultOptions(), "t.csv: got an empty file, want a header and rows; check the export that wrote it")
	f("\r\n\n", Options{}, "t.csv: got an empty file, want rows; check the export that wrote it")
	f("a;b\n1,0;2\n", comma, `t.csv: got 1 column with the delimiter ',', want the 2 that ';' gives; set delimiter: ';' for this file`)
	f(" 1 19970101\n 2 19970102\n", Options{}, `t.csv: got 1 column with the delimiter ',', want the 2 that whitespace gives; set delimiter: whitespace for this file`)
	f("\xff\xfea\x00,\x00b\x00\n\x00", DefaultOptions(), "t.csv: got text in utf-16le, want utf-8; set encoding: utf-16le for this file")
	f("a\x00,\x00b\x00\n\x00", DefaultOptions(), "t.csv: got text in utf-16le, want utf-8; set encoding: utf-16le for this file")
	f("\x00a\x00,\x00b\x00\n", Options{Encoding: UTF16}, "t.csv: got UTF-16 without a byte order mark, want UTF-16 with a byte order mark; set encoding: utf-16be for this file")
	f("a,b\n", Options{Encoding: UTF16}, "t.csv: got text without the zero bytes of UTF-16, want utf-16; set encoding: utf-8 for this file")
	f("\xfe\xff\x00a", Options{Encoding: UTF16LE}, "t.csv: got text in utf-16be, want utf-16le; set encoding: utf-16be for this file")
	f("\ufeffa,b\n", Options{Encoding: Windows1252}, "t.csv: got a byte order mark of utf-8, want windows-1252; set encoding: utf-8 for this file")
	f("PK\x03\x04xx", DefaultOptions(), "t.csv: got a zip archive or an Excel workbook, want delimited text; unpack it, or save the sheet as CSV")
	f("caf\xe9,b\n", comma, `t.csv, header, field 1: got bytes that are no text, want a name in utf-8; set encoding: windows-1252, or the one that the file is in`)
	f("a,\"b\nc,d\n", comma, "t.csv, line 1: got a header with a stray quote, want a header and rows; double the quotes inside quotes, or set no_quotes: true for this file")
	f("a,b,c\n", Options{Header: true, Names: []string{"x", "y"}}, "t.csv: got 3 columns with the delimiter ',', want the 2 that are named; name every column of the file, or set its delimiter")
	f("1,2,3\n", Options{Names: []string{"x", "y"}}, "t.csv: got 3 columns with the delimiter ',', want the 2 that are named; name every column of the file, or set its delimiter")
	f("a,b", Options{Encoding: "ebcdic"}, `t.csv: encoding: got "ebcdic", want one of utf-8, iso-8859-1, windows-1252, utf-16, utf-16le, utf-16be`)
	f("a,b", Options{Delimiter: '"'}, `t.csv: delimiter: got '"', want an ASCII character other than a quote or a line end`)
	f("a,b", Options{BlockSize: -1}, `t.csv: block size: got -1, want 1 to 16777216 bytes`)
	f("a,b\n"+strings.Repeat("x", maxRecord+1000), comma, `t.csv, line 2: got a line that does not end within 16 MiB, want delimited text; check that this is the right file`)
}
