package profile

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

	"gonum.org/v1/gonum/stat"

	"github.com/quintile-dev/quintile/features"
)

// tableOf builds a table of rows, whose ids rise with their positions.
func tableOf(t testing.TB, names []string, rows [][]float64) *features.Table {
	t.Helper()
	table, err := features.NewTable(features.DefaultTable(names, 3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	})
	for b := range 3 {
		builder := table.Bucket(b, 0)
		for i := b; i < len(rows); i += 3 {
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

var columns = []string{"recency_days", "frequency", "noise"}

// separable returns customers and the class that two questions tell: gone after
// more than 100 days, else loyal from 5 orders on, else new.
func separable(n int) ([][]float64, Classes) {
	rng := rand.New(rand.NewPCG(10, 0))
	rows, classes := make([][]float64, n), Classes{Names: []string{"gone", "loyal", "new"}}
	for i := range rows {
		recency, orders := float64(rng.IntN(200)), float64(1+rng.IntN(8))
		if recency > 90 && recency <= 110 {
			recency += 20 // a gap, so that the threshold is known
		}
		rows[i] = []float64{recency, orders, rng.NormFloat64()}
		label := int32(2)
		if recency > 100 {
			label = 0
		} else if orders >= 5 {
			label = 1
		}
		classes.Labels = append(classes.Labels, label)
	}
	return rows, classes
}

func config() Config {
	return Config{Features: columns, MaxDepth: 5, MinLeaf: 5, Prune: true, Seed: 1, Workers: 2}
}

func classify(t testing.TB, c Config, table *features.Table, chosen []uint32, classes Classes) *Tree {
	t.Helper()
	out, err := Classify(context.Background(), c, table, chosen, classes)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTwoQuestionsTellThreeGroupsApart(t *testing.T) {
	rows, classes := separable(600)
	table := tableOf(t, columns, rows)
	for _, prune := range []bool{true, false} {
		c := config()
		c.Prune = prune
		out := classify(t, c, table, nil, classes)
		if out.State != OK || out.Accuracy != 1 || out.Report.Leaves != 3 || out.Sampled != 600 || len(out.Warnings) > 0 {
			t.Fatalf("got %s, accuracy %g, %d leaves, %d sampled, %v", out.State, out.Accuracy, out.Report.Leaves, out.Sampled, out.Warnings)
		}
		texts := strings.Join(out.Model.Rules, "\n")
		for _, want := range []string{"⇒ gone", "⇒ loyal", "⇒ new", "frequency > 4.5", "frequency ≤ 4.5", "recency_days > "} {
			if !strings.Contains(texts, want) {
				t.Errorf("got the rules\n%s\nwant %q in them", texts, want)
			}
		}
		if strings.Contains(texts, "noise") {
			t.Errorf("got the rules\n%s\nwant nothing of the noise", texts)
		}
		total := 0
		for i, r := range out.Rules {
			if out.Model.Rules[r.Leaf] != r.Text || r.Leaf != i || r.Confidence != 1 {
				t.Errorf("got rule %d %+v, want it at its leaf", i, r)
			}
			total += r.Rows
		}
		if total != 600 {
			t.Errorf("got %d customers in the leaves, want 600", total)
		}
		for i, leaf := range out.Leaves {
			if out.Rules[leaf].Class != classes.Labels[i] {
				t.Fatalf("customer %d: got leaf %d, want one of class %d", i, leaf, classes.Labels[i])
			}
		}
	}
}

func TestAccuracyIsTheShareThatIsRight(t *testing.T) {
	rows, classes := separable(600)
	for i := range classes.Labels {
		if i%10 == 0 {
			classes.Labels[i] = (classes.Labels[i] + 1) % 3
		}
	}
	out := classify(t, config(), tableOf(t, columns, rows), nil, classes)
	right := 0
	for i, leaf := range out.Leaves {
		if out.Rules[leaf].Class == classes.Labels[i] {
			right++
		}
	}
	if out.Accuracy != float64(right)/600 || math.Abs(out.Accuracy-0.9) > 0.02 || out.Accuracy != out.Report.Score {
		t.Errorf("got %g, tree says %g; want %d of 600", out.Accuracy, out.Report.Score, right)
	}
}

func TestOnlyTheChosenAreLearnedFrom(t *testing.T) {
	rows, all := separable(400)
	chosen, classes := []uint32{}, Classes{Names: all.Names}
	for i := range rows {
		if i%4 == 0 {
			rows[i] = []float64{math.NaN(), math.NaN(), math.NaN()} // has not bought
			continue
		}
		chosen, classes.Labels = append(chosen, uint32(i)), append(classes.Labels, all.Labels[i])
	}
	out := classify(t, config(), tableOf(t, columns, rows), chosen, classes)
	if out.Accuracy != 1 || out.Sampled != 300 || len(out.Leaves) != 300 {
		t.Errorf("got accuracy %g of %d, %d leaves", out.Accuracy, out.Sampled, len(out.Leaves))
	}
}

func TestTooLittleGrowsNoTree(t *testing.T) {
	rows, classes := separable(60)
	table := tableOf(t, columns, rows)
	f := func(n int, labels []int32, want State) {
		t.Helper()
		chosen := make([]uint32, n)
		for i := range chosen {
			chosen[i] = uint32(i)
		}
		out := classify(t, config(), table, chosen, Classes{Names: classes.Names, Labels: labels[:n]})
		if out.State != want || (out.Model == nil) != (want == Insufficient) {
			t.Errorf("%d customers: got %s, want %s", n, out.State, want)
		}
		if want == Insufficient && (len(out.Warnings) != 1 || out.Warnings[0].Code != "too_few_customers" || out.Warnings[0].Count != n) {
			t.Errorf("%d customers: got %v", n, out.Warnings)
		}
	}
	f(0, classes.Labels, Insufficient)
	f(minRows-1, classes.Labels, Insufficient)
	f(minRows, classes.Labels, OK)
	f(60, make([]int32, 60), Insufficient) // one class alone
}

func TestASampleIsEvenlySpread(t *testing.T) {
	labels := make([]int32, 1000)
	chosen := make([]uint32, 1000)
	for i := range labels {
		labels[i], chosen[i] = int32(i), uint32(3*i)
	}
	f := func(allowed, wantStep int) {
		t.Helper()
		for _, c := range [][]uint32{nil, chosen} {
			rows, picked := sampleOf(1000, c, labels, allowed)
			if len(picked) > allowed || len(rows) != len(picked) || len(picked) < 1000/wantStep {
				t.Fatalf("allowed %d: got %d rows, %d labels", allowed, len(rows), len(picked))
			}
			for k := range rows {
				at := uint32(k * wantStep)
				want := at
				if c != nil {
					want = chosen[at]
				}
				if rows[k] != want || picked[k] != int32(at) {
					t.Fatalf("allowed %d: got customer %d with label %d, want %d with %d", allowed, rows[k], picked[k], want, at)
				}
			}
		}
	}
	f(999, 2)
	f(500, 2)
	f(499, 3)
	f(10, 100)
	f(1, 1000)
	if rows, picked := sampleOf(1000, nil, labels, 1000); rows != nil || len(picked) != 1000 {
		t.Errorf("got %d of %d, want all who fit", len(rows), len(picked))
	}
}

func TestATreeFromAFilePutsCustomersIntoTheSameLeaves(t *testing.T) {
	rows, classes := separable(300)
	table := tableOf(t, columns, rows)
	out := classify(t, config(), table, nil, classes)
	text, err := json.Marshal(out.Model)
	if err != nil {
		t.Fatal(err)
	}
	var m TreeModel
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if err := m.Validate(); err != nil {
		t.Fatal(err)
	}
	leaves, err := m.Leaves(context.Background(), table, 2)
	if err != nil || !slices.Equal(leaves, out.Leaves) || !slices.Equal(m.Rules, out.Model.Rules) {
		t.Errorf("got other leaves: %v", err)
	}
	if (&TreeModel{}).Validate() == nil {
		t.Error("got no error for a model without a tree")
	}
	if got := m.Reads(); !slices.Equal(got, columns[:2]) {
		t.Errorf("got the features %v, want all but the noise", got)
	}
	m.Features = m.Features[:2]
	if m.Validate() == nil {
		t.Error("got no error for a feature too few")
	}
}

func TestWorkersDoNotChangeATree(t *testing.T) {
	rows, classes := separable(500)
	for i := range classes.Labels {
		if i%7 == 0 {
			classes.Labels[i] = 0
		}
	}
	table := tableOf(t, columns, rows)
	var texts []string
	for _, workers := range []int{1, 2, 5} {
		c := config()
		c.Workers = workers
		text, err := json.Marshal(classify(t, c, table, nil, classes).Model)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	if texts[0] != texts[1] || texts[0] != texts[2] {
		t.Error("got another tree for another number of workers")
	}
}

// near allows for the last digits of a mean.
func near(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-12
}

func TestDescribeByHand(t *testing.T) {
	nan := math.NaN()
	// Six customers, two groups of three; the fourth customer is not chosen.
	table := tableOf(t, []string{"monetary", "frequency", "recency_days"}, [][]float64{
		{10, 1, 5}, {20, 3, nan}, {30, 2, 7}, {999, 99, 999}, {0, 1, nan}, {100, 4, nan}, {40, 1, nan},
	})
	chosen := []uint32{0, 1, 2, 4, 5, 6}
	labels := []int32{0, 1, 0, 0, 1, 1} // group 0 has 10, 30, 0; group 1 has 20, 100, 40
	got, err := Describe(context.Background(), table, chosen, labels, 3,
		[]string{"frequency", "recency_days", "monetary"}, []string{"monetary", "frequency"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []Group{
		{Customers: 3, Share: 0.5, Sums: []float64{40, 4}, SumShares: []float64{0.2, 4.0 / 12}, Means: []float64{4.0 / 3, 6, 40.0 / 3}},
		{Customers: 3, Share: 0.5, Sums: []float64{160, 8}, SumShares: []float64{0.8, 8.0 / 12}, Means: []float64{8.0 / 3, nan, 160.0 / 3}},
		{Customers: 0, Share: 0, Sums: []float64{0, 0}, SumShares: []float64{0, 0}, Means: []float64{nan, nan, nan}},
	}
	for g := range want {
		a, b := got[g], want[g]
		if a.Customers != b.Customers || a.Share != b.Share || !slices.EqualFunc(a.Sums, b.Sums, near) ||
			!slices.EqualFunc(a.SumShares, b.SumShares, near) || !slices.EqualFunc(a.Means, b.Means, near) {
			t.Errorf("group %d: got %+v, want %+v", g, a, b)
		}
	}
	// frequency: 1 3 2 1 4 1, mean 2, variance (1+1+0+1+4+1)/6; monetary: mean 200/6,
	// mean of squares 13000/6.
	sdOrders, sdMoney := math.Sqrt(8.0/6), math.Sqrt(13000.0/6-(200.0/6)*(200.0/6))
	marks := got[1].Marks
	if len(marks) != 2 || marks[0].Feature != "monetary" || marks[1].Feature != "frequency" {
		t.Fatalf("got %+v, want money before orders, and nothing of what is missing", marks)
	}
	if m := marks[0]; !near(m.Mean, 160.0/3) || !near(m.All, 200.0/6) || !near(m.Index, 160) || !near(m.Z, 20/sdMoney) {
		t.Errorf("got %+v", m)
	}
	if m := marks[1]; !near(m.Mean, 8.0/3) || !near(m.All, 2) || !near(m.Index, 400.0/3) || !near(m.Z, (2.0/3)/sdOrders) {
		t.Errorf("got %+v", m)
	}
	if len(got[2].Marks) != 0 {
		t.Errorf("got %+v for a group of nobody", got[2].Marks)
	}
}

func TestFeaturesThatCanBeNegativeHaveADifferenceAndNoIndex(t *testing.T) {
	names := []string{"frequency", "money_trend_90", "returns_money", "balance", "age"}
	// Two customers, each a group; the values of money_trend_90 and returns_money are
	// positive here by chance, balance is a customer's attribute that is not.
	table := tableOf(t, names, [][]float64{{1, 0.25, 4, -2, 20}, {3, 0.75, 8, 6, 60}})
	got, err := Describe(context.Background(), table, nil, []int32{0, 1}, 2, names, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]float64{ // index and difference of the second customer
		"frequency": {150, 1}, "age": {150, 20},
		"money_trend_90": {math.NaN(), 0.25}, "returns_money": {math.NaN(), 2}, "balance": {math.NaN(), 4},
	}
	if len(got[1].Marks) != len(want) {
		t.Fatalf("got %+v, want %d marks", got[1].Marks, len(want))
	}
	for _, m := range got[1].Marks {
		if w := want[m.Feature]; !near(m.Index, w[0]) || !near(m.Difference, w[1]) {
			t.Errorf("%s: got index %v, difference %v; want %v, %v", m.Feature, m.Index, m.Difference, w[0], w[1])
		}
	}
}

func TestAFeatureThatAllShareMarksNobody(t *testing.T) {
	rows := make([][]float64, 30)
	labels := make([]int32, 30)
	for i := range rows {
		rows[i] = []float64{0.1, 0, math.NaN()} // ten times 0.1 is not 1
		labels[i] = int32(min(i, 1))
	}
	got, err := Describe(context.Background(), tableOf(t, []string{"a", "b", "c"}, rows), nil, labels, 2, []string{"a", "b", "c"}, []string{"b"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for g := range got {
		if len(got[g].Marks) != 0 {
			t.Errorf("group %d: got %+v", g, got[g].Marks)
		}
		if !math.IsNaN(got[g].SumShares[0]) {
			t.Errorf("group %d: got the share %g of nothing", g, got[g].SumShares[0])
		}
	}
}

func TestMarksAreTheFiveStrongest(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e", "f", "g"}
	rows := make([][]float64, 200)
	labels := make([]int32, 200)
	rng := rand.New(rand.NewPCG(11, 0))
	for i := range rows {
		labels[i] = int32(i % 2)
		for j := range names { // each further feature differs more, every other one the other way
			rows[i] = append(rows[i], rng.NormFloat64()+float64(i%2)*float64(j)*float64(1-2*(j%2)))
		}
	}
	got, err := Describe(context.Background(), tableOf(t, names, rows), nil, labels, 2, names, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, m := range got[1].Marks {
		order = append(order, m.Feature)
		if (m.Z > 0) != slices.Contains([]string{"c", "e", "g"}, m.Feature) {
			t.Errorf("got %+v, want the other sign", m)
		}
	}
	if !slices.Equal(order, []string{"g", "f", "e", "d", "c"}) {
		t.Errorf("got %v", order)
	}
}

// TestDescribeReadsLongTablesPieceByPiece compares with the plain way, over more
// customers than are read at once.
func TestDescribeReadsLongTablesPieceByPiece(t *testing.T) {
	const n = groupRows + groupRows/2
	names := []string{"money", "visits"}
	rng := rand.New(rand.NewPCG(12, 0))
	rows := make([][]float64, n)
	var chosen []uint32
	var labels []int32
	for i := range rows {
		rows[i] = []float64{math.Round(rng.ExpFloat64() * 1e4), float64(rng.IntN(9))}
		if i%5 == 0 {
			rows[i][1] = math.NaN()
		}
		if i%3 > 0 {
			chosen, labels = append(chosen, uint32(i)), append(labels, int32(rng.IntN(3)))
		}
	}
	table := tableOf(t, names, rows)
	var first []Group
	for _, workers := range []int{1, 2, 8} {
		got, err := Describe(context.Background(), table, chosen, labels, 3, names, names[:1], workers)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if !reflect.DeepEqual(got, first) {
			t.Errorf("%d workers: got another description", workers)
		}
	}
	for j, name := range names {
		var all []float64
		sums, counts := make([]float64, 3), make([]float64, 3)
		for k, at := range chosen {
			if v := rows[at][j]; !math.IsNaN(v) { // whole numbers: their sums are exact
				all = append(all, v)
				sums[labels[k]] += v
				counts[labels[k]]++
			}
		}
		mean, variance := stat.PopMeanVariance(all, nil)
		for g := range first {
			if first[g].Means[j] != sums[g]/counts[g] || j == 0 && first[g].Sums[0] != sums[g] {
				t.Errorf("%s of group %d: got the mean %g, want %g", name, g, first[g].Means[j], sums[g]/counts[g])
			}
			at := slices.IndexFunc(first[g].Marks, func(m Mark) bool { return m.Feature == name })
			want := (sums[g]/counts[g] - mean) / math.Sqrt(variance)
			if z := first[g].Marks[at].Z; math.Abs(z-want) > 1e-9*math.Abs(want)+1e-12 {
				t.Errorf("%s of group %d: got the distance %g, want %g", name, g, z, want)
			}
		}
	}
}

func TestLongColumnsLoseNoDigits(t *testing.T) {
	var m moments
	for range 1_000_000 {
		m.add(0.1)
	}
	const want = 100_000.0
	if math.Abs(m.sum()-want) > 1e-8 { // added one by one it is off by 1.3e-6
		t.Errorf("got %.10f, want %g", m.sum(), want)
	}
	m.add(math.NaN())
	if m.n != 1_000_000 || !math.IsNaN((&moments{}).mean()) {
		t.Error("got a missing value counted")
	}
}

func TestErrorsNameWhatIsWrong(t *testing.T) {
	rows, classes := separable(100)
	table := tableOf(t, columns, rows)
	c := config()
	c.Features = []string{"height"}
	if _, err := Classify(context.Background(), c, table, nil, classes); err == nil || !strings.Contains(err.Error(), "height") {
		t.Errorf("got %v, want the column that is not there", err)
	}
	if _, err := Describe(context.Background(), table, nil, classes.Labels, 3, []string{"height"}, nil, 2); err == nil || !strings.Contains(err.Error(), "height") {
		t.Errorf("got %v, want the column that is not there", err)
	}
	if _, err := Classify(context.Background(), config(), table, []uint32{1}, classes); err == nil {
		t.Error("got no error for 100 labels of one customer")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Classify(ctx, config(), table, nil, classes); err == nil {
		t.Error("got no error though cancelled")
	}
}
