package targets_test

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/targets"
)

// write writes lists as the step does; change may spoil a column.
func write(t *testing.T, change func(columns []table.Column, v []table.Values)) string {
	t.Helper()
	columns := []table.Column{
		{Name: "campaign", Type: table.Text, Dictionary: true}, {Name: "rank", Type: table.Int64}, {Name: "customer", Type: table.Text},
		{Name: "arm", Type: table.Text, Dictionary: true}, {Name: "day", Type: table.Date}, {Name: "score", Type: table.Float64, Nullable: true},
		{Name: "cost", Type: table.Float64},
	}
	v := []table.Values{
		{Strings: []string{"may", "may", "june"}}, {Ints: []int64{1, 2, 1}}, {Strings: []string{"a", "b", "a"}}, {Strings: []string{"treated", "control", "treated"}},
		{Int32s: []int32{100, 100, 130}}, {Floats: []float64{0.5, math.NaN(), 2}}, {Floats: []float64{0.25, 0, 0.25}},
	}
	change(columns, v)
	path := filepath.Join(t.TempDir(), targets.Name)
	w, err := parquetio.Create(path, columns, parquetio.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(v, 3); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestListsAreReadAsTheyWereWritten(t *testing.T) {
	got, err := targets.Read(t.Context(), write(t, func([]table.Column, []table.Values) {}))
	if err != nil || len(got) != 3 {
		t.Fatalf("got %v, %v", got, err)
	}
	if got[0] != (mining.Target{Campaign: "may", Rank: 1, Customer: "a", Arm: datasets.Treated, Day: 100, Score: 0.5, Cost: datasets.Unit / 4}) {
		t.Errorf("got %+v", got[0])
	}
	if got[1].Arm != datasets.Control || got[1].Score == got[1].Score || got[2].Campaign != "june" {
		t.Errorf("got %+v", got[1:])
	}
}

func TestDamagedListsAreRefused(t *testing.T) {
	for want, change := range map[string]func(columns []table.Column, v []table.Values){
		`column "arm" not found`:  func(c []table.Column, _ []table.Values) { c[3].Name = "group" },
		`want treated or control`: func(_ []table.Column, v []table.Values) { v[3].Strings[1] = "both" },
		`got no amount`:           func(_ []table.Column, v []table.Values) { v[6].Floats[2] = -1 },
		`columns of other kinds`: func(c []table.Column, v []table.Values) {
			c[4].Type, v[4] = table.Int64, table.Values{Ints: []int64{1, 2, 3}}
		},
		`column "customer": got no val`: func(c []table.Column, v []table.Values) { c[2].Nullable, v[2].Valid = true, datasets.NewBitmap(3) },
	} {
		if _, err := targets.Read(t.Context(), write(t, change)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestFilesSayMoreThanListsDo(t *testing.T) {
	lists := []mining.Target{
		{Campaign: "may", Customer: "a", Arm: datasets.Treated, Day: 100, Cost: 5}, {Campaign: "may", Customer: "b", Arm: datasets.Control, Day: 100},
		{Campaign: "june", Customer: "alias", Arm: datasets.Treated, Day: 130, Cost: 7},
	}
	files := &datasets.Campaigns{}
	files.Add([]byte("a"), []byte("may"), datasets.Contact{Time: 102 * datasets.FullDay, Cost: 9})
	files.Settle()
	resolve := func(id []byte) []byte {
		if string(id) == "alias" {
			return []byte("a")
		}
		return id
	}
	all := targets.Join(files, lists, resolve)
	if x, ok := all.Contact([]byte("a"), "may"); !ok || x.Arm != datasets.Treated || x.Cost != 9 || x.Time.Day() != 102 {
		t.Errorf("got %+v, %v; want the day and cost of the file and the arm of the list", x, ok)
	}
	if x, ok := all.Contact([]byte("b"), "may"); !ok || x.Arm != datasets.Control || x.Cost != 0 {
		t.Errorf("got %+v, %v", x, ok)
	}
	if x, ok := all.Contact([]byte("a"), "june"); !ok || x.Cost != 7 || x.Time.Day() != 130 {
		t.Errorf("got %+v, %v", x, ok)
	}
	if targets.Join(files, nil, nil) != files {
		t.Error("files without lists are not left as they are")
	}
	if only := targets.Join(nil, lists, nil); only.Len() != 3 {
		t.Errorf("got %d contacts of lists alone, want 3", only.Len())
	}
}
