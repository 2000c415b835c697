// Package compare measures the changes between two published runs: rows, money, groups,
// scores, models, configuration and features.
package compare

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/pipeline/published"
)

// Difference holds the changes from one run to another.
type Difference struct {
	Before   Run       `json:"before"`
	After    Run       `json:"after"`
	Equal    bool      `json:"equal"` // every file has the same checksum
	Files    []File    `json:"files"` // that differ, or that one run alone has
	Counts   []Value   `json:"counts"`
	Config   []Value   `json:"config"`
	Steps    []Value   `json:"steps"` // states and figures, by step and name
	Models   []string  `json:"models"`
	Base     Customers `json:"customers"`
	Groups   []Move    `json:"groups"`
	Scores   []Column  `json:"scores"`
	Features []Column  `json:"features"`
}

// Run names a run.
type Run struct {
	Folder string `json:"folder"`
	RunID  string `json:"run_id"`
	AsOf   string `json:"as_of"`
}

// File is a file with different checksums; "" if absent in a run.
type File struct {
	Path   string `json:"path"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Value is a different value in the manifests; nil if absent in a run.
type Value struct {
	Name   string `json:"name"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// Customers counts the customers known to both runs, and to only one run.
type Customers struct {
	Both int `json:"both"`
	New  int `json:"new"`
	Gone int `json:"gone"`
}

// Move is a number of customers of both runs who changed their group.
type Move struct {
	Grouping  string  `json:"grouping"`
	From      string  `json:"from"`
	To        string  `json:"to"`
	Customers int     `json:"customers"`
	Money     float64 `json:"money"` // that they had spent at the later run
}

// Column compares a column of numbers: the means, and the differences of customers of both
// runs.
type Column struct {
	Name       string   `json:"name"`
	MeanBefore *float64 `json:"mean_before"` // null where nobody has a value
	MeanAfter  *float64 `json:"mean_after"`
	Changed    int      `json:"changed"`     // customers of both runs whose value differs
	MeanChange *float64 `json:"mean_change"` // mean absolute difference of customers with both values
	PSI        *float64 `json:"psi"`         // population stability index, on tenths of the earlier run
}

// Runs compares two published runs, each file after verifying its checksum.
//
// Errors: the errors of reading the runs.
func Runs(ctx context.Context, before, after string) (*Difference, error) {
	a, err := published.Open(ctx, before)
	if err != nil {
		return nil, err
	}
	b, err := published.Open(ctx, after)
	if err != nil {
		return nil, err
	}
	d := &Difference{Before: named(a), After: named(b), Files: files(a, b)}
	d.Models = []string{}
	for _, f := range d.Files {
		if strings.HasPrefix(f.Path, "models/") {
			d.Models = append(d.Models, strings.TrimSuffix(strings.TrimPrefix(f.Path, "models/"), ".json"))
		}
	}
	for _, part := range []struct {
		dst  *[]Value
		keys []string
	}{{&d.Counts, []string{"rows", "customers", "orders", "return_orders", "products", "money"}}, {&d.Config, []string{"config"}}, {&d.Steps, []string{"steps"}}} {
		*part.dst = []Value{}
		for _, key := range part.keys {
			walk(part.dst, key, a.Text[key], b.Text[key])
		}
	}
	d.Equal = len(d.Files) == 0
	d.Groups, d.Scores, d.Features = []Move{}, []Column{}, []Column{}
	return d, d.customers(ctx, a, b)
}

func named(p *published.Run) Run {
	return Run{p.Folder, p.RunID, p.AsOf}
}

// files lists the differing files.
func files(a, b *published.Run) []File {
	sums := map[string][2]string{}
	for k, p := range []*published.Run{a, b} {
		for _, o := range p.Outputs {
			pair := sums[o.Path]
			pair[k] = o.SHA256
			sums[o.Path] = pair
		}
	}
	out := []File{}
	for _, path := range slices.Sorted(maps.Keys(sums)) {
		if pair := sums[path]; pair[0] != pair[1] {
			out = append(out, File{path, pair[0], pair[1]})
		}
	}
	return out
}

// walk lists the values that differ between two trees of JSON, by path.
func walk(dst *[]Value, path string, a, b any) {
	left, isLeft := a.(map[string]any)
	right, isRight := b.(map[string]any)
	if isLeft || isRight {
		keys := maps.Clone(left)
		if keys == nil {
			keys = map[string]any{}
		}
		maps.Copy(keys, right)
		if !(isLeft || a == nil) || !(isRight || b == nil) {
			*dst = append(*dst, Value{path, a, b})
			return
		}
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			walk(dst, path+"."+k, left[k], right[k])
		}
		return
	}
	if !reflect.DeepEqual(a, b) {
		*dst = append(*dst, Value{path, a, b})
	}
}

// customers compares groups, scores and features.
func (d *Difference) customers(ctx context.Context, a, b *published.Run) error {
	left, right, err := tables(ctx, a, b, "segments.parquet")
	if err != nil {
		return err
	}
	p := match(left, right)
	d.Base = Customers{Both: len(p.rows), New: right.Rows - len(p.rows), Gone: left.Rows - len(p.rows)}
	d.Groups, d.Scores = p.moves(), p.columns()
	left, right, err = tables(ctx, a, b, "features.parquet")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		d.Features = match(left, right).columns()
	}
	return err
}

// tables reads a file of both runs.
func tables(ctx context.Context, a, b *published.Run, name string) (left, right *published.Table, err error) {
	for _, side := range []struct {
		run *published.Run
		dst **published.Table
	}{{a, &left}, {b, &right}} {
		text, err := side.run.File(name)
		if err != nil {
			return nil, nil, err
		}
		if *side.dst, err = published.Read(ctx, text, nil); err != nil {
			return nil, nil, err
		}
	}
	return left, right, nil
}
