package history

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// plant writes files into a folder, by their names in it.
func plant(t *testing.T, folder string, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// contents returns the files below a folder, by their names in it.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		out[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// keep takes lines into the history at a path, as a run that ends well.
func keep(t *testing.T, path, name string, lines []line, refused ...datasets.Fault) {
	t.Helper()
	folder := openKept(t, path)
	dump(t, build(t, lines, Config{Columns: testColumns(), Workers: 2}, folder))
	if err := folder.Commit([]Input{{Path: name, SHA256: name}}, refused); err != nil {
		t.Fatal(err)
	}
	closeKept(t, folder)
}

// replayed returns what the history at a path holds.
func replayed(t *testing.T, path string) map[string][]string {
	t.Helper()
	folder := openKept(t, path)
	defer closeKept(t, folder)
	return dump(t, build(t, nil, Config{Columns: testColumns(), Workers: 2}, folder))
}

func TestAFolderWithFilesAndNoLedgerIsRefusedAndNotTouched(t *testing.T) {
	for _, names := range [][]string{
		{"identities/aliases.csv", "quarantine/notes.txt", "bucket=eu/part.csv"},
		{"bucket=00/run-000001.parquet"},
		{"journal.json"},
		{".hidden"},
		{"a", "b", "c", "d", "e"},
	} {
		folder := t.TempDir()
		plant(t, folder, names...)
		before := contents(t, folder)
		_, err := OpenFolder(folder, "mapping")
		if !errors.Is(err, ErrForeign) {
			t.Fatalf("%v: got %v, want a refusal", names, err)
		}
		if first := strings.Split(names[0], "/")[0]; !strings.Contains(err.Error(), first) && !strings.Contains(err.Error(), "bucket=eu") {
			t.Errorf("%v: got %q, want what is there to be named", names, err)
		}
		if after := contents(t, folder); !reflect.DeepEqual(after, before) {
			t.Errorf("%v: got %v in the folder afterwards, want it untouched", names, after)
		}
	}
}

// Whatever stands beside the files of a history stays, whatever its name.
func TestFilesOfOthersInAHistoryStay(t *testing.T) {
	lines := randomLines(400, 20, 8)
	path := filepath.Join(t.TempDir(), "hist[1]*")
	keep(t, path, "a", lines[:200])
	others := []string{"notes.txt", "bucket=00/part.csv", "bucket=eu/part.csv", "quarantine/notes.txt", "identities/aliases.csv",
		"bucket=01/run-000007.parquet", "bucket=01/run-000002.parquet", "bucket=99/run-000001.parquet", "quarantine/run-000002.json"}
	plant(t, path, others...)
	for i := range maxRuns + 2 {
		keep(t, path, fmt.Sprint("b", i), lines[200+10*i:210+10*i])
	}
	after := contents(t, path)
	for _, name := range others {
		if after[name] != name {
			t.Errorf("%s: got %q, want it left alone", name, after[name])
		}
	}
	want := dump(t, build(t, lines[:200+10*(maxRuns+2)], Config{Columns: testColumns(), Workers: 1}, nil))
	if got := replayed(t, path); !reflect.DeepEqual(got, want) {
		t.Error("the history differs from the whole")
	}
}

func TestNamesAreNeverPatterns(t *testing.T) {
	lines := randomLines(300, 20, 9)
	for _, name := range []string{"hist[", "hist[1]", "*", "?", `a\b`} {
		root := t.TempDir()
		plant(t, root, "hist1/bucket=00/run-000001.parquet", "other/quarantine/run-000001.json", "h/ledger.json.tmp")
		before := contents(t, root)
		keep(t, filepath.Join(root, name), "a", lines[:200])
		keep(t, filepath.Join(root, name), "b", lines[200:])
		want := dump(t, build(t, lines, Config{Columns: testColumns(), Workers: 1}, nil))
		if got := replayed(t, filepath.Join(root, name)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the history differs from the whole", name)
		}
		after := contents(t, root)
		for file, text := range before {
			if after[file] != text {
				t.Errorf("%s: %s was changed", name, file)
			}
		}
	}
}

func TestOneRunAtATimeHasAHistoryOpen(t *testing.T) {
	path := t.TempDir()
	folder := openKept(t, path)
	if _, err := OpenFolder(path, "mapping"); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("got %v, want a refusal that names the process", err)
	}
	closeKept(t, folder)
	closeKept(t, folder) // again
	closeKept(t, openKept(t, path))
	if err := (*Folder)(nil).Close(); err != nil {
		t.Error(err)
	}
}

// Where the lock fails, as where somebody removed its file, the second commit is
// refused rather than mixed with the first.
func TestACommitIsOntoTheStateThatWasRead(t *testing.T) {
	lines := randomLines(300, 20, 10)
	path := t.TempDir()
	keep(t, path, "a", lines[:100])
	slow := openKept(t, path)
	dump(t, build(t, lines[100:200], Config{Columns: testColumns(), Workers: 1}, slow))
	if err := os.Remove(filepath.Join(path, lockName)); err != nil {
		t.Fatal(err)
	}
	quick := openKept(t, path)
	dump(t, build(t, lines[200:], Config{Columns: testColumns(), Workers: 1}, quick))
	if err := quick.Commit([]Input{{SHA256: "quick"}}, nil); err != nil {
		t.Fatal(err)
	}
	if err := slow.Commit([]Input{{SHA256: "slow"}}, nil); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v, want the second commit refused", err)
	}
	closeKept(t, slow)
	closeKept(t, quick)
	want := dump(t, build(t, append(lines[:100:100], lines[200:]...), Config{Columns: testColumns(), Workers: 1}, nil))
	if got := replayed(t, path); !reflect.DeepEqual(got, want) {
		t.Error("got another history than that of the two that were committed")
	}
}

// readAll opens and replays a history, and returns the first error.
func readAll(path string) error {
	folder, err := OpenFolder(path, "mapping")
	if err != nil {
		return err
	}
	defer folder.Close()
	b := NewBuilder(Config{Columns: testColumns(), Workers: 2})
	defer b.Close()
	if err := b.Replay(context.Background(), folder); err != nil {
		return err
	}
	_, err = folder.Refused()
	return err
}

func TestEveryLossIsNoticedAndNamed(t *testing.T) {
	lines := randomLines(600, 60, 11)
	path := t.TempDir()
	keep(t, path, "a", lines[:300], datasets.Fault{Reason: datasets.BadTime})
	keep(t, path, "b", lines[300:])
	folder := openKept(t, path)
	files := folder.ledger.files()
	closeKept(t, folder)
	if err := readAll(path); err != nil {
		t.Fatal(err)
	}
	whole := contents(t, path)
	f := func(what, name string, do func(at string) error) {
		t.Helper()
		at := filepath.Join(path, filepath.FromSlash(name))
		if err := do(at); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := os.WriteFile(at, []byte(whole[name]), 0o600); err != nil {
				t.Fatal(err)
			}
		}()
		err := readAll(path)
		var file *datasets.FileError
		if !errors.As(err, &file) || !strings.Contains(err.Error(), filepath.Base(name)) || !strings.Contains(err.Error(), "load all files again") {
			t.Errorf("%s: %s: got %v, want the file and how to mend it", what, name, err)
		}
	}
	write := func(text string) func(string) error {
		return func(at string) error { return os.WriteFile(at, []byte(text), 0o600) }
	}
	for i := 0; i < len(files); i += 1 + i/2 { // some of each kind
		file := files[len(files)-1-i]
		f("removed", file.Name, os.Remove)
		f("emptied", file.Name, write(""))
		other := files[(len(files)-i)%len(files)].Name
		f("copied over by another", file.Name, write(whole[other]))
		for at := 3; at < len(whole[file.Name]); at += 1 + len(whole[file.Name])/7 {
			text := []byte(whole[file.Name])
			text[at] ^= 0x10
			f(fmt.Sprint("a bit of byte ", at), file.Name, write(string(text)))
		}
	}
	ledger := []byte(whole[ledgerName])
	for at := 0; at < len(ledger)-1; at += 1 + len(ledger)/60 {
		text := bytes.Clone(ledger)
		text[at] ^= 1
		f(fmt.Sprint("a bit of byte ", at), ledgerName, write(string(text)))
		f(fmt.Sprint("cut at ", at), ledgerName, write(string(ledger[:at])))
	}
	for _, text := range []string{"", "null", "{}", "[]", "7", `{"version":1,"runs":["../../x"],"mapping":"mapping"}`, string(ledger) + "{}"} {
		f(text, ledgerName, write(text))
	}
}

// A ledger that is well made and names files that no run makes is refused too.
func TestALedgerNamesFilesOfRunsOnce(t *testing.T) {
	line, refused := File{Name: bucketName(3, 1)}, File{Name: refusedName(1)}
	for what, l := range map[string]Ledger{
		"twice":             {Lines: []File{line, line}},
		"outside":           {Lines: []File{{Name: "../bucket=03/run-000001.parquet"}}},
		"of another kind":   {Lines: []File{refused}},
		"a bucket too many": {Lines: []File{{Name: bucketName(Buckets, 1)}}},
		"foreign":           {Refused: []File{{Name: "quarantine/notes.txt"}}},
		"aliases twice":     {Identities: []File{{Name: aliasesName(1)}, {Name: aliasesName(2)}}},
	} {
		l.Version, l.Mapping = ledgerVersion, "mapping"
		text, err := l.encode()
		if err != nil {
			t.Fatal(err)
		}
		var file *datasets.FileError
		if _, err := parseLedger("ledger.json", text); !errors.As(err, &file) {
			t.Errorf("%s: got %v, want a refusal", what, err)
		}
	}
}

// first makes the ledger of a history one of version 1.
func first(t *testing.T, path string) {
	t.Helper()
	folder := openKept(t, path)
	l := folder.ledger
	closeKept(t, folder)
	one := ledgerOne{Version: 1, Mapping: l.Mapping, Next: l.Next, Inputs: l.Inputs}
	for _, run := range l.runs() {
		one.Runs = append(one.Runs, run+".parquet")
	}
	for _, f := range l.Refused {
		one.Refused = append(one.Refused, filepath.Base(f.Name))
	}
	for _, f := range l.Identities {
		one.Identities = filepath.Base(f.Name)
	}
	text, err := json.Marshal(one)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, ledgerName), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// The next run rewrites a history of version 1 whole, with all checksums.
func TestAHistoryOfVersionOneIsTakenOver(t *testing.T) {
	lines := randomLines(500, 40, 12)
	for _, more := range []int{0, 100} {
		path := t.TempDir()
		keep(t, path, "a", lines[:200], datasets.Fault{Reason: datasets.BadTime})
		keep(t, path, "b", lines[200:400])
		first(t, path)
		folder := openKept(t, path)
		refused, err := folder.Refused()
		if err != nil || len(refused) != 1 {
			t.Fatalf("got %v, %v; want the row refused", refused, err)
		}
		dump(t, build(t, lines[400:400+more], Config{Columns: testColumns(), Workers: 2}, folder))
		var inputs []Input
		if more > 0 {
			inputs = []Input{{SHA256: "c"}}
		}
		if err := folder.Commit(inputs, nil); err != nil {
			t.Fatal(err)
		}
		closeKept(t, folder)
		folder = openKept(t, path)
		if n := len(folder.Runs()); n != 1 || folder.ledger.Version != ledgerVersion {
			t.Errorf("got %d runs in version %d, want one in version %d", n, folder.ledger.Version, ledgerVersion)
		}
		for _, f := range folder.ledger.files() {
			if len(f.SHA256) != 64 || f.Bytes == 0 || f.Rows == 0 {
				t.Errorf("got %+v in the ledger, want all figures", f)
			}
		}
		closeKept(t, folder)
		want := dump(t, build(t, lines[:400+more], Config{Columns: testColumns(), Workers: 1}, nil))
		if got := replayed(t, path); !reflect.DeepEqual(got, want) {
			t.Error("the history differs from the whole")
		}
	}
}
