package stepcheck

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// job returns the job over files of the retailer, with further settings.
func (c Check) job(t *testing.T, path string, settings ...string) config.Job {
	t.Helper()
	inputs := c.Inputs
	if c.Files != nil {
		folder := t.TempDir()
		for _, name := range slices.Sorted(maps.Keys(c.Files)) {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(c.Files[name]), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		inputs = strings.ReplaceAll(inputs, "FILE", folder)
	}
	job, err := config.Parse("job.yaml", []byte(fmt.Sprintf(`
job: check
output: %s
inputs:
  transactions:
    - path: %s
      columns: {customer: customer_id, time: time, order: order_id, product: product, quantity: quantity,
                unit_price: unit_price, category: category, channel: channel, region: region, discount: discount, cost: cost}
%s
steps: %s
%s
`, t.TempDir(), path, inputs, c.Steps, strings.Join(settings, "\n"))))
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func env() pipeline.Env {
	return pipeline.Env{Log: zerolog.Nop(), Now: func() time.Time { return time.Unix(0, 0) }, Version: "check"}
}

func (c Check) run(t *testing.T, job config.Job) *pipeline.Result {
	t.Helper()
	result, err := pipeline.Run(context.Background(), job, env())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// write writes lines to a file in a folder of its own.
func write(t *testing.T, name, header string, lines []string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(header+"\n"+strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// compare compares two published folders byte by byte, but for the manifest.
func compare(t *testing.T, what, got, want string) {
	t.Helper()
	a, b := digests(t, got), digests(t, want)
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if a[name] != b[name] {
			t.Errorf("%s: %s differs", what, name)
		}
	}
	if len(a) != len(b) {
		t.Errorf("%s: got %d files, want %d", what, len(a), len(b))
	}
}

func digests(t *testing.T, folder string) map[string][32]byte {
	t.Helper()
	out := map[string][32]byte{}
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "manifest.json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		out[name] = sha256.Sum256(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Cells returns a column of segments.parquet as texts, "" for null.
func Cells(t *testing.T, folder, column string) []string {
	t.Helper()
	return FileCells(t, filepath.Join(folder, "segments.parquet"), column)
}

// FileCells returns a column of a Parquet file as texts, "" for null.
func FileCells(t *testing.T, path, column string) []string {
	t.Helper()
	r, err := parquetio.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	at := slices.IndexFunc(r.Fields(), func(f datasets.Field) bool { return f.Name == column })
	if at < 0 {
		t.Fatalf("%s has no column %s", filepath.Base(path), column)
	}
	if err := r.Select([]int{at}); err != nil {
		t.Fatal(err)
	}
	var out []string
	var frame datasets.Frame
	for {
		part, err := r.Next(context.Background())
		if err != nil {
			return out // at the end
		}
		err = part.Each(&frame, func() error {
			for i := range frame.Rows {
				out = append(out, cell(&frame.Columns[0], i))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// cell returns a value as text.
func cell(c *datasets.Column, i int) string {
	switch {
	case !c.Valid.Get(i):
		return ""
	case c.Codes != nil:
		return string(c.Dict.At(int(c.Codes[i])))
	case c.Ints != nil:
		return fmt.Sprint(c.Ints[i])
	case c.Floats != nil:
		return fmt.Sprint(c.Floats[i])
	}
	return string(c.Texts.At(i))
}
