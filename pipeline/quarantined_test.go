package pipeline

import (
	"strings"
	"testing"
)

// The warning counts every refused row once, shows no cell, and the gate advises
// the mapping before the threshold.
func TestQuarantinedRowsAreWarnedOfByColumnAndReason(t *testing.T) {
	lines := strings.Replace(fewLines, "\n", "\nc7,2024-01-05 10:00:00,77,a,1,\"2,50\"\nc7,2024-01-05 10:00:00,78,a\nc8,2024-01-05 10:00:00,78,a\n", 1)
	job := parse(t, smallJob(t, lines))
	job.Quality.MaxQuarantined = 1
	m := mustRun(t, job).Manifest
	got := map[string]int{}
	for _, w := range m.Warnings {
		if w.Code == "quarantined" {
			got[w.Message] += w.Count
		}
	}
	want := map[string]int{
		"whole rows: 2 rows were refused as wrong_field_count": 2,
		`column "price": 1 row was refused as bad_number; they look like numbers with a decimal comma, or with commas between thousands: set decimal: "," or thousands: ","`: 1,
	}
	for message, n := range want {
		if got[message] != n {
			t.Errorf("got %v, want %q with %d", got, message, n)
		}
	}
	if len(got) != len(want) || m.Rows.Quarantined != 3 {
		t.Errorf("got %d warnings and %d rows, want %d and 3", len(got), m.Rows.Quarantined, len(want))
	}
}
