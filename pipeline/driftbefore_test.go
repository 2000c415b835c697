package pipeline

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/parquetio"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/reference"
)

// psiOf returns the PSI of each feature in drift.parquet.
func psiOf(t *testing.T, folder string) map[string]float64 {
	t.Helper()
	r, err := parquetio.Open(filepath.Join(folder, "drift.parquet"))
	must(t, err)
	defer func() { must(t, r.Close()) }()
	at := func(name string) int {
		return slices.IndexFunc(r.Fields(), func(f datasets.Field) bool { return f.Name == name })
	}
	must(t, r.Select([]int{at("feature"), at("psi")}))
	out := map[string]float64{}
	part, err := r.Next(context.Background())
	must(t, err)
	var frame datasets.Frame
	must(t, part.Each(&frame, func() error {
		names, psi := &frame.Columns[0], &frame.Columns[1]
		for i := range frame.Rows {
			name := ""
			if names.Codes != nil {
				name = string(names.Dict.At(int(names.Codes[i])))
			} else {
				name = string(names.Texts.At(i))
			}
			out[name] = psi.Floats[i]
		}
		return nil
	}))
	return out
}

// A run keeps the spread of the features that its models read. A later run thus finds the same shifts as the history itself
// would show, though segments.parquet holds three of the features alone.
func TestFeaturesThatTheRunBeforeKeptAreComparedAsTheHistoryWould(t *testing.T) {
	const learning = "{segments: {k: 3, features: [recency_days, frequency, monetary, tenure_days, gap_mean]}, migration: "
	job := dailyJob(t, learning+"{}}")
	mustRun(t, on(t, job, "2024-12-01"))
	result := mustRun(t, on(t, job, "2025-04-28"))
	kept := psiOf(t, result.Folder)
	history := psiOf(t, mustRun(t, on(t, dailyJob(t, learning+"{against: 2024-12-01}}"), "2025-04-28")).Folder)
	for _, name := range []string{"recency_days", "frequency", "monetary", "tenure_days", "gap_mean"} {
		want, known := history[name]
		if got, has := kept[name]; !known || !has || got != want {
			t.Errorf("%s: got the PSI %v (%v) by what the run before kept, want %v as the history shows", name, got, has, want)
		}
	}
	if !slices.ContainsFunc(result.Manifest.Inputs, func(in manifest.Input) bool { return in.Path == "as_of=2024-12-01/"+reference.Name }) {
		t.Errorf("got the inputs %v, want the reference of the run before as well", result.Manifest.Inputs)
	}
}
