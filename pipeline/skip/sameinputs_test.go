package skip

import (
	"testing"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/load"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// Two entries may have traded their files: what was the aliases is transactions
// now, which the checksums alone do not tell.
func TestFilesOfOneTableDoNotStandForThoseOfAnother(t *testing.T) {
	p := &manifest.Published{Inputs: []manifest.Input{{Path: "a.csv", SHA256: "a"}, {Path: "b.csv", SHA256: "b", Table: load.IdentitiesTable}}}
	c := Run{Job: &config.Job{}}
	file := func(sum, table string) offered {
		return offered{File: &ingest.File{Name: sum + ".csv", SHA256: sum}, table: table, entries: 1}
	}
	if err := c.sameFiles([]offered{file("a", ""), file("b", load.IdentitiesTable)}, p); err != nil {
		t.Errorf("got %v, want the same", err)
	}
	if err := c.sameFiles([]offered{file("b", ""), file("a", load.IdentitiesTable)}, p); err == nil {
		t.Error("got the same, want a reason to run")
	}
}
