package segments

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/models/cluster"
)

// after returns the settings of a run some days later that goes on from another.
func after(before *Model, days int) Config {
	c := config(0)
	c.Before, c.AsOf, c.Refit, c.Drift = before, datasets.Day(20_454+days), Always, 0.25 // from 2026-01-01 on
	return c
}

// cloud returns customers around the middles of groups that overlap; customer i is the same person in every call.
func cloud(n int, middles [][]float64, day int) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		rng := rand.New(rand.NewPCG(11, uint64(i)))
		daily := rand.New(rand.NewPCG(uint64(day), uint64(i)))
		for _, v := range middles[i%len(middles)] {
			rows[i] = append(rows[i], v*math.Exp(0.45*rng.NormFloat64()+0.02*daily.NormFloat64()))
		}
	}
	return rows
}

func stored(t *testing.T, m *Model) *Model {
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
	return read
}

func TestGroupsKeepTheirNumbersAndNamesFromDayToDay(t *testing.T) {
	middles := [][]float64{{10, 20, 800}, {150, 5, 4_000}, {30, 2, 40}, {250, 2, 60}}
	var model *Model
	var numbers []int32
	var names []string
	for day := range 5 {
		table := tableOf(t, columns, cloud(900, middles, day), 3)
		f := find(t, after(model, day), table, nil)
		model = stored(t, f.Model)
		var number []int32
		var name []string
		for _, l := range f.Labels {
			number, name = append(number, f.Model.number(l)), append(name, f.Model.Names[l])
		}
		if day == 0 {
			numbers, names = number, name
			continue
		}
		same := 0
		for i := range number {
			if number[i] == numbers[i] && name[i] == names[i] {
				same++
			}
		}
		if f.Source != Continued || f.Kept != f.K || f.Choice != nil || float64(same) < 0.95*float64(len(number)) {
			t.Errorf("day %d: got %s, %d of %d groups kept, %d of %d customers in theirs", day, f.Source, f.Kept, f.K, same, len(number))
		}
		numbers, names = number, name
	}
}

func TestANewGroupGetsANumberThatNoneHasHad(t *testing.T) {
	old := find(t, after(nil, 0), tableOf(t, columns, obvious(300), 2), nil)
	if !slices.Equal(old.Model.Numbers, []int32{1, 2, 3}) || old.Model.Last != 3 || old.Source != Anew {
		t.Fatalf("got the numbers %v up to %d, %s", old.Model.Numbers, old.Model.Last, old.Source)
	}
	rows := obvious(300)
	for i := range rows {
		switch i % 6 { // the second group is gone: half of it are like nobody before, half have joined the third
		case 1:
			rows[i] = []float64{3 * (1 + 0.05*rand.New(rand.NewPCG(3, uint64(i))).Float64()), 400, 90_000}
		case 4:
			rows[i] = rows[i-2]
		}
	}
	f := find(t, after(stored(t, old.Model), 1), tableOf(t, columns, rows, 2), nil)
	gone := old.Model.number(old.Labels[1])
	if f.Source != Anew || f.Kept != 2 || f.Model.Last != 4 || slices.Contains(f.Model.Numbers, gone) || codes(f.Warnings)["refitted"].Code == "" {
		t.Errorf("got %s, the numbers %v up to %d, %d kept and %v; want group %d to be followed by 4", f.Source, f.Model.Numbers, f.Model.Last, f.Kept, f.Warnings, gone)
	}
	for _, i := range []int{0, 2} {
		if a, b := old.Model.number(old.Labels[i]), f.Model.number(f.Labels[i]); a != b || old.Model.Names[old.Labels[i]] != f.Model.Names[f.Labels[i]] {
			t.Errorf("group of customer %d: got %d, want %d and its name", i, b, a)
		}
	}
	if !slices.IsSorted(f.Model.Numbers) {
		t.Errorf("got the numbers %v, want them rising", f.Model.Numbers)
	}
}

func TestStoredGroupsScoreUntilARefitIsDue(t *testing.T) {
	first := find(t, after(nil, 0), tableOf(t, columns, obvious(300), 2), nil)
	moved := obvious(300)
	for i := range moved {
		moved[i][2] *= 4
	}
	table := tableOf(t, columns, moved, 2)
	for _, f := range []struct {
		refit Refit
		days  int
		want  Source
	}{
		{Never, 60, Stored}, {Monthly, 20, Stored}, {Monthly, 31, Anew}, {Always, 1, Anew},
	} {
		c := after(stored(t, first.Model), f.days)
		c.Refit = f.refit
		got := find(t, c, table, nil)
		if got.Source != f.want || !(got.Drift > 0.25) {
			t.Errorf("%s after %d days: got %s and a drift of %v, want %s", f.refit, f.days, got.Source, got.Drift, f.want)
		}
		advised := codes(got.Warnings)["drift"].Code != ""
		if advised != (f.want == Stored) {
			t.Errorf("%s after %d days: got %v, want a refit to be advised: %v", f.refit, f.days, got.Warnings, f.want == Stored)
		}
		if f.want == Stored && !slices.Equal(got.Model.KMeans.Centres()[0], first.Model.KMeans.Centres()[0]) {
			t.Errorf("%s: got other centres than those that were stored", f.refit)
		}
	}
}

func TestAnOlderModelWithoutNumbersIsGoneOnFrom(t *testing.T) {
	table := tableOf(t, columns, obvious(300), 2)
	first := find(t, after(nil, 0), table, nil)
	old := &Model{Scaler: first.Model.Scaler, KMeans: first.Model.KMeans, Names: first.Model.Names}
	f := find(t, after(stored(t, old), 1), table, nil)
	if f.Source != Continued || !slices.Equal(f.Model.Numbers, []int32{1, 2, 3}) || f.Drift == f.Drift {
		t.Errorf("got %s, the numbers %v and the drift %v", f.Source, f.Model.Numbers, f.Drift)
	}
}

func TestOtherSettingsBeginAnewAndKeepTheNumbers(t *testing.T) {
	table := tableOf(t, columns, obvious(300), 2)
	first := find(t, after(nil, 0), table, nil)
	c := after(stored(t, first.Model), 1)
	c.Features = columns[:2]
	f := find(t, c, table, nil)
	if f.Source != Anew || f.Kept != f.K {
		t.Errorf("got %s with %d of %d groups kept, want other features to begin anew with the same groups", f.Source, f.Kept, f.K)
	}
	for g := range three {
		if a, b := first.Model.number(first.Labels[g]), f.Model.number(f.Labels[g]); f.K == 3 && a != b {
			t.Errorf("group %d: got the number %d, want %d", g, b, a)
		}
	}
}

func TestCustomersSpreadEvenlyAreNoGroups(t *testing.T) {
	rows := make([][]float64, 500)
	for i := range rows {
		rng := rand.New(rand.NewPCG(5, uint64(i)))
		rows[i] = []float64{300 * rng.Float64(), 20 * rng.Float64(), 1_000 * rng.Float64()}
	}
	c := config(4)
	c.Scaler.Transform = "none"
	f := find(t, c, tableOf(t, columns, rows, 2), nil)
	if f.State != WeakStructure || codes(f.Warnings)[cluster.WarnWeakStructure].Code == "" {
		t.Errorf("got %s with %+v and %v, want a weak structure", f.State, f.Contrast, f.Warnings)
	}
	if f := find(t, config(3), tableOf(t, columns, obvious(300), 2), nil); f.State != "ok" || f.Contrast.Stability < 0.99 {
		t.Errorf("obvious groups: got %s, %+v", f.State, f.Contrast)
	}
}

func TestANameLastsUntilAWordTurnsIntoItsOpposite(t *testing.T) {
	f := func(given []string, centres [][]float64, want ...string) {
		t.Helper()
		got := lasting(given, centres, []spread{{0, 1}, {0, 1}, {0, 2}}, []string{"recency_days", "frequency", "basket_size_mean"}, words.MustOpen(words.English, ""))
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	two := [][]float64{{-2, 0.5, 0}, {0.3, -1, 0}}
	f([]string{"", ""}, two, "very recent, frequent", "very occasional, lapsed")
	f([]string{"recent, very frequent", ""}, two, "recent, very frequent", "very occasional, lapsed")
	f([]string{"average", "very recent, frequent"}, two, "average", "very occasional, lapsed") // recent has become lapsed
	f([]string{"very occasional, lapsed (2)", ""}, two, "very recent, frequent", "very occasional, lapsed")
	f([]string{"", "average"}, [][]float64{{0, 0, 0}, {0, 0, 1}}, "average (2)", "average") // which somebody has already
}

func TestDamagedHistoriesAreRefused(t *testing.T) {
	m := find(t, after(nil, 0), tableOf(t, columns, obvious(60), 1), nil).Model
	for name, damage := range map[string]func(*Model){
		"a number twice":        func(m *Model) { m.Numbers = []int32{1, 1, 2}[:len(m.Numbers)] },
		"a number of nobody":    func(m *Model) { m.Numbers = append(slices.Clone(m.Numbers), 9) },
		"the last too low":      func(m *Model) { m.Last = 0 },
		"a day that is none":    func(m *Model) { m.Fitted = "soon" },
		"a reference too few":   func(m *Model) { m.Features = m.Features[:1] },
		"a damaged reference":   func(m *Model) { m.Features = slices.Clone(m.Features); m.Features[0].Shares = nil },
		"a beginning of no day": func(m *Model) { m.Begun = "2026-13-01" },
	} {
		bad := *m
		damage(&bad)
		if bad.Validate() == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if err := m.Validate(); err != nil {
		t.Error(err)
	}
}
