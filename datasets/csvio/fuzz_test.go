package csvio

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/quintile-dev/quintile/datasets"
)

// oracle reads text with encoding/csv and the departures that the package
// declares: it resumes at the line after a fault of quoting, and it checks the
// encoding. CR LF inside quotes it reads as LF.
func oracle(text string, delim byte, columns int) (rows [][]string, lines []int64, faults []string) {
	line := int64(1)
	for len(text) > 0 {
		r := csv.NewReader(strings.NewReader(text))
		r.Comma = rune(delim)
		r.FieldsPerRecord = -1
		resumed := false
		for !resumed {
			from := r.InputOffset()
			record, err := r.Read()
			if err == io.EOF {
				return rows, lines, faults
			}
			var bad *csv.ParseError
			if errors.As(err, &bad) {
				faults = append(faults, fmt.Sprintf("%d:%s", line+int64(bad.StartLine)-1, datasets.BadQuote))
				for range bad.StartLine {
					_, text, _ = strings.Cut(text, "\n")
				}
				line += int64(bad.StartLine)
				resumed = true
				continue
			}
			start, _ := r.FieldPos(0)
			at := line + int64(start) - 1
			switch {
			case len(record) != columns:
				faults = append(faults, fmt.Sprintf("%d:%s", at, datasets.WrongFieldCount))
			case !utf8.ValidString(text[from:r.InputOffset()]):
				faults = append(faults, fmt.Sprintf("%d:%s", at, datasets.BadEncoding))
			default:
				rows = append(rows, record)
				lines = append(lines, at)
			}
		}
	}
	return rows, lines, faults
}

// FuzzReadCSV holds the reader against encoding/csv: same rows on the same
// lines, same faults.
func FuzzReadCSV(f *testing.F) {
	for _, text := range []string{awkward, "a,b\n1,2\n", "a,\"b\n", "\"\"\"\",\"\r\n\"\r\n", "\"a\"\r,b\n", "\"a\"\rb,c\nd,e", "a,b\r\r\nc,d\r",
		strings.Repeat("\"a\"\"b\",c\n", 20) + "x\"y,z\n", "\xff,\xc3\xa9\n1,2", strings.Repeat("a", 63) + "\",b\n", strings.Repeat("a", 62) + ",\"\"\n"} {
		f.Add(text, byte(','), uint8(2), uint16(64))
		f.Add(text, byte(';'), uint8(1), uint16(1))
	}
	f.Fuzz(againstOracle)
}

// TestReadAgreesWithEncodingCSV does what FuzzReadCSV does, on texts made of
// little but syntax.
func TestReadAgreesWithEncodingCSV(t *testing.T) {
	const seed = 7
	rng := rand.New(rand.NewPCG(seed, 0))
	pieces := []string{",", ",", ",", "\n", "\n", "\r\n", "\r", "\"", "\"", "\"\"", "\",\"", "\"\n\"", "a", "bc", "é", "\xff", strings.Repeat("x", 61), "1,2\n"}
	for range 6_000 {
		var b strings.Builder
		for range rng.IntN(60) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		againstOracle(t, b.String()+"\n", ',', uint8(1+rng.IntN(3)), uint16(rng.IntN(200)))
	}
}

func againstOracle(t *testing.T, text string, delim byte, columns uint8, block uint16) {
	if delim == 0 || delim == Whitespace || delim >= utf8.RuneSelf || columns == 0 || columns > 50 {
		return
	}
	if sample := text[:min(len(text), sampleSize)]; strings.IndexByte(sample, '\n') < 0 && strings.IndexByte(sample, '\r') >= 0 {
		return // declared: lines end in CR
	}
	names := strings.Split(strings.Repeat("x ", int(columns)-1)+"x", " ")
	got, err := read(text, Options{Delimiter: delim, Names: names, BlockSize: int(block)})
	var e *datasets.FileError
	if errors.As(err, &e) {
		return // empty, UTF-16, an archive, another number of columns: told before a row is read
	}
	if err != nil {
		t.Fatalf("got %T: %v", err, err)
	}
	rows, lines, faults := oracle(strings.TrimPrefix(text, "\ufeff"), delim, int(columns))
	for _, row := range got.rows {
		for i := range row {
			row[i] = strings.ReplaceAll(row[i], "\r\n", "\n")
		}
	}
	if d := diff(rows, got.rows); d != "" {
		t.Fatalf("%q: rows (-oracle +got):\n%s", text, d)
	}
	if d := diff(lines, got.lines); d != "" {
		t.Fatalf("%q: lines (-oracle +got):\n%s", text, d)
	}
	var found []string
	for _, fault := range got.faults {
		found = append(found, fmt.Sprintf("%d:%s", fault.Pos.Line, fault.Reason))
	}
	if d := diff(faults, found); d != "" {
		t.Fatalf("%q: faults (-oracle +got):\n%s", text, d)
	}
}

// FuzzOpen reads arbitrary bytes in every way: no panic, no hang, and every
// record a row or a fault.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(awkward), uint8(0), byte(0), true)
	f.Add([]byte(" 1 2\r\n 3 4\r\n"), uint8(1), Whitespace, false)
	f.Add([]byte(toUTF16Mark("a,b\n1,2\n")), uint8(3), byte(0), true)
	f.Add(gzipped(f, awkward), uint8(0), byte(','), true)
	f.Add(zstded(f, awkward), uint8(2), byte(','), true)
	f.Fuzz(func(t *testing.T, data []byte, encoding uint8, delim byte, header bool) {
		o := Options{Delimiter: delim, Header: header, Encoding: Encodings()[int(encoding)%len(Encodings())]}
		big, err := read(string(data), o)
		var e *datasets.FileError
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("got %T: %v", err, err)
		}
		if err != nil {
			return
		}
		for _, row := range big.rows {
			if len(row) != len(big.names) {
				t.Fatalf("a row of %d fields among %d columns", len(row), len(big.names))
			}
			for _, text := range row {
				if !utf8.ValidString(text) {
					t.Fatalf("got %q, which is no text", text)
				}
			}
		}
		o.BlockSize = 5
		small, err := read(string(data), o)
		if d := diff(big, small); d != "" || err != nil {
			t.Fatalf("blocks of 5 bytes: %v (-big +small):\n%s", err, d)
		}
		if bytes.IndexByte(data, 0) < 0 && e == nil && len(big.rows)+len(big.faults) > len(data) {
			t.Fatalf("%d records in %d bytes", len(big.rows)+len(big.faults), len(data))
		}
	})
}

func toUTF16Mark(text string) string {
	b := []byte{0xff, 0xfe}
	for _, c := range []byte(text) {
		b = append(b, c, 0)
	}
	return string(b)
}
