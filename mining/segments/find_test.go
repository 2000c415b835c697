package segments

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/models"
)

var columns = []string{"recency_days", "frequency", "monetary"}

// tableOf builds a table of rows, whose ids rise with their positions, dealt to
// as many buckets as asked for.
func tableOf(t testing.TB, names []string, rows [][]float64, buckets int) *features.Table {
	t.Helper()
	table, err := features.NewTable(features.DefaultTable(names, buckets))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	})
	for b := range buckets {
		builder := table.Bucket(b, 0)
		for i := b; i < len(rows); i += buckets {
			row, err := builder.Next(fmt.Appendf(nil, "c%06d", i))
			if err != nil {
				t.Fatal(err)
			}
			copy(row, rows[i])
		}
		if err := builder.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	return table
}

// three are the groups of the worked example: regulars, big spenders who are
// gone, and people who came once and lately. Customer i is of group i % 3.
var three = [][]float64{
	{10, 40, 1_000},
	{300, 4, 20_000},
	{20, 1, 30},
}

// obvious returns customers near the middle of their groups.
func obvious(n int) [][]float64 {
	rng := rand.New(rand.NewPCG(8, 0))
	rows := make([][]float64, n)
	for i := range rows {
		for _, v := range three[i%3] {
			rows[i] = append(rows[i], v*(1+0.05*rng.Float64()))
		}
	}
	return rows
}

func config(k int) Config {
	return Config{
		K: k, MinK: 2, MaxK: 6, Features: columns, Restarts: 8, Seed: 1, Workers: 2, Words: words.MustOpen(words.English, ""),
		Scaler: features.ScalerConfig{Transform: features.Log, Scale: features.Standard},
	}
}

func find(t testing.TB, c Config, table *features.Table, chosen []uint32) *Findings {
	t.Helper()
	f, err := Find(context.Background(), c, table, chosen)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// partition checks that customers have the same label if and only if they are
// of the same true group.
func partition(t *testing.T, labels []int32, group func(i int) int) {
	t.Helper()
	of := map[int]int32{}
	used := map[int32]int{}
	for i, l := range labels {
		g := group(i)
		if want, known := of[g]; known && want != l {
			t.Fatalf("customer %d: got group %d, want %d", i, l, want)
		}
		if other, known := used[l]; known && other != g {
			t.Fatalf("customer %d: got group %d, which holds others", i, l)
		}
		of[g], used[l] = l, g
	}
}

func TestThreeObviousGroupsAreFound(t *testing.T) {
	table := tableOf(t, columns, obvious(300), 4)
	for _, k := range []int{3, 0} {
		f := find(t, config(k), table, nil)
		if f.State != mining.OK || f.K != 3 || f.Explained < 0.99 || f.Iterations < 1 || (f.Choice != nil) != (k == 0) {
			t.Fatalf("k %d: got %s, k %d, explained %g, choice %v", k, f.State, f.K, f.Explained, f.Choice)
		}
		partition(t, f.Labels, func(i int) int { return i % 3 })
		// Of the regulars the many orders say most, of the gone the many days and the
		// money, of the third the little money.
		for g, want := range map[int]string{0: "very frequent", 1: "lapsed", 2: "low-spending"} {
			if name := f.Model.Names[f.Labels[g]]; !strings.Contains(name, want) {
				t.Errorf("k %d, group %d: got the name %q, want %q in it", k, g, name, want)
			}
		}
		if distinct := slices.Compact(slices.Sorted(slices.Values(f.Model.Names))); len(distinct) != 3 {
			t.Errorf("k %d: got the names %q, want each once", k, f.Model.Names)
		}
		if len(f.Warnings) > 0 {
			t.Errorf("k %d: got %v", k, f.Warnings)
		}
	}
}

func TestInertiaIsThatOfTheScaledColumns(t *testing.T) {
	f := find(t, config(3), tableOf(t, columns, obvious(90), 2), nil)
	inertia, total := 0.0, 0.0
	for j, col := range f.Scaled.Cols {
		sums, counts := map[int32]float64{}, map[int32]float64{}
		all := 0.0
		for i, v := range col {
			sums[f.Labels[i]] += float64(v)
			counts[f.Labels[i]]++
			all += float64(v) / float64(len(col))
		}
		for i, v := range col {
			l := f.Labels[i]
			inertia += math.Pow(float64(v)-sums[l]/counts[l], 2)
			total += math.Pow(float64(v)-all, 2)
		}
		if centre := f.Model.KMeans.Centres()[0][j]; math.Abs(centre-sums[0]/counts[0]) > 1e-6 {
			t.Errorf("column %d: got the centre %g, want the mean %g", j, centre, sums[0]/counts[0])
		}
	}
	const float32s = 1e-4 // relative: the points are float32
	if math.Abs(f.Inertia-inertia) > float32s*inertia || math.Abs(f.Explained-(1-inertia/total)) > float32s {
		t.Errorf("got inertia %g, explained %g; want %g, %g", f.Inertia, f.Explained, inertia, 1-inertia/total)
	}
}

func TestTheSameGroupsWhateverTheWorkersAndBuckets(t *testing.T) {
	rows := obvious(240)
	rng := rand.New(rand.NewPCG(9, 0))
	for i := range rows { // not so obvious any more
		for j := range rows[i] {
			rows[i][j] *= math.Exp(rng.NormFloat64())
		}
	}
	want := find(t, config(0), tableOf(t, columns, rows, 1), nil)
	for _, workers := range []int{1, 3} {
		c := config(0)
		c.Workers = workers
		got := find(t, c, tableOf(t, columns, rows, 7), nil)
		if got.K != want.K || got.Inertia != want.Inertia || !slices.Equal(got.Labels, want.Labels) || !slices.Equal(got.Model.Names, want.Model.Names) {
			t.Errorf("%d workers: got k %d, inertia %v; want %d, %v", workers, got.K, got.Inertia, want.K, want.Inertia)
		}
	}
}

func TestAModelFromAFileAssignsTheSame(t *testing.T) {
	table := tableOf(t, columns, obvious(120), 3)
	chosen := []uint32{0, 1, 2, 5, 8, 20}
	for i := uint32(30); i < 110; i++ {
		chosen = append(chosen, i)
	}
	f := find(t, config(3), table, chosen)
	text, err := json.Marshal(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	var m Model
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(&m)
	if err != nil || string(again) != string(text) {
		t.Errorf("got other JSON the second time: %v", err)
	}
	for _, model := range []*Model{f.Model, &m} {
		got, err := assign(model, table, chosen)
		if err != nil || !slices.Equal(got, f.Labels) {
			t.Errorf("got %v, %v; want the labels of the fit", got, err)
		}
		all, err := assign(model, table, nil)
		if err != nil || len(all) != 120 {
			t.Fatalf("got %d labels, %v", len(all), err)
		}
		partition(t, all, func(i int) int { return i % 3 }) // those who were not chosen as well
	}
}

// assign scores the chosen customers of a table, nil for all.
func assign(m *Model, t *features.Table, chosen []uint32) ([]int32, error) {
	cols, err := t.Columns(context.Background(), m.Reads(), chosen)
	if err != nil {
		return nil, err
	}
	var ids datasets.Strings
	for i := range cols[0] {
		ids.Append(fmt.Append(nil, i))
	}
	dst := mining.NewScores(Step.Columns, len(cols[0]))
	if err := m.ScoreTo(context.Background(), dst, mining.NewBatch(ids, m.Reads(), cols), 1); err != nil {
		return nil, err
	}
	labels := slices.Clone(dst.Columns()[0].Values.Int32s)
	for i := range labels {
		labels[i]--
	}
	return labels, nil
}

func TestDamagedModelsAreRefused(t *testing.T) {
	f := find(t, config(3), tableOf(t, columns, obvious(60), 1), nil)
	bad := map[string]Model{
		"empty":          {},
		"no centres":     {Scaler: f.Model.Scaler, Names: f.Model.Names},
		"no scaler":      {KMeans: f.Model.KMeans, Names: f.Model.Names},
		"a name too few": {Scaler: f.Model.Scaler, KMeans: f.Model.KMeans, Names: f.Model.Names[:2]},
		"a column too few": {
			Scaler: &features.Scaler{Scale: f.Model.Scaler.Scale, Columns: f.Model.Scaler.Columns[:2]},
			KMeans: f.Model.KMeans, Names: f.Model.Names,
		},
		"a column that cannot be scaled": {
			Scaler: &features.Scaler{Scale: f.Model.Scaler.Scale, Columns: make([]features.ColumnScale, 3)},
			KMeans: f.Model.KMeans, Names: f.Model.Names,
		},
	}
	for name, m := range bad {
		if m.Validate() == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestTooFewCustomersAreInsufficient(t *testing.T) {
	table := tableOf(t, columns, obvious(60), 2)
	f := func(c Config, n int, want mining.State) {
		t.Helper()
		chosen := make([]uint32, n)
		for i := range chosen {
			chosen[i] = uint32(i)
		}
		got := find(t, c, table, chosen)
		if got.State != want || (got.Model == nil) != (want == mining.Insufficient) {
			t.Errorf("%d customers: got %s, want %s", n, got.State, want)
		}
		if want == mining.Insufficient && (len(got.Warnings) != 1 || got.Warnings[0].Code != "too_few_customers" || got.Warnings[0].Count != n) {
			t.Errorf("%d customers: got %v", n, got.Warnings)
		}
	}
	f(config(3), 0, mining.Insufficient)
	f(config(3), 29, mining.Insufficient)
	f(config(3), 30, mining.OK)
	f(config(0), 19, mining.Insufficient)
	f(config(0), 20, mining.OK)
}

func TestNoMoreGroupsAreTriedThanAsked(t *testing.T) {
	table := tableOf(t, columns, obvious(60), 2)
	c := config(0)
	c.MinK, c.MaxK = 2, 2
	if f := find(t, c, table, nil); f.K != 2 || f.Choice != nil {
		t.Errorf("got k %d, want the only one allowed", f.K)
	}
	c.MaxK = 10 // more than 60 customers make
	f := find(t, c, table, nil)
	if n := len(f.Choice.Candidates); f.Choice.Candidates[n-1].K > 60/minPerSegment {
		t.Errorf("got %d groups tried, want at most %d", f.Choice.Candidates[n-1].K, 60/minPerSegment)
	}
	if f := find(t, c, table, make([]uint32, 0, 25)[:0]); f.State != mining.Insufficient {
		t.Errorf("got %s, want nobody to be too few", f.State)
	}
}

func codes(warnings []models.Warning) map[string]models.Warning {
	out := map[string]models.Warning{}
	for _, w := range warnings {
		out[w.Code] = w
	}
	return out
}

func TestMissingValuesCountAsTheMedian(t *testing.T) {
	rows := obvious(90)
	filled := obvious(90)
	var known []float64
	for i := range rows {
		if i%9 == 0 {
			rows[i][2] = math.NaN()
		} else {
			known = append(known, rows[i][2])
		}
	}
	slices.Sort(known)
	median := (known[39] + known[40]) / 2
	for i := range filled {
		if i%9 == 0 {
			filled[i][2] = median
		}
	}
	got := find(t, config(3), tableOf(t, columns, rows, 2), nil)
	want := find(t, config(3), tableOf(t, columns, filled, 2), nil)
	if !slices.Equal(got.Labels, want.Labels) || !reflect.DeepEqual(got.Scaled, want.Scaled) {
		t.Error("got other groups than with the median in place")
	}
	if w := codes(got.Warnings)["missing_filled"]; w.Count != 10 || !strings.Contains(w.Message, "monetary is missing for 10 of 90") {
		t.Errorf("got %+v", got.Warnings)
	}
	if _, warned := codes(want.Warnings)["missing_filled"]; warned {
		t.Errorf("got %+v for a table without gaps", want.Warnings)
	}
}

func TestAConstantFeaturePlaysNoPart(t *testing.T) {
	rows := obvious(90)
	want := find(t, config(3), tableOf(t, columns, rows, 1), nil)
	for i := range rows {
		rows[i] = append(rows[i], 0.1)
	}
	c := config(3)
	c.Features = append(slices.Clone(columns), "return_share")
	got := find(t, c, tableOf(t, c.Features, rows, 1), nil)
	if !slices.Equal(got.Labels, want.Labels) || !slices.Equal(got.Model.Names, want.Model.Names) {
		t.Errorf("got the names %q, want %q", got.Model.Names, want.Model.Names)
	}
	if w := codes(got.Warnings)["constant_feature"]; !strings.Contains(w.Message, "return_share") {
		t.Errorf("got %+v", got.Warnings)
	}
}

func TestNamesSayTheSameInEveryScale(t *testing.T) {
	table := tableOf(t, columns, obvious(300), 1)
	want := find(t, config(3), table, nil)
	for _, scale := range []features.Scaling{features.MinMax, features.NoScaling} {
		c := config(3)
		c.Scaler.Scale = scale
		got := find(t, c, table, nil)
		for g := range three {
			if a, b := got.Model.Names[got.Labels[g]], want.Model.Names[want.Labels[g]]; a != b {
				t.Errorf("%s, group %d: got %q, want %q", scale, g, a, b)
			}
		}
	}
}

func TestNamesAreDistinct(t *testing.T) {
	f := func(centres [][]float64, want ...string) {
		t.Helper()
		got := names(centres, []spread{{0, 1}, {0, 1}, {0, 2}}, []string{"recency_days", "frequency", "basket_size_mean"}, words.MustOpen(words.English, ""))
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f([][]float64{{-2, 0.5, 0}, {0.3, -1, 0}}, "very recent, frequent", "very occasional, lapsed")
	// A third word where two do not tell them apart, in units of the deviation.
	f([][]float64{{-2, 1.5, 1}, {-2, 1.5, -1}}, "very recent, very frequent, high basket size mean", "very recent, very frequent, low basket size mean")
	// A number where there is no third word.
	f([][]float64{{0, 0, 0}, {0.1, 0, 0}, {0, 0, 4}}, "average", "average (2)", "very high basket size mean")
	f([][]float64{{0.5, 0.4, 0}, {0.4, 0.5, 0}}, "lapsed, frequent", "frequent, lapsed")
}

func TestErrorsNameWhatIsWrong(t *testing.T) {
	table := tableOf(t, columns, obvious(60), 1)
	c := config(3)
	c.Features = []string{"recency_days", "height"}
	if _, err := Find(context.Background(), c, table, nil); err == nil || !strings.Contains(err.Error(), "height") {
		t.Errorf("got %v, want the column that is not there", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Find(ctx, config(3), table, nil); err == nil {
		t.Error("got no error though cancelled")
	}
}

func ExampleFind() {
	rows := obvious(60)
	table, err := features.NewTable(features.DefaultTable(columns, 1))
	if err != nil {
		panic(err)
	}
	defer func() { _ = table.Close() }() // in memory
	b := table.Bucket(0, 0)
	for i, values := range rows {
		row, err := b.Next(fmt.Appendf(nil, "c%06d", i))
		if err != nil {
			panic(err)
		}
		copy(row, values)
	}
	if err := b.Close(); err != nil {
		panic(err)
	}
	if err := table.Seal(context.Background()); err != nil {
		panic(err)
	}
	f, err := Find(context.Background(), config(3), table, nil)
	if err != nil {
		panic(err)
	}
	for g := range 3 {
		fmt.Println(f.Model.Names[f.Labels[g]])
	}
	// Output:
	// very frequent, recent
	// very lapsed, very high-spending
	// very low-spending, very occasional
}
