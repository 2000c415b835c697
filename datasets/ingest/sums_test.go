package ingest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/quintile-dev/quintile/datasets/csvio"
)

// The report has the size and the checksum of every file as it lies on disk,
// whether they were had by the way or in a pass of their own.
func TestFilesAreReportedWithTheirChecksum(t *testing.T) {
	f := func(name string, s Source) {
		t.Helper()
		data, err := os.ReadFile(s.Path)
		if err != nil {
			t.Fatal(err)
		}
		report, _ := load(t, 2, s)
		sum := sha256.Sum256(data)
		if in := report.Inputs[0]; in.SHA256 != hex.EncodeToString(sum[:]) || in.Bytes != int64(len(data)) {
			t.Errorf("%s: got %d bytes, %s; want %d, %x", name, in.Bytes, in.SHA256, len(data), sum)
		}
	}
	f("plain", smallSource(write(t, "a.csv", []byte(smallCSV))))
	f("byte order mark", smallSource(write(t, "a.csv", []byte("\uFEFF"+smallCSV))))
	f("no line end", smallSource(write(t, "a.csv", []byte(strings.TrimSuffix(smallCSV, "\n")))))
	header, rows, _ := strings.Cut(smallCSV, "\n")
	f("many blocks", smallSource(write(t, "a.csv", []byte(header+"\n"+strings.Repeat(rows, 20_000)))))
	small := smallSource(write(t, "a.csv", []byte(header+"\n"+strings.Repeat(rows, 2_000))))
	small.CSV.BlockSize = 1000
	f("small blocks", small)
	wide := smallSource(write(t, "a.csv", utf16LE(smallCSV)))
	wide.CSV.Encoding = csvio.UTF16
	f("UTF-16", wide)
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	if _, err := w.Write([]byte(smallCSV)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	f("gzip", smallSource(write(t, "a.csv.gz", gz.Bytes())))
	f("parquet", smallSource(writeParquet(t)))
	f("arrow", smallSource(writeArrow(t)))
}
