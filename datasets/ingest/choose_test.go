package ingest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Choose stands beside Resolve: over the same tree, the same path means the same
// files.
func TestChoosingFromAListIsResolvingInAFolder(t *testing.T) {
	root := t.TempDir()
	var names []string
	for _, name := range []string{
		"a.csv", "b.csv.gz", "_c.csv", ".d.csv", "notes.md", "odd", "x[1].csv",
		"daily/2011-01.csv", "daily/2011-02.parquet", "daily/2012-01.csv", "daily/_tmp/2011-03.csv", "daily/2011-03/p.arrow", "daily/2011-03/.q.arrow",
		"daily/2011-04/deep/er/r.tsv.zst", "hive/day=1/x.csv", "hive/day=2/x.csv", "hive/day=2/y.md", "hive/_day=3/x.csv", "hive/day=4/_x/x.csv",
		"only/_SUCCESS", "mixed/2011/_SUCCESS", "daily-more/z.csv", "par/x.parquet/part-0.parquet", "par/x.parquet/_SUCCESS", "blank name/ü.csv",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, path)
	}
	found := 0
	for _, path := range []string{
		"", "a.csv", "_c.csv", "odd", "no.csv", "daily", "dail", "daily/", "hive", "only", "*.csv", "*", "?.csv", "[ab].csv*", "[a", "x[1].csv", `\a.csv*`,
		"daily/2011-*", "daily/2011-*.csv", "daily/*.parquet", "daily/*/*.arrow", "hive/day=*", "hive/day=*/x.csv", "hive/day=[12]/*", "hive/*/x.csv", "d*/2011-*.csv",
		"only/*", "mixed/*", "daily/_*", "*/*/*", "*/*/*/*/*", "no/*.csv", "par/x.parquet", "par/*", "par/*/*.parquet", "blank name", "daily/2011-04", "blank*/*", "hive/day=4",
	} {
		path = filepath.Join(root, filepath.FromSlash(path)) + strings.Repeat("/", strings.Count(path[max(0, len(path)-1):], "/"))
		want, wrong := Resolve(path)
		for i := range want {
			want[i] = filepath.Clean(want[i]) // a folder may be written with a slash
		}
		got, err := Choose(path, names)
		if !slices.Equal(got, want) || (err == nil) != (wrong == nil) {
			t.Errorf("%s: got %q, %v; want %q, %v", path, got, err, want, wrong)
		}
		if wrong == nil {
			found++
		} else if !strings.HasPrefix(err.Error(), path) && !strings.Contains(wrong.Error(), "no data file") {
			t.Errorf("%s: got %q, want the path named", path, err)
		}
	}
	if found < 20 {
		t.Errorf("got %d paths that stand for files, want a test that says something", found)
	}
}

func TestAGlobThatEndsWithASlashIsOfFolders(t *testing.T) {
	names := []string{"s3://b/2011.csv", "s3://b/2011-01/x.csv", "s3://b/2011-02/x.csv"}
	got, err := Choose("s3://b/2011*/", names)
	if err != nil || !slices.Equal(got, names[1:]) {
		t.Errorf("got %v, %v; want %v", got, err, names[1:])
	}
}

func TestAFileGoesByItsName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "000001")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"s3://b/k/x.csv", "s3://b/k/x.parquet", "s3://b/k/x.arrow", "s3://b/k/x"} {
		f := File{Path: path, Name: name}
		_, err := f.Guess(t.Context(), Source{}.CSV)
		if err == nil || !strings.HasPrefix(err.Error(), name) || strings.Contains(err.Error(), path) {
			t.Errorf("got %v, want an error of %s", err, name)
		}
	}
}
