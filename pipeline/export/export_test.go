package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
)

// Row is one scored customer, as the columns of the tests have them.
type Row struct {
	Customer    []byte
	RecencyDays float64 // NaN: none, as below
	Frequency   float64
	Monetary    float64
	R, F, M     uint8 // 0: none
	RFMSegment  string
	Segment     int32 // 0: none
	SegmentName string
	ChurnProb   float64
	Reasons     string
}

// scores are the columns of the tests: those of a run with all steps.
var scores = []table.Column{
	{Name: "customer", Type: table.Text},
	{Name: "recency_days", Type: table.Int32, Nullable: true, Unit: "days"},
	{Name: "frequency", Type: table.Int64, Nullable: true, Unit: "orders"},
	{Name: "monetary", Type: table.Float64, Nullable: true},
	{Name: "r_score", Type: table.Int32, Nullable: true, Unit: "score"},
	{Name: "f_score", Type: table.Int32, Nullable: true, Unit: "score"},
	{Name: "m_score", Type: table.Int32, Nullable: true, Unit: "score"},
	{Name: "rfm_segment", Type: table.Text, Nullable: true, Dictionary: true},
	{Name: "segment", Type: table.Int32, Nullable: true},
	{Name: "segment_name", Type: table.Text, Nullable: true, Dictionary: true},
	{Name: "churn_prob", Type: table.Float64, Nullable: true, Unit: "probability"},
	{Name: "churn_reasons", Type: table.Text, Nullable: true},
}

// header names the columns of the full file.
var header = []string{
	"customer", "recency_days", "frequency", "monetary", "r_score", "f_score", "m_score",
	"rfm_segment", "segment", "segment_name", "churn_prob", "churn_reasons", "row_hash",
}

// allFields writes every column under its own name.
func allFields() (fields []Field) {
	for _, c := range scores[1:] {
		fields = append(fields, Field{Column: c.Name})
	}
	return fields
}

// anyChange makes every change an update.
func anyChange() Target {
	t := Target{Profile: Lookup("generic"), Fields: allFields()}
	for _, f := range t.Fields {
		t.ChangedBy = append(t.ChangedBy, f.Column)
	}
	return t
}

// valuesOf puts rows into columns.
func valuesOf(rows []Row) []table.Values {
	v := make([]table.Values, len(scores))
	whole := func(k int, value func(r *Row) float64) {
		v[k].Valid = datasets.NewBitmap(len(rows))
		for i := range rows {
			x := value(&rows[i])
			if x == x {
				v[k].Valid.Set(i)
			} else {
				x = 0
			}
			if scores[k].Type == table.Int32 {
				v[k].Int32s = append(v[k].Int32s, int32(x))
			} else {
				v[k].Ints = append(v[k].Ints, int64(x))
			}
		}
	}
	orNone := func(x float64) float64 {
		if x == 0 {
			return math.NaN()
		}
		return x
	}
	text := func(k int, value func(r *Row) string) {
		v[k].Valid = datasets.NewBitmap(len(rows))
		for i := range rows {
			v[k].Strings = append(v[k].Strings, value(&rows[i]))
			if value(&rows[i]) != "" {
				v[k].Valid.Set(i)
			}
		}
	}
	for i := range rows {
		v[0].Texts.Append(rows[i].Customer)
		v[3].Floats = append(v[3].Floats, rows[i].Monetary)
		v[10].Floats = append(v[10].Floats, rows[i].ChurnProb)
	}
	whole(1, func(r *Row) float64 { return r.RecencyDays })
	whole(2, func(r *Row) float64 { return r.Frequency })
	whole(4, func(r *Row) float64 { return orNone(float64(r.R)) })
	whole(5, func(r *Row) float64 { return orNone(float64(r.F)) })
	whole(6, func(r *Row) float64 { return orNone(float64(r.M)) })
	whole(8, func(r *Row) float64 { return orNone(float64(r.Segment)) })
	text(7, func(r *Row) string { return r.RFMSegment })
	text(9, func(r *Row) string { return r.SegmentName })
	text(11, func(r *Row) string { return r.Reasons })
	return v
}

// sortedRows returns the customers of a map in the order of their ids.
func sortedRows(customers map[string]Row) (rows []Row) {
	for _, id := range slices.Sorted(maps.Keys(customers)) {
		r := customers[id]
		r.Customer = []byte(id)
		rows = append(rows, r)
	}
	return rows
}

// write writes rows for a target into a fresh folder, compared with the run before, and
// returns the folder.
func write(t *testing.T, target Target, rows []Row, before string, workers, batch int) (folder string, w *Writer) {
	t.Helper()
	folder = t.TempDir()
	base := target.Base(true)
	o := Options{Full: true, Workers: workers, AsOf: "2024-03-03"}
	if before != "" {
		o.Before, o.Since = filepath.Join(before, base), "2024-03-02"
	}
	w, err := New(folder, target, scores, base, o)
	if err != nil {
		t.Fatal(err)
	}
	for part := range slices.Chunk(rows, batch) {
		if err := w.Write(context.Background(), valuesOf(part), len(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	return folder, w
}

// export writes the customers of a map as the profile "generic".
func export(t *testing.T, customers map[string]Row, before string) string {
	t.Helper()
	folder, w := write(t, anyChange(), sortedRows(customers), before, 2, 100)
	for _, f := range w.Files() {
		if _, rows := cells(t, folder, f.Path); int64(len(rows)) != f.Rows {
			t.Errorf("%s: got %d rows, want %d", f.Path, len(rows), f.Rows)
		}
	}
	if got := w.Files()[0]; got.Path != FullName || got.Rows != int64(len(customers)) {
		t.Errorf("got %v, want %d rows", got, len(customers))
	}
	return folder
}

// cells reads a file with encoding/csv, which knows nothing of ours.
func cells(t *testing.T, folder, name string) (header []string, rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[0], all[1:]
}

// opsOf returns the operations of a delta by id, as an importer sees them.
func opsOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	_, rows := cells(t, folder, DeltaName)
	out := map[string]string{}
	last := ""
	for _, row := range rows {
		id := row[1]
		if _, twice := out[id]; twice || id < last {
			t.Errorf("got %q out of order or twice", id)
		}
		out[id], last = row[0], id
		if row[0] == opDelete && strings.Join(row[2:], "") != "" {
			t.Errorf("got %q in a row to delete, want the id alone", row)
		}
	}
	return out
}

// changes is the oracle of a delta: two maps compared.
func changes(before, now map[string]Row) map[string]string {
	out := map[string]string{}
	for id, row := range now {
		old, had := before[id]
		switch {
		case !had:
			out[id] = opInsert
		case fmt.Sprint(old) != fmt.Sprint(row):
			out[id] = opUpdate
		}
	}
	for id := range before {
		if _, has := now[id]; !has {
			out[id] = opDelete
		}
	}
	return out
}

// awkward are ids that files and spreadsheets trip over.
var awkward = []string{
	"=1", "'=1", "''=1", "+x", "-y", "@z", "\tt", "\rr", "'", "''", "'a", "a'b", "a,b", `a"b`, `"`, `""`, "a\nb", "a\rb", " a", "a ",
	"é", "日本", "0", "007", "1e5", "NULL", "NA", "#N/A", "customer", "\ufeffx", "a\x00b", "=", "-", "'-", "\n", "\t", "#c",
}

func randomRow(rng *rand.Rand) Row {
	r := Row{
		RecencyDays: float64(rng.IntN(400)), Frequency: float64(rng.IntN(3)), Monetary: float64(rng.IntN(5)) / 4,
		R: uint8(rng.IntN(6)), F: uint8(rng.IntN(6)), M: uint8(rng.IntN(6)), Segment: int32(rng.IntN(4)),
		RFMSegment: []string{"", "loyal", "=loyal"}[rng.IntN(3)], SegmentName: []string{"", "recent, frequent", "-1"}[rng.IntN(3)],
		ChurnProb: float64(rng.IntN(3)) / 2, Reasons: []string{"", "recency_days=3; orders_90=0"}[rng.IntN(2)],
	}
	if rng.IntN(5) == 0 {
		r.RecencyDays, r.ChurnProb = math.NaN(), math.NaN()
	}
	return r
}

func TestThreeRunsInARowTellTheirChanges(t *testing.T) {
	const seed, runs = 7, 3
	rng := rand.New(rand.NewPCG(seed, 0))
	pool := slices.Clone(awkward)
	for i := range 300 {
		pool = append(pool, fmt.Sprintf("%d", 12_000+7*i))
	}
	var before map[string]Row
	folder := ""
	for run := range runs {
		now := map[string]Row{}
		for _, id := range pool {
			old, had := before[id]
			switch {
			case had && rng.IntN(3) > 0:
				now[id] = old
			case rng.IntN(4) > 0:
				now[id] = randomRow(rng)
			}
		}
		folder = export(t, now, folder)
		got, want := opsOf(t, folder), changes(before, now)
		for id, op := range want {
			if got[id] != op {
				t.Errorf("run %d, %q: got %q, want %q", run, id, got[id], op)
			}
		}
		if len(got) != len(want) {
			t.Errorf("run %d: got %d changes, want %d", run, len(got), len(want))
		}
		if run > 0 && (!slices.Contains(slices.Collect(maps.Values(want)), opDelete) || len(want) == len(now)) {
			t.Fatalf("run %d: the example has lost its point", run)
		}
		before = now
	}
	if again := opsOf(t, export(t, before, folder)); len(again) != 0 {
		t.Errorf("got %v for a run that repeats the one before, want no change", again)
	}
	if gone := opsOf(t, export(t, nil, folder)); len(gone) != len(before) {
		t.Errorf("got %d deletes, want all %d", len(gone), len(before))
	}
}

func TestTheFullFileSaysWhatTheRowsSay(t *testing.T) {
	folder := export(t, map[string]Row{
		"17850": {RecencyDays: 3, Frequency: 34, Monetary: 5391.21, R: 5, F: 5, M: 4, RFMSegment: "champions",
			Segment: 1, SegmentName: "recent, very frequent", ChurnProb: 0.1234567, Reasons: "recency_days=3; orders_90=1"},
		"=cmd()": {RecencyDays: math.NaN(), Monetary: -12.5, ChurnProb: math.NaN()},
	}, "")
	head, rows := cells(t, folder, FullName)
	want := [][]string{
		{"17850", "3", "34", "5391.210000", "5", "5", "4", "champions", "1", "recent, very frequent", "0.123457", "recency_days=3; orders_90=1"},
		{"=cmd()", "", "0", "-12.500000", "", "", "", "", "", "", "", ""},
	}
	if !slices.Equal(head, header) || len(rows) != len(want) {
		t.Fatalf("got %q, %d rows", head, len(rows))
	}
	text, err := os.ReadFile(filepath.Join(folder, FullName))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	for i, row := range rows {
		if !slices.Equal(row[:len(want[i])], want[i]) {
			t.Errorf("got %q, want %q", row, want[i])
		}
		// The hash is that of the line without it.
		line, _ := strings.CutSuffix(lines[i+1], ","+row[12]+"\n")
		sum := xxhash.Sum64String(line + "\n")
		if got := fmt.Sprintf("%016x", sum); got != row[12] {
			t.Errorf("got the hash %s, want %s of %q", row[12], got, line)
		}
		if _, err := hex.DecodeString(row[12]); err != nil || len(row[12]) != 16 {
			t.Errorf("got the hash %q, want 16 hexadecimal digits", row[12])
		}
	}
	info, err := os.Stat(filepath.Join(folder, FullName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v; want a private file", info.Mode(), err)
	}
}

// TestWorkersDoNotChangeTheFiles writes more customers than a worker takes at once.
func TestWorkersDoNotChangeTheFiles(t *testing.T) {
	const n = 2*blockRows + 100
	rng := rand.New(rand.NewPCG(8, 0))
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = randomRow(rng)
		rows[i].Customer = fmt.Appendf(nil, "%06d", i)
	}
	files := func(workers int, before string, batch int) (texts [2]string, folder string) {
		folder, _ = write(t, anyChange(), rows, before, workers, batch)
		for i, name := range []string{FullName, DeltaName} {
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			texts[i] = string(text)
		}
		return texts, folder
	}
	first, before := files(1, "", n-1)
	for i := range rows {
		if i%3 == 0 {
			rows[i].Frequency++
		}
	}
	second, _ := files(1, before, n)
	if lines := strings.Count(second[1], "\n") - 1; lines != (n+2)/3 {
		t.Errorf("got %d changes, want %d", lines, (n+2)/3)
	}
	for _, workers := range []int{2, 8} {
		if got, _ := files(workers, before, blockRows+7); got != second {
			t.Errorf("%d workers: got other files", workers)
		}
	}
	if first[1] == second[1] {
		t.Error("a delta against a run is the same as one against none")
	}
}

func TestKeysAreWrittenAsTheyAreAndOnlyTextIsGuarded(t *testing.T) {
	customers := map[string]Row{"+49301234567": {SegmentName: "=1+1"}}
	ids := append(slices.Clone(awkward), "a\r\nb") // which encoding/csv, the reader of the other tests, would change
	for _, id := range ids {
		customers[id] = Row{Frequency: 1}
	}
	folder := export(t, customers, "")
	plan, err := newPlan(anyChange(), scores)
	if err != nil {
		t.Fatal(err)
	}
	p, err := openPrevious(filepath.Join(folder, FullName), plan)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	}()
	for _, want := range slices.Sorted(maps.Keys(customers)) {
		more, err := p.peek(context.Background())
		if err != nil || !more || string(p.id) != want {
			t.Fatalf("got %q, %v, %v; want %q", p.id, more, err, want)
		}
		if got := string(p.cell(9)); got != customers[want].SegmentName {
			t.Errorf("got the name %q back, want %q", got, customers[want].SegmentName)
		}
		p.pop()
	}
	_, rows := cells(t, folder, FullName)
	for _, row := range rows { // what a spreadsheet opens
		if row[0] == "+49301234567" && row[9] != "'=1+1" {
			t.Errorf("got the text %q, want it guarded", row[9])
		}
	}
}

func TestAForeignFileIsNoRunBefore(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "other.csv")
	if err := os.WriteFile(path, []byte("id,name\n1,a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := New(folder, anyChange(), scores, FullName, Options{Before: path, Workers: 1})
	var bad *datasets.FileError
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), "customer") {
		t.Errorf("got %v, want an error that names the column", err)
	}
	if _, err := New(folder, anyChange(), scores, FullName, Options{Before: filepath.Join(folder, "missing.csv"), Workers: 1}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that there is no such file", err)
	}
}

func TestADamagedRunBeforeIsAnError(t *testing.T) {
	folder := export(t, map[string]Row{"1": {Frequency: 1}, "2": {Frequency: 2}, "3": {Frequency: 3}}, "")
	path := filepath.Join(folder, FullName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	lines[2] = "2,too,short\n"
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	g, err := New(t.TempDir(), anyChange(), scores, FullName, Options{Before: path, Full: true, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	nine := valuesOf([]Row{{Customer: []byte("9")}})
	if err := errors.Join(g.Write(context.Background(), nine, 1), g.Close(context.Background())); err == nil {
		t.Error("got no error: customer 2 would never be deleted")
	} else if !strings.Contains(err.Error(), "line 3") || strings.Contains(err.Error(), "too,short") {
		t.Errorf("got %v, want the line and nothing of what stands there", err)
	}
}

func TestAFailedWriteIsReported(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(file, anyChange(), scores, FullName, Options{Full: true, Workers: 1}); err == nil {
		t.Error("got no error for a folder that is a file")
	}
	g, err := New(t.TempDir(), anyChange(), scores, FullName, Options{Full: true, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.full.now.file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(context.Background()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v, want the error of writing", err)
	}
}
