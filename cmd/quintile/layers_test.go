package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/quintile-dev/quintile/"

// mayImport says, for each layer, which layers it may import. Dependencies run
// one way: cmd → pipeline → mining → features → datasets, and models know none
// of these.
var mayImport = map[string][]string{
	"cmd":      {"pipeline", "datasets"},
	"pipeline": {"pipeline", "mining", "features", "models", "datasets"},
	"mining":   {"mining", "features", "models", "datasets"},
	"features": {"features", "datasets"},
	"datasets": {"datasets"},
	"models":   {"models"},
	"bench":    {"bench", "cmd", "pipeline", "mining", "features", "models", "datasets"},
}

// shared are the packages of mining that every step may import.
var shared = []string{"mining", "mining/filter", "mining/page", "mining/profile", "mining/setting", "mining/words"}

// homes names the one package that may import a library.
var homes = map[string]string{
	"github.com/minio/minio-go/v7":                 "pipeline/bucket",
	"github.com/minio/minio-go/v7/pkg/credentials": "pipeline/bucket",
	"gopkg.in/ini.v1":                              "pipeline/bucket",
	"github.com/jackc/pgx/v5/pgconn":               "datasets/pgio",
	"github.com/gofrs/flock":                       "datasets/lock",
}

// forTests are packages that tests alone import.
var forTests = []string{"pipeline/bucket/s3fake", "pipeline/place/placecheck", "datasets/realdata", stepcheck}

// listed is what go list says of a package.
type listed struct {
	ImportPath string
	Imports    []string
}

func TestLayersImportOneWay(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "../../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for _, imported := range p.Imports {
			if home, has := homes[imported]; has && p.ImportPath != module+home {
				t.Errorf("%s imports %s, which lives in %s", p.ImportPath, imported, home)
			}
			if slices.Contains(forTests, strings.TrimPrefix(imported, module)) && !slices.Contains(forTests, strings.TrimPrefix(p.ImportPath, module)) {
				t.Errorf("%s imports %s, which is for tests", p.ImportPath, imported)
			}
			if strings.HasPrefix(imported, module) {
				checkImport(t, strings.TrimPrefix(p.ImportPath, module), strings.TrimPrefix(imported, module))
			}
		}
	}
}

// stepcheck serves the tests of steps, and runs them as a job does.
const stepcheck = "mining/stepcheck"

func checkImport(t *testing.T, from, to string) {
	t.Helper()
	layer, target := top(from), top(to)
	if to == stepcheck {
		t.Errorf("%s imports %s, which is for tests", from, to)
	}
	if from == stepcheck {
		return
	}
	allowed := false
	for _, l := range mayImport[layer] {
		allowed = allowed || l == target
	}
	if !allowed {
		t.Errorf("%s imports %s: %s may import %v only", from, to, layer, mayImport[layer])
	}
	if target == "mining" && layer == "mining" && !slices.Contains(shared, to) {
		t.Errorf("%s imports %s: steps do not know one another, only %v", from, to, shared)
	}
	if target == "mining" && layer == "pipeline" && !slices.Contains(shared, to) && from != "pipeline/steps" {
		t.Errorf("%s imports %s: pipeline/steps alone knows the steps", from, to)
	}
	if layer == "models" && to != "models" && family(from) != family(to) {
		t.Errorf("%s imports %s: families of models do not know one another", from, to)
	}
}

// top returns the first folder of a path.
func top(path string) string {
	layer, _, _ := strings.Cut(path, "/")
	return layer
}

// family returns the first two folders of a path.
func family(path string) string {
	parts := strings.SplitN(path, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// mostFiles is the number of files, tests left out, that a package may have: a reader should see at
// once what is in it. grown are the packages that still have more, with the number they may not
// exceed; the list gets shorter, never longer. Packages internal to a family of models are generated or
// of many small kernels.
const mostFiles = 25

var grown = map[string]int{
	"features": 46, "datasets/ingest": 35, "datasets/history": 26,
	"models/itemset": 33, "models/boost": 32, "models/tree": 30, "models/cluster": 29,
}

func TestPackagesAreOfFewFiles(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{len .GoFiles}}", "../../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		var path string
		var files int
		if _, err := fmt.Sscan(line, &path, &files); err != nil {
			t.Fatal(err)
		}
		path = strings.TrimPrefix(path, module)
		most := max(mostFiles, grown[path])
		if path == "pipeline" {
			most = 12
		}
		if files > most && !strings.Contains(path, "/internal") {
			t.Errorf("%s has %d files, want at most %d: split it into rooms", path, files, most)
		}
	}
}

// Real data have one home, so that one variable decides whether they may be missing.
func TestRealDataHaveOneHome(t *testing.T) {
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, "_test.go") && !strings.Contains(path, "stepcheck") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, way := range []string{`"shar` + `ed", "data"`, `../shar` + `ed/`} {
			if strings.Contains(string(text), way) {
				t.Errorf("%s looks for real data itself, want datasets/realdata", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
