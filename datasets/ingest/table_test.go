package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
)

// tableOf returns a source of a CSV file with this text.
func tableOf(t *testing.T, text string, columns ...string) TableSource {
	t.Helper()
	path := filepath.Join(t.TempDir(), "table.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := TableSource{Source: Source{Path: path, CSV: csvio.DefaultOptions(), Decimal: '.', Missing: []string{"NA"}}}
	for _, c := range columns {
		s.Columns = append(s.Columns, TableColumn{Name: c, For: "columns: " + c})
	}
	return s
}

func TestATableGivesTextsAndNumbersAndRefusesWhatFitsNeither(t *testing.T) {
	s := tableOf(t, "id,age,city\n 7 ,41.5,Bern\n8,NA,\n9,old,Rom\n10,1e15,Oslo\n11,-3\n,5,Graz\n", "age", "id")
	var got []string
	report, err := ReadTable(context.Background(), []TableSource{s}, nil, func(source int, rows *TableRows) error {
		for i := range rows.Len {
			age, ok := rows.Number(i, 0)
			if len(rows.Text(i, 1)) == 0 {
				rows.Refuse(i, 1, datasets.MissingKey, "an id")
			}
			got = append(got, fmt.Sprintf("%d %s %d %v %v", source, rows.Text(i, 1), age, ok, rows.Refused(i)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"0 7 41500000 true false", "0 8 0 false false", "0 9 0 false true", "0 10 0 false true", "0  5000000 true true"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	var faults []string
	for _, f := range report.Faults {
		faults = append(faults, fmt.Sprintf("%d %s %s %s", f.Pos.Line, f.Pos.Column, f.Reason, f.Got))
	}
	if want := []string{"4 age bad_number old", "5 age out_of_range 1e15", "6  wrong_field_count 11,-3", "7 id missing_key "}; !slices.Equal(faults, want) {
		t.Errorf("got %q, want %q", faults, want)
	}
	if in := report.Inputs[0]; len(report.Inputs) != 1 || in.Rows != 6 || in.Quarantined != 4 || in.Kept != 2 {
		t.Errorf("got %d read, %d refused, %d kept, want 6, 4 and 2", in.Rows, in.Quarantined, in.Kept)
	}
}

// Columns that stand in the path are found where others are, in whatever order.
func TestATableFindsColumnsInThePath(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "country=CH")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "a.csv"), []byte("id,age\n7,41\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := tableOf(t, "", "country", "age", "id")
	s.Path = filepath.Dir(folder)
	_, err := ReadTable(context.Background(), []TableSource{s}, nil, func(_ int, rows *TableRows) error {
		var got []string
		for k := range 3 {
			got = append(got, string(rows.Text(0, k)))
		}
		if want := []string{"CH", "41", "7"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Columns = append(s.Columns, TableColumn{Name: "town", For: "categories: city"})
	if _, err := ReadTable(context.Background(), []TableSource{s}, nil, nil); err == nil || !strings.Contains(err.Error(), `column "town" not found (categories: city)`) {
		t.Errorf("got %v, want the column that is not there", err)
	}
}

func TestATableEndsWithItsContextAndWithItsVisitor(t *testing.T) {
	s := tableOf(t, "id\n1\n2\n", "id")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := ReadTable(ctx, []TableSource{s}, nil, func(int, *TableRows) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	enough := errors.New("enough")
	if _, err := ReadTable(context.Background(), []TableSource{s}, nil, func(int, *TableRows) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v, want %v", err, enough)
	}
}

func TestAliasesBeyondTheirMemoryAreAnError(t *testing.T) {
	var text strings.Builder
	text.WriteString("alias,customer\n")
	for i := range 5000 {
		fmt.Fprintf(&text, "web %d,%d\n", i, i)
	}
	s := AliasSource{Source: tableOf(t, text.String()).Source, Alias: "alias", Customer: "customer"}
	rows := int64(0)
	table, _, err := ReadAliases(context.Background(), []AliasSource{s}, 4<<20, func(n int64) { rows += n })
	if err != nil || table.Len() != 5000 || rows != 5000 {
		t.Fatalf("got %v, %d aliases of %d rows, want 5000", err, table.Len(), rows)
	}
	var file *datasets.FileError
	if _, _, err := ReadAliases(context.Background(), []AliasSource{s}, 100_000, nil); !errors.As(err, &file) || !strings.Contains(err.Error(), "raise memory") {
		t.Errorf("got %v, want the memory as the reason", err)
	}
}
