package load

import (
	"fmt"
	"maps"
	"slices"

	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// Fate describes in words the fate of the rows.
func (d *Data) Fate() string {
	rows := d.Rows()
	text := fmt.Sprintf("%d read, %d kept, %d quarantined", rows.Read, rows.Kept, rows.Quarantined)
	for _, name := range slices.Sorted(maps.Keys(rows.SetAside)) {
		text += fmt.Sprintf(", %d set aside as %s", rows.SetAside[name], name)
	}
	return text
}

// fruitlessShown is the number of files named in an error.
const fruitlessShown = 3

// fruitless names the files that gave no row to work with.
func (d *Data) fruitless() string {
	text, n := "", 0
	for _, in := range d.Inputs {
		if in.Kept > 0 {
			continue
		}
		if n++; n <= fruitlessShown {
			text += fmt.Sprintf("; %s has %d rows, none of which counts", in.Path, in.Rows)
		}
	}
	if n > fruitlessShown {
		text += fmt.Sprintf("; and %d more files", n-fruitlessShown)
	}
	return text
}

// Rows adds up the fate of all rows.
func (d *Data) Rows() manifest.Rows {
	rows := manifest.Rows{SetAside: map[string]int64{ingest.NoCustomer: 0, ingest.AfterAsOf: 0}}
	if d.Job.Privacy.Erase != "" {
		rows.SetAside[ingest.Erased] = 0
	}
	for _, in := range d.Inputs {
		rows.Read += in.Rows
		rows.Kept += in.Kept
		rows.Quarantined += in.Quarantined
		for name, n := range in.SetAside {
			rows.SetAside[name] += n
		}
	}
	rows.Kept -= d.AfterAsOf
	rows.SetAside[ingest.AfterAsOf] += d.AfterAsOf
	return rows
}
