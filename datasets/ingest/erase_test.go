package ingest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestContactsOfErasedCustomersArePassedOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mailing.csv")
	text := "id,campaign,day,arm\nc1,may,2024-05-01,treated\nc2,may,2024-05-01,never heard of\nc2,may,2024-05-01,control\ntoo,few\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := CampaignSource{Source: tableOf(t, "", "id").Source, Customer: "id", Campaign: "campaign", Time: "day", Arm: "arm"}
	s.Path = path
	f := func(contacts, faults int, shown bool) {
		t.Helper()
		table, report, err := ReadCampaigns(context.Background(), []CampaignSource{s}, time.UTC, nil, 1<<20, nil)
		if err != nil {
			t.Fatal(err)
		}
		if table.Customers() != contacts || len(report.Faults) != faults {
			t.Fatalf("got %d customers, %v; want %d, and %d faults", table.Customers(), report.Faults, contacts, faults)
		}
		if last := report.Faults[faults-1]; (last.Got != "") != shown {
			t.Errorf("got %q of a row that cannot be cut into cells", last.Got)
		}
	}
	f(2, 2, true)
	s.Erased = func(id []byte) bool { return string(id) == "c2" }
	f(1, 1, false)
}
