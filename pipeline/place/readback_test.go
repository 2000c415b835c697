package place

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets/parquetio"

	"github.com/quintile-dev/quintile/datasets/table"
)

func TestFilesAreReadBack(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole := filepath.Join(folder, "whole.parquet")
	w, err := parquetio.Create(whole, []table.Column{{Name: "a", Type: table.Int32}}, parquetio.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	values := make([]int32, 3000)
	if err := errors.Join(w.Write([]table.Values{{Int32s: values}}, len(values)), w.Close()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	s := &Stage{workers: 2}
	checkCSV := func(path string, rows int64) error { return s.CheckCSV(path, []string{"a", "b"}, rows) }
	f := func(check func(path string, rows int64) error, path string, rows int64, want string) {
		t.Helper()
		err := check(path, rows)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s, %d rows: got %v, want %q", filepath.Base(path), rows, err, want)
		}
	}
	f(s.CheckParquet, whole, 3000, "")
	f(s.CheckParquet, whole, 2999, "got 3000 rows, want 2999")
	f(s.CheckParquet, write("cut.parquet", string(text[:len(text)/2])), 3000, "cut.parquet")
	f(s.CheckParquet, filepath.Join(folder, "none.parquet"), 0, "none.parquet")
	f(checkCSV, write("whole.csv", "a,b\n1,2\n\"3\n\",4\n"), 2, "")
	f(checkCSV, write("empty.csv", "a,b\n"), 0, "")
	f(checkCSV, write("other.csv", "a,c\n1,2\n"), 1, `want ["a" "b"]`)
	f(checkCSV, write("less.csv", "a,b\n1,2\n"), 2, "got 1 rows, want 2")
	f(checkCSV, write("cut.csv", "a,b\n1,2\n3"), 2, "line 3")
	f(checkCSV, filepath.Join(folder, "none.csv"), 0, "none.csv")
}
