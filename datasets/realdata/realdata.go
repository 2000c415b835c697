// Package realdata finds the real data sets beside the repository, for tests.
//
// Where the data are absent, a test of the data is skipped, visibly. Where the variable
// QUINTILE_DATA of the environment is "required", as for a release, such a test fails: a suite
// must not pass without a look at its keys.
package realdata

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Path returns the absolute path of a file of real data, such as
// "online-retail/online-retail.csv.gz".
func Path(t testing.TB, name string) string {
	t.Helper()
	return beside(t, "data", name)
}

// Case returns the absolute path of a file as people have them: each file was once read
// wrongly.
func Case(t testing.TB, name string) string {
	t.Helper()
	return beside(t, "cases", name)
}

// Open opens a file of real data until the end of the test, and unpacks a file whose name ends
// with .gz.
func Open(t testing.TB, name string) io.Reader {
	t.Helper()
	f, err := os.Open(Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // was read only
	if !strings.HasSuffix(name, ".gz") {
		return f
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// required is the value of QUINTILE_DATA with which missing data are a failure.
const required = "required"

func beside(t testing.TB, folder, name string) string {
	t.Helper()
	root, err := root()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, "..", "shared", folder, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("QUINTILE_DATA") == required {
			t.Fatalf("real data are required, and not beside the repository: %v", err)
		}
		t.Skipf("real data are not beside the repository: %v", err)
	}
	return path
}

// root returns the folder of the repository.
func root() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		above := filepath.Dir(folder)
		if above == folder {
			return "", os.ErrNotExist
		}
		folder = above
	}
}
