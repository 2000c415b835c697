package ingest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/arrowio"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
)

// memberCSV are four customers: 12346 in two rows that agree, 12347 in two that
// do not agree on the city, 12348 without an age, 12349 with a cent of a target.
const memberCSV = `id,Age,City,Target
12346, 41 ,York,1000.5
12346,41,,
12347,30,Bath,250
12347,,York,250
12348,,Bath,-3
12349,77,York,0.01
`

// memberTruth is what that comes to, worked by hand: age, city, target.
var memberTruth = map[string]string{"12346": "41 York 1000.5", "12347": "30 - 250", "12348": "- Bath -3", "12349": "77 York 0.01", "1": "unknown"}

func memberSource(path string) AttributeSource {
	return AttributeSource{
		Source:   Source{Path: path, CSV: csvio.DefaultOptions(), Decimal: '.'},
		Customer: "id", Numbers: map[string]string{"age": "Age", "target": "Target"}, Categories: map[string]string{"city": "City"},
	}
}

// attributesFrom reads sources, with room for all that they hold.
func attributesFrom(t *testing.T, sources ...AttributeSource) (*datasets.Attributes, *TableReport) {
	t.Helper()
	a, report, err := ReadAttributes(context.Background(), sources, nil, 1<<30, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a, report
}

// member returns what a table says of a customer.
func member(a *datasets.Attributes, id string) string {
	values, words := make([]float64, len(a.List())), []string{}
	if !a.FillTo(values, []byte(id)) {
		return "unknown"
	}
	for k, v := range values {
		switch {
		case math.IsNaN(v):
			words = append(words, "-")
		case a.List()[k].Category:
			words = append(words, string(a.Categories(k).At(int(v))))
		default:
			words = append(words, fmt.Sprint(v))
		}
	}
	return strings.Join(words, " ")
}

func checkMembers(t *testing.T, what string, a *datasets.Attributes) {
	t.Helper()
	for id, want := range memberTruth {
		if got := member(a, id); got != want {
			t.Errorf("%s: %s: got %q, want %q", what, id, got, want)
		}
	}
	if a.Len() != len(memberTruth)-1 || a.Disagreeing(1) != 1 || a.Disagreeing(0)+a.Disagreeing(2) != 0 {
		t.Errorf("%s: got %d customers, of whom %d disagree in the city; want %d and 1", what, a.Len(), a.Disagreeing(1), len(memberTruth)-1)
	}
}

// memberFrame is memberCSV with the types that a database would give it: ids as
// numbers, which are floats where a column once held a null.
func memberFrame(ids datasets.Kind) *datasets.Frame {
	f := &datasets.Frame{Rows: 6, Columns: []datasets.Column{
		{Field: datasets.Field{Name: "id", Kind: ids}},
		{Field: datasets.Field{Name: "Age", Kind: datasets.Int}, Ints: []int64{41, 41, 30, 0, 0, 77}, Valid: datasets.Bitmap{0b100111}},
		{Field: datasets.Field{Name: "City"}, Valid: datasets.Bitmap{0b111101}},
		{Field: datasets.Field{Name: "Target", Kind: datasets.Float}, Floats: []float64{1000.5, math.NaN(), 250, 250, -3, 0.01}},
	}}
	for _, id := range []int64{12346, 12346, 12347, 12347, 12348, 12349} {
		if ids == datasets.Int {
			f.Columns[0].Ints = append(f.Columns[0].Ints, id)
		} else {
			f.Columns[0].Floats = append(f.Columns[0].Floats, float64(id))
		}
	}
	for _, city := range []string{"York", "", "Bath", "York", "Bath", "York"} {
		f.Columns[2].Texts.Append([]byte(city))
	}
	return f
}

func writeMembersParquet(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "members.parquet")
	w, err := parquetio.Create(path, []table.Column{
		{Name: "id", Type: table.Int64}, {Name: "Age", Type: table.Int64, Nullable: true},
		{Name: "City", Type: table.Text, Nullable: true}, {Name: "Target", Type: table.Float64, Nullable: true},
	}, parquetio.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.WriteFrame(memberFrame(datasets.Int)), w.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func writeMembersArrow(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "members.arrow")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	frame, options := memberFrame(datasets.Float), arrowio.DefaultOptions()
	options.Format = arrowio.File
	var fields []datasets.Field
	for _, c := range frame.Columns {
		fields = append(fields, c.Field)
	}
	w, err := arrowio.NewWriter(file, fields, options)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(frame), w.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAttributesAreTheSameFromEveryFormat(t *testing.T) {
	csv := write(t, "members.csv", []byte(memberCSV))
	for _, path := range []string{csv, writeMembersParquet(t), writeMembersArrow(t)} {
		a, report := attributesFrom(t, memberSource(path))
		checkMembers(t, filepath.Base(path), a)
		if in := report.Inputs[0]; len(report.Inputs) != 1 || in.Rows != 6 || in.Quarantined != 0 {
			t.Errorf("%s: got %d rows, %d refused; want 6 and none", path, in.Rows, in.Quarantined)
		}
	}
	semicolons := memberSource(write(t, "members.csv", []byte(strings.NewReplacer(",", ";", ".", ",").Replace(memberCSV))))
	semicolons.Decimal = ','
	a, _ := attributesFrom(t, semicolons)
	checkMembers(t, "decimal comma", a)
}

// Entries may have other columns, other ids, and attributes of the same name.
func TestEntriesDescribeTheSameCustomers(t *testing.T) {
	lines := strings.SplitAfter(memberCSV, "\n")
	first := memberSource(write(t, "a.csv", []byte(lines[0]+lines[5]+lines[6]+lines[1])))
	second := memberSource(write(t, "b.csv", []byte("card,Alter\nx-7,30\n12346,41\nx-7,30\n")))
	second.Customer, second.Numbers, second.Categories = "card", map[string]string{"age": "Alter"}, nil
	third := memberSource(write(t, "c.csv", []byte(lines[0]+lines[4]+lines[3])))
	third.Numbers = map[string]string{"target": "Target"}
	ids := &datasets.Identities{}
	ids.Add([]byte("x-7"), []byte("12347"))
	ids.Settle()
	for _, sources := range [][]AttributeSource{{first, second, third}, {third, first, second}} {
		a, report, err := ReadAttributes(context.Background(), sources, ids, 1<<30, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkMembers(t, "three entries", a)
		if len(report.Inputs) != 3 || report.Inputs[1].Rows != 3 {
			t.Errorf("got the files %+v, want three", report.Inputs)
		}
	}
}

// A row that does not fit says nothing at all, and counts once.
func TestRowsOfAttributesThatDoNotFitAreRefused(t *testing.T) {
	path := write(t, "members.csv", []byte(memberCSV+"12348,old,Hull,5\n,1,Hull,1\n12348,2e12,Hull,x\n"))
	a, report := attributesFrom(t, memberSource(path))
	checkMembers(t, "with rows that do not fit", a)
	var got []string
	for _, f := range report.Faults {
		got = append(got, fmt.Sprintf("%d %s %s %q", f.Pos.Line, f.Pos.Column, f.Reason, f.Got))
	}
	want := `8 Age bad_number "old"; 9 id missing_key ""; 10 Age out_of_range "2e12"`
	if strings.Join(got, "; ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "; "), want)
	}
	if in := report.Inputs[0]; in.Rows != 9 || in.Kept != 6 || in.Quarantined != 3 {
		t.Errorf("got %+v, want 6 of 9 rows", in)
	}
}

func TestAttributesThatCannotBeAreExplained(t *testing.T) {
	f := func(s AttributeSource, most int64, want ...string) {
		t.Helper()
		_, _, err := ReadAttributes(context.Background(), []AttributeSource{s}, nil, most, nil)
		var file *datasets.FileError
		if !errors.As(err, &file) {
			t.Fatalf("got %v, want the error of a file", err)
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("got %q, want %q in it", err, w)
			}
		}
	}
	s := memberSource(write(t, "members.csv", []byte(memberCSV)))
	s.Numbers = map[string]string{"age": "Alter"}
	f(s, 1<<30, `members.csv: column "Alter" not found (numbers: age); the file has "id", "Age", "City", "Target"`)

	var b strings.Builder
	b.WriteString("id,Age,City,Target\n")
	for i := range datasets.MaxCategories + 1 {
		fmt.Fprintf(&b, "c%d,,id of %d,\n", i, i)
	}
	many := memberSource(write(t, "members.csv", []byte(b.String())))
	f(many, 1<<30, `column "City": got more than 65534 different texts for the category city, want a column of kinds`)
	f(many, 1<<20, "got attributes of customers that take more than 1 MiB, want a table that fits a quarter of the memory budget; raise memory")
}
