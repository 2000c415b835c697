package load

import (
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

func TestRefusedCellsOfAnotherFormNameTheSettingThatReadsThem(t *testing.T) {
	f := func(reason datasets.Reason, want string, cells ...string) {
		t.Helper()
		var faults []datasets.Fault
		for _, c := range cells {
			faults = append(faults, datasets.Fault{Pos: datasets.Position{Column: "x"}, Reason: reason, Got: c, Shown: true})
		}
		got := refusals(faults)[0].String()
		if want == "" && strings.Contains(got, ";") || !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q in it", cells, got, want)
		}
	}
	f(datasets.BadNumber, `column "x": 2 rows were refused as bad_number; they look like numbers with a decimal comma`, "12,5", "x")
	f(datasets.BadNumber, `decimal: "," and thousands: "."`, "1.212,50")
	f(datasets.BadNumber, `set thousands: ","`, "1,212.50")
	f(datasets.BadNumber, "apostrophes", "1'212.50")
	f(datasets.BadNumber, "under missing", "N/A", "N/A", "twelve")
	f(datasets.BadNumber, "", "twelve", "12,5", "thirteen")
	f(datasets.BadTime, `the format "%d.%m.%Y"`, "24.12.2010", "25.12.2010")
	f(datasets.BadTime, "", "yesterday")
}
