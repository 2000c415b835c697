package csvio

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quintile-dev/quintile/datasets"
)

// result is everything that a file holds.
type result struct {
	names  []string
	rows   [][]string
	lines  []int64 // of the rows
	faults []datasets.Fault
}

// slurp reads everything through one frame.
func slurp(r *Reader) (result, error) {
	var out result
	for _, f := range r.Fields() {
		out.names = append(out.names, f.Name)
	}
	var frame datasets.Frame
	for {
		p, err := r.Next(context.Background())
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if err := p.Decode(&frame); err != nil {
			return out, err
		}
		for i := range frame.Rows {
			row := make([]string, len(frame.Columns))
			for c := range frame.Columns {
				texts := &frame.Columns[c].Texts
				row[c] = string(texts.At(i))
				if texts.Trimmed && len(datasets.Trim(texts.At(i))) != len(row[c]) {
					return out, fmt.Errorf("%q is in a column without white space around texts", row[c])
				}
			}
			out.rows = append(out.rows, row)
			out.lines = append(out.lines, frame.Position(i, "").Line)
		}
		out.faults = append(out.faults, frame.Faults...)
	}
}

// read reads text, or tells why it cannot.
func read(text string, o Options) (result, error) {
	r, err := NewReader(bytes.NewReader([]byte(text)), "t.csv", o)
	if err != nil {
		return result{}, err
	}
	defer r.Close()
	return slurp(r)
}

func mustRead(t testing.TB, text string, o Options) result {
	t.Helper()
	got, err := read(text, o)
	if err != nil {
		t.Fatalf("reading %.80q: %v", text, err)
	}
	return got
}

// diff tells how got differs from want; "" if not at all. It asks cmp, which is
// slow, only where there is something to tell.
func diff(want, got any) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got, cmp.AllowUnexported(result{}))
}

// brief writes faults as line:reason:column.
func brief(faults []datasets.Fault) (out []string) {
	for _, f := range faults {
		out = append(out, fmt.Sprintf("%d:%s:%s", f.Pos.Line, f.Reason, f.Pos.Column))
	}
	return out
}
