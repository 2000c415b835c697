package migration

import (
	"context"
	"fmt"
	"iter"
	"math"
	"reflect"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models/drift"
)

// person is a customer of the worked example; "" is no group.
type person struct {
	id, segment string
	money       float64
	since       int32 // 0: not known
}

// batches yields people two at a time, with the columns that a run fills.
func batches(people []person, without ...string) iter.Seq2[*mining.Batch, error] {
	return func(yield func(*mining.Batch, error) bool) {
		for from := 0; from < len(people); from += 2 {
			some := people[from:min(from+2, len(people))]
			var ids datasets.Strings
			names := table.Values{Valid: datasets.NewBitmap(len(some))}
			money := table.Values{}
			since := table.Values{Int32s: make([]int32, len(some)), Valid: datasets.NewBitmap(len(some))}
			for i, p := range some {
				ids.Append([]byte(p.id))
				names.Strings = append(names.Strings, p.segment)
				if p.segment != "" {
					names.Valid.Set(i)
				}
				money.Floats = append(money.Floats, p.money)
				since.Int32s[i] = p.since
				if p.since > 0 {
					since.Valid.Set(i)
				}
			}
			b := mining.NewBatch(ids, nil, nil)
			b.First = from
			for name, v := range map[string]table.Values{"rfm_segment": names, "monetary": money, "rfm_segment_since": since} {
				if len(without) == 0 || without[0] != name {
					b.Add(&mining.Scored{Column: mining.Column{Column: table.Column{Name: name}}, Values: v})
				}
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

func followed5(t *testing.T, made bool) (*findings, *mining.Input) {
	t.Helper()
	names := []string{"recency_days"}
	rows, err := features.NewTable(features.DefaultTable(names, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	})
	// By its own limits a is loyal still; by those of the reference, a is at risk.
	own := []person{{"a", "loyal", 10, 0}, {"b", "champions", 20, 0}, {"d", "at_risk", 40, 0}, {"e", "champions", 50, 0}, {"f", "", 0, 0}}
	now := []person{{"a", "at_risk", 10, 0}, {"b", "champions", 20, 0}, {"d", "hibernating", 40, 0}, {"e", "champions", 50, 0}, {"f", "", 0, 0}}
	then := []person{{"a", "loyal", 9, 70}, {"b", "at_risk", 15, 80}, {"c", "loyal", 30, 90}, {"d", "at_risk", 40, 0}}
	builder := rows.Bucket(0, 0)
	for i, p := range own {
		row, err := builder.Next([]byte(p.id))
		if err != nil {
			t.Fatal(err)
		}
		row[0] = float64(i)
	}
	if err := builder.Close(); err != nil {
		t.Fatal(err)
	}
	if err := rows.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	in := &mining.Input{
		Run: &mining.Run{AsOf: 100, Features: []features.Feature{{Name: "recency_days"}}}, Table: rows,
		Scores: func(context.Context, []string) iter.Seq2[*mining.Batch, error] { return batches(own) },
		Reference: &mining.Reference{
			AsOf: 99, Made: made,
			Then:   func(context.Context, []string) iter.Seq2[*mining.Batch, error] { return batches(then) },
			Now:    func(context.Context, []string) iter.Seq2[*mining.Batch, error] { return batches(now) },
			Values: func(context.Context, string) ([]float64, error) { return []float64{0, 1, 2, 10}, nil },
			Kept:   func(string) (drift.Reference, bool) { return drift.Reference{}, false },
			Reads:  []string{"recency_days"},
		},
	}
	f := &findings{follower: newFollower(in)}
	if err := f.walk(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	f.drop()
	if err := f.measure(); err != nil {
		t.Fatal(err)
	}
	return f, in
}

func TestCustomersAreFollowedByHand(t *testing.T) {
	f, _ := followed5(t, false)
	if len(f.groupings) != 1 || f.before != 4 || f.now != 5 || f.both != 3 {
		t.Fatalf("got %d groupings, %d, %d and %d customers; want 1, 4, 5 and 3", len(f.groupings), f.before, f.now, f.both)
	}
	g := f.groupings[0]
	got := map[string]cell{}
	for way, c := range g.limits {
		got[g.name(way[0])+">"+g.name(way[1])] = c
	}
	want := map[string]cell{
		"loyal>at_risk":       {1, 10_000_000}, // a, with the money of now
		"at_risk>champions":   {1, 20_000_000},
		"loyal>(none)":        {1, 30_000_000}, // c is gone, with the money of then
		"at_risk>hibernating": {1, 40_000_000},
		"(none)>champions":    {1, 50_000_000}, // e came; f has no group in either and counts nowhere
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// Nobody of three stayed. Shares then: loyal ½, at_risk ½; now: at_risk ¼, champions ½, hibernating ¼.
	floor := 1e-4
	psi := (floor-0.5)*math.Log(floor/0.5) + (0.25-0.5)*math.Log(0.5) + (0.5-floor)*math.Log(0.5/floor) + (0.25-floor)*math.Log(0.25/floor)
	if m := f.limits[0]; m.stayed != 0 || math.Abs(m.psi-psi) > 1e-12 {
		t.Errorf("got %v stayed and the PSI %v, want 0 and %v", m.stayed, m.psi, psi)
	}
	if m := f.own[0]; m.stayed != 2./3 { // a and d, as their runs ranked them
		t.Errorf("got %v stayed as each run ranked, want two of three", m.stayed)
	}
	for _, w := range []struct {
		name  string
		money int64
	}{{"newly_at_risk", 10}, {"newly_won", 70}, {"lost", 40}, {"woken", 20}} {
		for _, m := range movements {
			if sum := g.moved(m.is); m.name == w.name && sum.money != w.money*1_000_000 {
				t.Errorf("%s: got %v, want money of %d", m.name, sum, w.money)
			}
		}
	}
	// a is loyal since day 70 as published; b changed today; d is at risk, and nobody knows for how long before the reference.
	var since []string
	for i, s := range g.since {
		name := "-"
		if g.last[i] != none {
			name = g.book.names[g.last[i]]
		}
		since = append(since, fmt.Sprint(name, " ", s))
	}
	if want := "[loyal 70 at_risk 100 at_risk 99 - 100 - -1]"; fmt.Sprint(since) != want {
		t.Errorf("got the groups before and the days %v, want %s", since, want)
	}
}

func TestAModelThatIsNotThereLeavesTheGroupsAsTheyWereRanked(t *testing.T) {
	f, in := followed5(t, false)
	in.Reference.Now = func(context.Context, []string) iter.Seq2[*mining.Batch, error] {
		return batches([]person{{"a", "", 0, 0}, {"b", "", 0, 0}, {"d", "", 0, 0}, {"e", "", 0, 0}, {"f", "", 0, 0}}, "rfm_segment")
	}
	again := &findings{follower: newFollower(in)}
	if err := again.walk(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	again.drop()
	if err := again.measure(); err != nil {
		t.Fatal(err)
	}
	if again.limits[0] != f.own[0] || again.groupings[0].scored {
		t.Errorf("got %v, want the measures of the runs' own limits, %v", again.limits[0], f.own[0])
	}
	if w := again.warnings(in); len(w) == 0 || w[len(w)-1].Code != "own_limits" {
		t.Errorf("got %v, want a warning of the limits", w)
	}
}

func TestABarOfDriftStopsThePublication(t *testing.T) {
	f, _ := followed5(t, false)
	f.shifts = []shift{{feature: "tenure_days", psi: 99}, {feature: "recency_days", psi: 0.3, makes: true}}
	bar := func(psi float64) string { return (&task{Settings{MaxPSI: &psi}}).unmet(f) }
	if got := bar(100); got != "" {
		t.Errorf("got %q below the bar", got)
	}
	f.limits[0].psi = 0.1
	if got := bar(0.2); got == "" || got != "recency_days has a PSI of 0.300 since 1970-04-10, want at most 0.200 (max_psi); look for the cause, or raise max_psi" {
		t.Errorf("got %q", got)
	}
	if got := bar(0.4); got != "" { // tenure grows by itself, and makes no groups
		t.Errorf("got %q", got)
	}
	if got := (&task{}).unmet(f); got != "" {
		t.Errorf("without a bar: got %q", got)
	}
}

func TestEverybodyLeavesNobodyStays(t *testing.T) {
	m := matrix{}
	m.add(0, none, 1)
	got, err := m.measure(1)
	if err != nil || !math.IsNaN(got.psi) || !math.IsNaN(got.stayed) || !math.IsNaN(got.ari) {
		t.Errorf("got %v, %v; want nothing to be known", got, err)
	}
	m.add(none, 0, 1)
	if got, err = m.measure(1); err != nil || got.psi != 0 || !math.IsNaN(got.stayed) {
		t.Errorf("got %v, %v; want shares that are the same, and nobody to have stayed", got, err)
	}
}
