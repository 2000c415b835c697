package rfm

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// scored is what fit gives on a day for customers with so much money each, after a run whose model is given.
func scored(t *testing.T, set Settings, day string, before *mining.Before, money ...float64) (*Model, []string) {
	t.Helper()
	asOf, err := datasets.ParseDay(day)
	if err != nil {
		t.Fatal(err)
	}
	var values features.RFMInput
	for _, v := range money {
		values.Recency, values.Frequency = append(values.Recency, 100-v), append(values.Frequency, v)
		values.Monetary = append(values.Monetary, v)
	}
	c := set.Scoring()
	m, warnings, err := (&task{set: set}).fit(context.Background(), &mining.Input{Run: &mining.Run{AsOf: asOf, Before: before}}, c, values)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, w := range warnings {
		codes = append(codes, w.Code)
	}
	return m, codes
}

// runBefore is a run whose model went through its file.
func runBefore(t *testing.T, m *Model, day string) *mining.Before {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	read := new(Model)
	if err := json.Unmarshal(text, read); err != nil {
		t.Fatal(err)
	}
	if err := read.Validate(); err != nil {
		t.Fatal(err)
	}
	asOf, err := datasets.ParseDay(day)
	if err != nil {
		t.Fatal(err)
	}
	return &mining.Before{AsOf: asOf, Models: map[string]mining.Model{Step.Name: read}}
}

func TestAScoreMeansTheSameForAQuarter(t *testing.T) {
	first, _ := scored(t, Default(), "2026-07-01", nil, 10, 20, 30, 40, 50)
	// In the quarter everybody has become better: by the limits of July all but one are among the best.
	kept, warned := scored(t, Default(), "2026-09-30", runBefore(t, first, "2026-07-01"), 45, 50, 60, 70, 80)
	if kept.Learned != "2026-07-01" || len(warned) > 0 || !reflect.DeepEqual(kept.R, first.R) || !reflect.DeepEqual(kept.M, first.M) {
		t.Errorf("got limits of %s, %v and %v; want those of July", kept.Learned, kept.M, warned)
	}
	if _, _, m := kept.Score(10, 3, 60, 0); m != 5 {
		t.Errorf("got %d for 60, want 5 by the limits of July", m)
	}
	// They are handed on from run to run, and end with the quarter.
	again, _ := scored(t, Default(), "2026-09-30", runBefore(t, kept, "2026-09-29"), 1, 2, 3)
	if again.Learned != "2026-07-01" {
		t.Errorf("got limits of %s, want those of July", again.Learned)
	}
	next, warned := scored(t, Default(), "2026-10-01", runBefore(t, kept, "2026-09-30"), 45, 50, 60, 70, 80)
	if _, _, m := next.Score(10, 3, 60, 0); next.Learned != "2026-10-01" || m != 3 || len(warned) > 0 {
		t.Errorf("got limits of %s and %d for 60 of five, want new ones and 3", next.Learned, m)
	}
	own := Default()
	own.Limits = ownLimits
	if m, _ := scored(t, own, "2026-09-30", runBefore(t, first, "2026-07-01"), 45, 50); m.Learned != "2026-09-30" || own.Follows() {
		t.Errorf("limits: own: got limits of %s", m.Learned)
	}
}

func TestLimitsOfOtherSettingsAreNotKept(t *testing.T) {
	first, _ := scored(t, Default(), "2026-07-01", nil, 10, 20, 30, 40, 50)
	before := runBefore(t, first, "2026-07-01")
	for name, change := range map[string]func(*Settings){
		"bins":     func(s *Settings) { s.Bins = 4 },
		"ties":     func(s *Settings) { s.Ties = "share" },
		"method":   func(s *Settings) { s.Method = "nested" },
		"monetary": func(s *Settings) { s.Monetary = "net" },
		"cuts":     func(s *Settings) { s.Cuts = &Cuts{Monetary: []float64{1, 2, 3, 4}} },
	} {
		set := Default()
		change(&set)
		m, warned := scored(t, set, "2026-07-02", before, 10, 20, 30)
		if m.Learned != "2026-07-02" || !reflect.DeepEqual(warned, []string{"limits_not_kept"}) {
			t.Errorf("%s: got limits of %s and %v, want new ones and a warning", name, m.Learned, warned)
		}
	}
	names := Default()
	names.Map = &Cells{Version: "mine", Rules: []Cell{{Name: "all"}}}
	if m, warned := scored(t, names, "2026-07-02", before, 10, 20, 30); m.Learned != "2026-07-01" || m.Segments.Version != "mine" || len(warned) > 0 {
		t.Errorf("other names: got limits of %s, the map %s and %v; names are no limits", m.Learned, m.Segments.Version, warned)
	}
	fixed := Default()
	fixed.Cuts = &Cuts{Frequency: []float64{2, 4, 7, 10}}
	one, _ := scored(t, fixed, "2026-07-01", nil, 10, 20, 30, 40, 50)
	two, warned := scored(t, fixed, "2026-07-02", runBefore(t, one, "2026-07-01"), 1, 2)
	if two.Learned != "2026-07-01" || len(warned) > 0 || !reflect.DeepEqual(two.F, one.F) {
		t.Errorf("the same cuts: got limits of %s and %v", two.Learned, warned)
	}
	nobody := &Model{RFMModel: first.RFMModel}
	empty := *first.RFMModel
	empty.R = nil
	nobody.RFMModel = &empty
	if m, _ := scored(t, Default(), "2026-07-02", runBefore(t, nobody, "2026-07-01"), 10, 20, 30); m.Learned != "2026-07-02" {
		t.Errorf("a run in which nobody bought: got limits of %s", m.Learned)
	}
}

func TestAModelWithoutADayIsOfTheRunBefore(t *testing.T) {
	first, _ := scored(t, Default(), "2026-07-01", nil, 10, 20, 30, 40, 50)
	first.Learned = ""
	if m, _ := scored(t, Default(), "2026-08-02", runBefore(t, first, "2026-08-01"), 1, 2, 3); m.Learned != "2026-08-01" {
		t.Errorf("got limits of %s, want those of the run before", m.Learned)
	}
	if (&Model{}).Validate() == nil || (&Model{RFMModel: first.RFMModel, Learned: "then"}).Validate() == nil {
		t.Error("got no error of a damaged model")
	}
}
