package pipeline

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/privacy"
)

// contents returns all text of a file: of a Parquet file, the cells of every column.
func contents(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	if filepath.Ext(path) != ".parquet" {
		return text
	}
	r, err := parquetio.Open(path)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	var columns []int
	for i := range r.Fields() {
		columns = append(columns, i)
	}
	must(t, r.Select(columns))
	var frame datasets.Frame
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return text
		}
		must(t, err)
		must(t, part.Each(&frame, func() error {
			for k := range frame.Columns {
				for i := range frame.Rows {
					text = append(frame.Columns[k].AppendText(append(text, '\n'), i), '\n')
				}
			}
			return nil
		}))
	}
}

// filesWith returns the names of the files below a folder that have a text in them, with slashes.
func filesWith(t *testing.T, folder, what string) (names []string) {
	t.Helper()
	must(t, filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if bytes.Contains(contents(t, path), []byte(what)) {
			name, err := filepath.Rel(folder, path)
			must(t, err)
			names = append(names, filepath.ToSlash(name))
		}
		return nil
	}))
	return names
}

// guardedLines are of three customers, one of whom also has the alias app-2.
const guardedLines = `customer,time,order,product,quantity,price
private-1,2024-01-01 10:00:00,1,a,1,2.50
private-1,2024-01-01 10:00:00,1,b,2,1.25
private-2,2024-01-05 11:30:00,2,a,1,2.50
app-2,2024-03-01 09:00:00,3,c,3,0.10
private-3,2024-03-02 09:00:00,4,a,1,2.50
`

// guardedJob is a job of these customers whose files for a CRM system are of a profile.
func guardedJob(t *testing.T, profile string) config.Job {
	t.Helper()
	job := parse(t, smallJob(t, guardedLines))
	withIdentities(&job, writeFile(t, t.TempDir(), "aliases.csv", "alias,customer\napp-2,private-2\n"))
	system := config.DefaultCRM()
	system.Profile = profile
	job.Publish.CRM = []config.CRM{system}
	return job
}

func onDay(t *testing.T, job config.Job, day string) config.Job {
	t.Helper()
	at, err := datasets.ParseDay(day)
	must(t, err)
	asOf := config.Day(at)
	job.AsOf = &asOf
	return job
}

func TestSuppressedCustomersAreInNoFileForACRMSystem(t *testing.T) {
	job := guardedJob(t, "braze")
	list := writeFile(t, t.TempDir(), "list.txt", "")
	job.Privacy.Suppress = list
	first := mustRun(t, onDay(t, job, "2024-03-03"))
	if got := filesWith(t, filepath.Join(first.Folder, "crm"), "private-2"); len(got) != 3 {
		t.Fatalf("got private-2 in %v, want it in the full file, the delta and what the system was told", got)
	}
	writeFile(t, filepath.Dir(list), "list.txt", "app-2\n") // by the alias
	second := mustRun(t, onDay(t, job, "2024-03-04"))
	if got := filesWith(t, filepath.Join(second.Folder, "crm"), "private-2"); len(got) != 1 || got[0] != "braze/remove/part-00001.csv" {
		t.Errorf("got private-2 in %v, want it in the file of who is removed alone", got)
	}
	third := mustRun(t, onDay(t, job, "2024-03-05"))
	if got := filesWith(t, filepath.Join(third.Folder, "crm"), "private-2"); len(got) > 0 {
		t.Errorf("got private-2 in %v, want it in no file", got)
	}
	if got := filesWith(t, third.Folder, "private-2"); len(got) == 0 {
		t.Error("got private-2 in no table, want it in segments.parquet")
	}
	if got := filesWith(t, filepath.Join(third.Folder, "crm"), "private-1"); len(got) == 0 {
		t.Error("got private-1 left out as well")
	}
	if p := third.Manifest.Privacy; p == nil || p.Suppress.IDs != 1 || len(p.Suppress.SHA256) != 64 {
		t.Errorf("got %+v in the manifest, want a list of 1", p)
	}
}

func TestPseudonymsStandForIdsInFilesForCRMSystems(t *testing.T) {
	const key = "a key that nobody else may know, of 45 letters"
	t.Setenv("QUINTILE_TEST_KEY", key)
	job := guardedJob(t, "generic")
	job.Privacy.Pseudonym = &privacy.Pseudonym{KeyEnv: "QUINTILE_TEST_KEY"}
	p, err := privacy.NewPseudonyms([]byte(key))
	must(t, err)
	mustRun(t, onDay(t, job, "2024-03-03"))
	next := mustRun(t, onDay(t, job, "2024-03-04")) // whose delta compares with what was told
	want := string(p.Append(nil, []byte("private-1")))
	segments := filepath.Join(next.Folder, "crm", "generic", "segments.csv")
	if text := contents(t, segments); !bytes.Contains(text, []byte(want)) || bytes.Contains(text, []byte("private")) {
		t.Errorf("got %s, want pseudonyms", text)
	}
	if got := filesWith(t, next.Folder, key); len(got) > 0 {
		t.Errorf("got the key in %v", got)
	}
	if base := next.Manifest.DeltaBases["generic"]; base == nil || base.AsOf != "2024-03-03" {
		t.Errorf("got the base %+v, want the run of 2024-03-03", base)
	}
	delta := contents(t, filepath.Join(next.Folder, "crm", "generic", "delta.csv"))
	// The limits between scores are those of the day before, and a day more without a purchase
	// takes one customer over a limit.
	if n := bytes.Count(delta, []byte("\n")); n > 2 || bytes.Contains(delta, []byte("private")) {
		t.Errorf("got the delta %s, want one row at most: of the others nothing has changed but numbers", delta)
	}
}

func TestErasedCustomersAreInNoFileOfARun(t *testing.T) {
	folder := t.TempDir()
	job := guardedJob(t, "braze")
	lines := guardedLines + " private-2 ,no time,5,a,1,2.50\nprivate-2,too,few\nprivate-3,never,5,a,1,2.50\n"
	job.Inputs.Transactions[0].Path = writeFile(t, folder, "lines.csv", lines)
	job.Quality.MaxQuarantined = 1
	withCities(&job, writeFile(t, folder, "people.csv", "id,city,age\nprivate-1,Bonn,30\nprivate-2,Secretstown,40\napp-2,Secretstown,private-2 is 40\n"))
	whole := mustRun(t, job)
	if got := filesWith(t, whole.Folder, "private-2"); len(got) < 3 {
		t.Fatalf("got private-2 in %v, want the search to find it", got)
	}
	job.Output = t.TempDir()
	job.Privacy.Erase = writeFile(t, folder, "list.txt", "app-2\n") // by the alias
	erased := mustRun(t, job)
	for _, what := range []string{"private-2", "app-2", "Secretstown"} {
		if got := filesWith(t, job.Output, what); len(got) > 0 {
			t.Errorf("got %s in %v, want it in no file", what, got)
		}
	}
	if got := filesWith(t, job.Output, "private-1"); len(got) == 0 {
		t.Error("got private-1 left out as well")
	}
	rows, before := erased.Manifest.Rows, whole.Manifest.Rows
	if rows.SetAside["erased"] != 3 || rows.Read != before.Read || rows.Quarantined != before.Quarantined-1 || erased.Manifest.Customers != 2 {
		t.Errorf("got %+v and %d customers, want 3 of %d rows set aside as erased, one refused less, and 2 customers",
			rows, erased.Manifest.Customers, before.Read)
	}
	if p := erased.Manifest.Privacy; p == nil || p.Erase.IDs != 1 {
		t.Errorf("got %+v in the manifest, want a list of 1", p)
	}
}

func TestErasedCustomersAreAsIfTheyHadNeverBought(t *testing.T) {
	job := guardedJob(t, "braze")
	job.Privacy.Erase = writeFile(t, t.TempDir(), "list.txt", "private-2\n")
	got := mustRun(t, onDay(t, job, "2024-03-03"))
	other := guardedJob(t, "braze")
	without := strings.Split(guardedLines, "\n")
	without = append(without[:3:3], without[5:]...)
	other.Inputs.Transactions[0].Path = writeFile(t, t.TempDir(), "lines.csv", strings.Join(without, "\n"))
	want := mustRun(t, onDay(t, other, "2024-03-03"))
	a, b := digests(t, got.Folder), digests(t, want.Folder)
	for name, sum := range b {
		if a[name] != sum && !strings.HasPrefix(name, "report.") { // the page counts the rows set aside
			t.Errorf("%s differs from that of a run without the lines", name)
		}
	}
	if len(a) != len(b) {
		t.Errorf("got %d files, want %d", len(a), len(b))
	}
}

// withCities adds a table of customers to a job.
func withCities(job *config.Job, path string) {
	c := config.DefaultCustomers()
	c.Path, c.Columns = path, map[string]string{"customer": "id"}
	c.Numbers, c.Categories = map[string]string{"age": "age"}, map[string]string{"city": "city"}
	job.Inputs.Customers = append(job.Inputs.Customers, c)
}

func TestAnErasedCustomerIsRemovedFromACRMSystemOnce(t *testing.T) {
	job := guardedJob(t, "braze")
	mustRun(t, onDay(t, job, "2024-03-03"))
	job.Privacy.Erase = writeFile(t, t.TempDir(), "list.txt", "private-2\n")
	second := mustRun(t, onDay(t, job, "2024-03-04"))
	if got := filesWith(t, second.Folder, "private-2"); len(got) != 1 || got[0] != "crm/braze/remove/part-00001.csv" {
		t.Errorf("got private-2 in %v, want it in the file of who is removed alone", got)
	}
	third := mustRun(t, onDay(t, job, "2024-03-05"))
	if got := filesWith(t, third.Folder, "private-2"); len(got) > 0 {
		t.Errorf("got private-2 in %v, want it in no file", got)
	}
}

func TestAChangedListOrKeyIsAReasonToRun(t *testing.T) {
	t.Setenv("QUINTILE_TEST_KEY", strings.Repeat("k", 32))
	job := guardedJob(t, "braze")
	job.Privacy.Suppress = writeFile(t, t.TempDir(), "list.txt", "private-1\n")
	job.Privacy.Pseudonym = &privacy.Pseudonym{KeyEnv: "QUINTILE_TEST_KEY"}
	ids := map[string]bool{}
	f := func(what string, unchanged bool) {
		t.Helper()
		result, err := RunIfChanged(context.Background(), job, testEnv())
		must(t, err)
		if result.Unchanged != unchanged {
			t.Errorf("%s: got unchanged %t, want %t", what, result.Unchanged, unchanged)
		}
		if result.Manifest != nil {
			if ids[result.Manifest.RunID] {
				t.Errorf("%s: got the name of an earlier run", what)
			}
			ids[result.Manifest.RunID] = true
		}
	}
	f("the first run", false)
	f("the same", true)
	writeFile(t, filepath.Dir(job.Privacy.Suppress), "list.txt", "private-2\n")
	f("another list", false)
	f("the same list", true)
	t.Setenv("QUINTILE_TEST_KEY", strings.Repeat("l", 32))
	f("another key", false)
}

func TestAListOrKeyThatIsNotThereStopsTheRun(t *testing.T) {
	job := guardedJob(t, "braze")
	job.Privacy.Suppress = filepath.Join(t.TempDir(), "none.txt")
	fails(t, "no list", job, exit.BadInput, "privacy.suppress", "none.txt")
	job.Privacy.Suppress = ""
	job.Privacy.Pseudonym = &privacy.Pseudonym{KeyEnv: "QUINTILE_TEST_NO_KEY"}
	fails(t, "no key", job, exit.Usage, "privacy.pseudonym", "QUINTILE_TEST_NO_KEY")
}

// groupSizes returns the column customers of profiles.parquet.
func groupSizes(t *testing.T, folder string) (sizes []int64) {
	t.Helper()
	r, err := parquetio.Open(filepath.Join(folder, "profiles.parquet"))
	must(t, err)
	defer func() { must(t, r.Close()) }()
	for i, f := range r.Fields() {
		if f.Name == "customers" {
			must(t, r.Select([]int{i}))
		}
	}
	var frame datasets.Frame
	for {
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return sizes
		}
		must(t, err)
		must(t, part.Each(&frame, func() error {
			sizes = append(sizes, frame.Columns[0].Ints...)
			return nil
		}))
	}
}

func TestSmallGroupsHaveNoRowInTheProfilesAndNoCardInTheReport(t *testing.T) {
	csv, _ := retailer(t, 600, 16_000)
	job := synthJob(t, csv)
	all := groupSizes(t, mustRun(t, job).Folder)
	for _, least := range []int{60, 1000} {
		job.Privacy.MinGroup = least
		result := mustRun(t, job)
		want := slices.DeleteFunc(slices.Clone(all), func(n int64) bool { return n < int64(least) })
		if got := groupSizes(t, result.Folder); !slices.Equal(got, want) {
			t.Errorf("got groups of %d customers, want %d of %d", got, want, all)
		}
		page := contents(t, filepath.Join(result.Folder, "report.html"))
		if got := bytes.Count(page, []byte(`<article class="card">`)); got != len(want) {
			t.Errorf("got %d cards of groups in the report, want one for each of the %d rows of the profiles", got, len(want))
		}
		warned := 0
		for _, w := range result.Manifest.Warnings {
			if w.Code == "small_groups" {
				warned = w.Count
			}
		}
		if warned != len(all)-len(want) || warned == 0 {
			t.Errorf("got a warning of %d groups, want one of %d", warned, len(all)-len(want))
		}
	}
}
