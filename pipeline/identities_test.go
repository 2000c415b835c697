package pipeline

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/config"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// aliased gives every third line of a retailer's file, whose second column is the
// customer, an alias of its customer, some with a chain of two, and returns the
// header, the lines and the pairs of alias and customer.
func aliased(t *testing.T, csv string) (header string, lines, pairs []string) {
	t.Helper()
	text, err := os.ReadFile(csv)
	if err != nil {
		t.Fatal(err)
	}
	header, rest, _ := strings.Cut(string(text), "\n")
	if !strings.HasPrefix(header, "order_id,customer_id,") {
		t.Fatalf("got the header %q, want the customer second", header)
	}
	seen := map[string]bool{}
	pair := func(alias, customer string) {
		if !seen[alias] {
			seen[alias] = true
			pairs = append(pairs, alias+","+customer)
		}
	}
	for i, line := range strings.Split(strings.TrimSuffix(rest, "\n"), "\n") {
		order, rest, _ := strings.Cut(line, ",")
		id, others, _ := strings.Cut(rest, ",")
		switch {
		case id == "":
		case i%6 == 0:
			pair("w"+id, id)
			line = order + ",w" + id + "," + others
		case i%3 == 0:
			pair("an-app-id-of-"+id, "w"+id)
			pair("w"+id, id)
			line = order + ", an-app-id-of-" + id + " ," + others
		}
		lines = append(lines, line)
	}
	return header, lines, pairs
}

// withIdentities adds a file of aliases to a job.
func withIdentities(job *config.Job, path string) {
	x := config.DefaultIdentities()
	x.Path, x.Columns = path, map[string]string{"alias": "alias", "customer": "customer"}
	job.Inputs.Identities = append(job.Inputs.Identities, x)
}

// Lines under an alias count as those of its customer: what comes out is what
// comes out where every line names its customer, to the byte.
func TestLinesOfAnAliasAreThoseOfItsCustomer(t *testing.T) {
	csv, _ := retailer(t, 600, 16_000)
	want := mustRun(t, synthJob(t, csv))
	header, lines, pairs := aliased(t, csv)
	whole := split(t, header, lines, 1)
	aliases := writeFile(t, t.TempDir(), "aliases.csv", "alias,customer\n"+strings.Join(pairs, "\n")+"\n")
	check := func(name string, change func(*config.Job)) {
		t.Run(name, func(t *testing.T) {
			job := synthJob(t, whole)
			withIdentities(&job, aliases)
			change(&job)
			got := mustRun(t, job)
			same(t, name, got.Folder, want.Folder)
			if got.Manifest.Customers != want.Manifest.Customers {
				t.Errorf("got %d customers, want %d", got.Manifest.Customers, want.Manifest.Customers)
			}
		})
	}
	check("1 worker", func(j *config.Job) { j.Workers = 1 })
	check("spilled", func(j *config.Job) { j.Workers, j.Memory = 2, config.Size{Bytes: 5 << 20} })
	check("parquet", func(j *config.Job) { j.Inputs.Identities[0].Path = asParquet(t, pairs) })
	check("in two files, of which one is split at semicolons", func(j *config.Job) {
		folder := t.TempDir()
		j.Inputs.Identities[0].Path = writeFile(t, folder, "a.csv", "alias,customer\n"+strings.Join(pairs[len(pairs)/2:], "\n")+"\n")
		withIdentities(j, writeFile(t, folder, "b.csv", "id;alias\n"+strings.ReplaceAll(swapped(pairs[:len(pairs)/2]), ",", ";")))
		j.Inputs.Identities[1].Columns["customer"] = "id"
	})
	check("incremental, with aliases that are told later", func(j *config.Job) {
		folder := split(t, header, lines, 3)
		j.History = t.TempDir()
		for i := range 3 {
			j.Inputs.Transactions[0].Path = filepath.Join(folder, fmt.Sprintf("part-%d.csv", i))
			told := pairs[:len(pairs)*(i+1)/3]
			j.Inputs.Identities[0].Path = writeFile(t, t.TempDir(), "aliases.csv", "alias,customer\n"+strings.Join(told, "\n")+"\n")
			if i < 2 {
				mustRun(t, *j)
			}
		}
	})
}

// swapped returns pairs of alias and customer as lines of customer and alias.
func swapped(pairs []string) string {
	var b strings.Builder
	for _, pair := range pairs {
		alias, customer, _ := strings.Cut(pair, ",")
		fmt.Fprintf(&b, "%s,%s\n", customer, alias)
	}
	return b.String()
}

func asParquet(t *testing.T, pairs []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "aliases.parquet")
	w, err := parquetio.Create(path, []table.Column{{Name: "alias", Type: table.Text}, {Name: "customer", Type: table.Text}}, parquetio.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	values := make([]table.Values, 2)
	for _, pair := range pairs {
		alias, customer, _ := strings.Cut(pair, ",")
		values[0].Strings, values[1].Strings = append(values[0].Strings, alias), append(values[1].Strings, customer)
	}
	if err := w.Write(values, len(pairs)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// identitiesJob is folderJob with a file of aliases of this text.
func identitiesJob(t *testing.T, aliases string) (job config.Job, path string) {
	t.Helper()
	job, _ = folderJob(t, "")
	path = writeFile(t, t.TempDir(), "aliases.csv", aliases)
	withIdentities(&job, path)
	return job, path
}

func TestContradictingAliasesStopTheRunAndAreNamedByTheirRows(t *testing.T) {
	for _, c := range []struct {
		name, aliases string
		want          []string
	}{
		{"two customers", "alias,customer\nc4,c1\nc3,c1\nc4,c2\n", []string{"aliases.csv:4, column \"customer\"", "keep one of the rows"}},
		{"a circle", "alias,customer\nc4,c1\nc1,c3\nc3,c4\n", []string{"aliases.csv:2", "aliases.csv:3", "aliases.csv:4", "circle"}},
	} {
		job, _ := identitiesJob(t, c.aliases)
		_, err := Run(context.Background(), job, testEnv())
		if exit.Of(err) != exit.BadData {
			t.Errorf("%s: got exit code %d (%v), want %d", c.name, exit.Of(err), err, exit.BadData)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: got %q, want %q in it", c.name, err, w)
			}
		}
		if strings.Contains(err.Error(), "c4") {
			t.Errorf("%s: got %q, want no id in it", c.name, err)
		}
	}
}

func TestRowsWithoutAnAliasOrACustomerAreQuarantined(t *testing.T) {
	job, path := identitiesJob(t, "alias,customer\nc4,c1\n,c1\nc9,\n")
	if _, err := Run(context.Background(), job, testEnv()); exit.Of(err) != exit.BadData || !strings.Contains(err.Error(), "inputs.identities: 2 of 3 rows do not fit") {
		t.Errorf("got %v with exit code %d, want 2 of 3 rows and %d", err, exit.Of(err), exit.BadData)
	}
	job.Quality.MaxQuarantined = 0.7
	m := mustRun(t, job).Manifest
	if m.Rows.Quarantined != 0 || m.Customers != 3 {
		t.Errorf("got %d line items quarantined and %d customers, want none and 3", m.Rows.Quarantined, m.Customers)
	}
	in := m.Inputs[len(m.Inputs)-1]
	if in.Path != path || in.Table != "identities" || in.Rows != 3 || in.SHA256 == "" {
		t.Errorf("got the input %+v, want the file of aliases with its 3 rows", in)
	}
	for _, o := range m.Outputs {
		if o.Path == "quarantine.parquet" && o.Rows != 2 {
			t.Errorf("got %d rows in quarantine.parquet, want 2", o.Rows)
		}
	}
}

func TestAFileOfAliasesThatIsNotAsNamedIsABadInput(t *testing.T) {
	job, _ := identitiesJob(t, "web,customer\nc4,c1\n")
	_, err := Run(context.Background(), job, testEnv())
	if exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), `column "alias" not found (columns: alias)`) {
		t.Errorf("got %v with exit code %d, want the missing column and %d", err, exit.Of(err), exit.BadInput)
	}
	job.Inputs.Identities[0].Path += ".gone"
	if _, err := Run(context.Background(), job, testEnv()); exit.Of(err) != exit.BadInput {
		t.Errorf("got %v with exit code %d, want %d", err, exit.Of(err), exit.BadInput)
	}
}

// A history is not mixed from line items that found their customers by aliases
// that contradict one another.
func TestAKeptHistoryRefusesAliasesThatChanged(t *testing.T) {
	job, path := identitiesJob(t, "alias,customer\nc4,c1\nc2,c3\n")
	job.History = filepath.Join(t.TempDir(), "history")
	first := mustRun(t, job)
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"another customer": "alias,customer\nc4,c2\nc2,c3\n",
		"no alias now":     "alias,customer\nc4,c1\n",
	} {
		write(text)
		_, err := Run(context.Background(), job, testEnv())
		if exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), "1 aliases that stand for another customer now") {
			t.Errorf("%s: got %v with exit code %d, want a refusal and %d", name, err, exit.Of(err), exit.BadInput)
		}
	}
	write("alias,customer\nc4,c1\nc2,c3\nc1,c3\n") // everybody is c3 now
	more := mustRun(t, job)
	if first.Manifest.Customers != 2 || more.Manifest.Customers != 1 {
		t.Errorf("got %d, then %d customers, want 2, then 1", first.Manifest.Customers, more.Manifest.Customers)
	}
	write("alias,customer\nc4,c1\nc2,c3\n") // and c1 cannot be taken out again
	if _, err := Run(context.Background(), job, testEnv()); exit.Of(err) != exit.BadInput {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestChangedAliasesAreAReasonToRun(t *testing.T) {
	for _, history := range []string{"", t.TempDir()} {
		job, path := identitiesJob(t, "alias,customer\nc4,c1\n")
		job.History = history
		mustRun(t, job)
		if got, reason := ifChanged(t, job); !got.Unchanged {
			t.Errorf("history %q: got %q, want nothing to do", history, reason)
		}
		if err := os.WriteFile(path, []byte("alias,customer\nc4,c1\nc2,c1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, reason := ifChanged(t, job); got.Unchanged || !strings.Contains(reason, "aliases.csv is new or has changed") {
			t.Errorf("history %q: got %q, want the file of aliases as the reason", history, reason)
		}
		if got, reason := ifChanged(t, job); !got.Unchanged {
			t.Errorf("history %q: got %q, want nothing to do", history, reason)
		}
	}
}

func TestCheckReadsTheAliases(t *testing.T) {
	job, path := identitiesJob(t, "alias,customer\nc4,c1\nc4,c2\n")
	if _, err := Check(context.Background(), job, testEnv()); exit.Of(err) != exit.BadData {
		t.Errorf("got %v with exit code %d, want %d", err, exit.Of(err), exit.BadData)
	}
	if err := os.WriteFile(path, []byte("alias,customer\nc4,c1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Check(context.Background(), job, testEnv())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Tables) != 1 || got.Tables[0].Name != "identities" || len(got.Tables[0].Inputs) != 1 {
		t.Fatalf("got the tables %+v, want the aliases", got.Tables)
	}
	if in := got.Tables[0].Inputs[0]; in.Path != path || in.Rows != 1 || in.Kept != 1 {
		t.Errorf("got %+v, want the file of aliases with one row", in)
	}
}

// A table may be in a bucket like any other input; the kept history knows nothing of
// it, even where it holds the same object as line items.
func TestAliasesInABucketAreFetchedForEachRun(t *testing.T) {
	s := s3fake.Start(t)
	emptyTemp(t)
	s.Set("aliases.csv", "alias,customer\nc4,c1\n")
	local, _ := identitiesJob(t, "alias,customer\nc4,c1\n")
	want := mustRun(t, local)
	job, _ := identitiesJob(t, "")
	job.Inputs.Identities[0].Path = "s3://bucket/aliases.csv"
	job.History = filepath.Join(t.TempDir(), "history")
	for range 2 {
		got := mustRun(t, job)
		same(t, "aliases in a bucket", got.Folder, want.Folder)
		in := got.Manifest.Inputs[len(got.Manifest.Inputs)-1]
		if in.Path != "s3://bucket/aliases.csv" || in.ETag == "" || in.Table != "identities" {
			t.Errorf("got the input %+v, want the URL with its ETag", in)
		}
	}
	count(s)
	if got, reason := ifChanged(t, job); !got.Unchanged {
		t.Errorf("got %q, want nothing to do", reason)
	}
	if read := gets(s); len(read) > 0 {
		t.Errorf("got %v fetched, want nothing: the ETag tells", read)
	}
	s.Set("aliases.csv", "alias,customer\nc4,c1\nc2,c1\n")
	if got, reason := ifChanged(t, job); got.Unchanged || !strings.Contains(reason, "s3://bucket/aliases.csv is new or has changed") {
		t.Errorf("got %q, want the object as the reason", reason)
	}
}

// What is said of an alias is said of its customer, whoever's rows come first.
func TestAttributesOfAnAliasAreThoseOfItsCustomer(t *testing.T) {
	job, _ := identitiesJob(t, "alias,customer\nc4,c1\nweb,c2\n")
	c := config.DefaultCustomers()
	c.Columns = map[string]string{"customer": "id"}
	c.Numbers, c.Categories = map[string]string{"age": "age"}, map[string]string{"city": "city"}
	c.Path = writeFile(t, t.TempDir(), "attributes.csv", "id,age,city\nc4,41,\nc1,,Bern\nweb,30,Graz\nc2,30,Wien\nc3,,\n")
	job.Inputs.Customers = append(job.Inputs.Customers, c)
	m := mustRun(t, job).Manifest
	want := map[string]manifest.Attribute{"age": {Known: 2}, "city": {Known: 1, Disagreeing: 1, Categories: new(3)}}
	if m.Attributes == nil || !reflect.DeepEqual(m.Attributes.ByName, want) {
		t.Errorf("got %+v, want %+v", m.Attributes, want)
	}
}

// A file of aliases that no run wrote is left alone, and a damaged one is refused
// rather than taken for none.
func TestTheAliasesOfAKeptHistoryAreWholeOrRefused(t *testing.T) {
	job, _ := identitiesJob(t, "alias,customer\nc4,c1\n")
	job.History = filepath.Join(t.TempDir(), "history")
	mustRun(t, job)
	folder := filepath.Join(job.History, "identities")
	foreign := writeFile(t, folder, "run-000002.parquet", "half of it")
	mustRun(t, job)
	if _, err := os.Stat(foreign); err != nil {
		t.Errorf("got %v, want a file that no ledger and no journal names to stay", err)
	}
	kept := filepath.Join(folder, "run-000001.parquet")
	whole, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"cut": string(whole[:len(whole)/2]), "no Parquet": "alias,customer"} {
		if err := os.WriteFile(kept, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), job, testEnv()); exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), "run-000001.parquet") {
			t.Errorf("%s: got %v with exit code %d, want the file and %d", name, err, exit.Of(err), exit.BadInput)
		}
	}
	if err := os.Remove(kept); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(context.Background(), job, testEnv()); exit.Of(err) != exit.BadInput {
		t.Errorf("gone: got %v with exit code %d, want %d", err, exit.Of(err), exit.BadInput)
	}
}
