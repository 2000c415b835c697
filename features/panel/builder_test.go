package panel

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/features"
)

var panelFeatures = []string{"recency_days", "frequency"}

// partitions is as many as a history has.
const partitions = 1024

const horizon = 30

// left is the label of a customer who buys nothing in the horizon.
func left(ev *datasets.Events, day datasets.Day) float32 {
	if Bought(ev, day, horizon) {
		return 0
	}
	return 1
}

// orders is the number of purchases in the horizon.
func orders(ev *datasets.Events, day datasets.Day) float32 {
	n := 0
	for from, to := Between(ev, day+1, day+horizon); from < to; from++ {
		if !ev.Return[from] {
			n++
		}
	}
	return float32(n)
}

// collector adds customers to a panel.
type collector struct {
	*Builder
	calculator *features.Calculator
}

// group returns the builder of two requests with the same days.
func group(maxRows, workers int, blocks *offheap.Blocks, days []datasets.Day) *Builder {
	builders, _ := Group([]Request{
		{Days: days, HorizonDays: horizon, MaxRows: maxRows, Labels: []Label{left}},
		{Days: days, HorizonDays: horizon, MaxRows: maxRows, Labels: []Label{orders, left}},
	}, Config{Partitions: partitions, Workers: workers, Seed: 1, Blocks: blocks})
	return builders[0]
}

// line is one line item of an example.
type line struct {
	order    uint32
	day      datasets.Day
	returned bool
}

func eventsOf(lines []line) *datasets.Events {
	e := &datasets.Events{}
	for _, l := range lines {
		e.Time = append(e.Time, datasets.Moment(l.day)*datasets.FullDay)
		e.Order = append(e.Order, l.order)
		e.Quantity = append(e.Quantity, datasets.One)
		e.Amount = append(e.Amount, datasets.Unit)
		e.Return = append(e.Return, l.returned)
	}
	return e
}

func newCollector(t *testing.T, maxRows, workers int, days ...datasets.Day) *collector {
	t.Helper()
	selected, err := features.Select(features.Catalogue(), panelFeatures, 0)
	if err != nil {
		t.Fatal(err)
	}
	blocks := offheap.NewBlocks(0)
	t.Cleanup(func() {
		if err := blocks.Close(); err != nil {
			t.Error(err)
		}
	})
	return &collector{group(maxRows, workers, blocks, days), features.NewCalculator(selected)}
}

func (tr *collector) customer(t *testing.T, bucket, worker int, id string, lines ...line) {
	t.Helper()
	ev := eventsOf(lines)
	if err := tr.Add(bucket, worker, []byte(id), ev, tr.calculator, make([]float64, len(panelFeatures))); err != nil {
		t.Error(err)
	}
}

// bought returns purchases on days, each an order of its own.
func bought(days ...datasets.Day) []line {
	var lines []line
	for i, d := range days {
		lines = append(lines, line{order: uint32(i), day: d})
	}
	return lines
}

func TestLabelsOfAHandMadeHistory(t *testing.T) {
	tr := newCollector(t, 1000, 2, 30, 60)
	tr.customer(t, 3, 0, "a", bought(10, 40)...)
	tr.customer(t, 1, 1, "b", bought(30, 60, 90)...) // the last day of each stretch
	tr.customer(t, 2, 1, "c", bought(31)...)         // not yet there at the first cutoff
	tr.customer(t, 0, 0, "d", line{day: 5}, line{order: 1, day: 45, returned: true}, line{order: 2, day: 70, returned: true})
	tr.customer(t, 0, 1, "e", line{day: 3, returned: true}, line{order: 1, day: 70})
	tr.customer(t, 9, 0, "f", line{day: 3, returned: true})
	tr.customer(t, 1, 0, "g", bought(20, 61)...) // the day after
	for b := range 10 {
		tr.End(b)
	}
	type row struct {
		recency, orders float32
		churned         bool
	}
	want := [][]row{
		{ // day 30: a, b, d, g
			{20, 1, false}, {0, 1, false}, {25, 1, true}, {10, 1, true},
		},
		{ // day 60: a, b, c, d, g
			{20, 2, true}, {0, 2, false}, {29, 1, true}, {55, 1, true}, {40, 1, false},
		},
	}
	panel := tr.Take(panelFeatures, 0)
	if left := tr.blocks.Resident(); left != 0 {
		t.Errorf("got %d bytes of blocks still held by rows that have been copied", left)
	}
	for k, day := range []datasets.Day{30, 60} {
		d := panel.Days[k]
		var got []row
		lost := int64(0)
		for i := range d.Rows {
			got = append(got, row{d.Cols[0][i], d.Cols[1][i], d.Labels[0][i] == 1})
			if d.Labels[0][i] == 1 {
				lost++
			}
		}
		if d.Day != day || !slices.Equal(got, want[k]) || !slices.Equal(panel.Names, panelFeatures) {
			t.Errorf("got %s %v, want %s %v", d.Day, got, day, want[k])
		}
		if d.All != int64(len(want[k])) || d.Positive[0] != lost {
			t.Errorf("%s: got %d of %d lost, want %d of %d", day, d.Positive[0], d.All, lost, len(want[k]))
		}
	}
}

func TestMomentsDecideByTheirDay(t *testing.T) {
	last := datasets.Moment(61)*datasets.FullDay - 1 // the last moment of day 60
	ev := eventsOf(bought(20, 0))
	ev.Time[1] = last
	f := func(from, to datasets.Day, want bool) {
		t.Helper()
		if got := boughtBetween(ev, from, to); got != want {
			t.Errorf("days %d to %d: got %v, want %v", from, to, got, want)
		}
	}
	f(31, 60, true)
	f(31, 59, false)
	f(61, 90, false)
	f(20, 20, true)
	f(0, 19, false)
	ev.Time[1]++
	f(31, 60, false)
	f(61, 61, true)
}

// manyRows trains on customers of all buckets, visited in some order by so many
// workers at once.
func manyRows(t *testing.T, maxRows int, order []int, prune bool, workers int) *Panel {
	t.Helper()
	all := newCollector(t, maxRows, workers, 30, 60)
	visit := func(worker int, done func()) {
		tr := newCollector(t, maxRows, workers, 30, 60) // for its calculator
		tr.Builder = all.Builder
		for i := worker; i < len(order); i += workers {
			fillBucket(t, tr, order[i], worker)
			if prune {
				tr.End(order[i])
			}
			done()
		}
	}
	if workers > 1 {
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() { visit(w, func() {}) })
		}
		wg.Wait()
		return all.Take(panelFeatures, 0)
	}
	most := int64(0)
	visit(0, func() {
		held := int64(0)
		for b := range all.rows {
			held += int64(len(all.rows[b]))
		}
		most = max(most, held)
	})
	if prune && most > int64(2*maxRows) {
		t.Errorf("got %d rows held for a sample of %d, want them in proportion", most, maxRows)
	}
	return all.Take(panelFeatures, 0)
}

// fillBucket adds 40 customers.
func fillBucket(t *testing.T, tr *collector, bucket, worker int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(17, uint64(bucket)))
	for i := range 40 {
		days := []datasets.Day{datasets.Day(rng.IntN(40))}
		for rng.IntN(2) == 0 {
			days = append(days, days[len(days)-1]+datasets.Day(rng.IntN(40)))
		}
		tr.customer(t, bucket, worker, fmt.Sprintf("c%d-%d", bucket, i), bought(days...)...)
	}
}

func TestPruningAndTheOrderOfBucketsChangeNothing(t *testing.T) {
	const maxRows = 1500
	rng := rand.New(rand.NewPCG(18, 0))
	want := manyRows(t, maxRows, rng.Perm(partitions), false, 1)
	rows := 0
	for _, d := range want.Days {
		rows += d.Rows
		if int(d.All) < 2*d.Rows {
			t.Fatalf("%s: got %d of %d customers, the example has lost its point", d.Day, d.Rows, d.All)
		}
	}
	if rows > maxRows || rows < maxRows*9/10 {
		t.Errorf("got %d rows, want just under %d", rows, maxRows)
	}
	for _, workers := range []int{1, 1, 2, 8} {
		if got := manyRows(t, maxRows, rng.Perm(partitions), true, workers); !reflect.DeepEqual(got, want) {
			t.Fatalf("%d workers: got another panel", workers)
		}
	}
}

func TestRequestsOfTheSameDaysShareRowsAndKeepTheirLabels(t *testing.T) {
	days := []datasets.Day{30, 60}
	other := []datasets.Day{45}
	builders, of := Group([]Request{
		{Days: days, MaxRows: 1000, Labels: []Label{left}}, {Days: other, MaxRows: 1000, Labels: []Label{left}},
		{Days: days, MaxRows: 1000, Labels: []Label{orders, left}}, {Days: days, MaxRows: 2000, Labels: []Label{left}},
	}, Config{Partitions: partitions, Workers: 1, Seed: 1, Blocks: offheap.NewBlocks(0)})
	if want := [][2]int{{0, 0}, {1, 0}, {0, 1}, {2, 0}}; len(builders) != 3 || !slices.Equal(of, want) {
		t.Fatalf("got %d builders and %v, want 3 and %v", len(builders), of, want)
	}
	c := newCollector(t, 1000, 1, days...)
	c.customer(t, 0, 0, "a", bought(10, 40, 50)...)
	c.End(0)
	first, second := c.Take(panelFeatures, 0), c.Take(panelFeatures, 1)
	if got := first.Days[0].Labels; len(got) != 1 || got[0][0] != 0 {
		t.Errorf("got the labels %v, want that of a customer who stayed", got)
	}
	if got := second.Days[0].Labels; len(got) != 2 || got[0][0] != 2 || got[1][0] != 0 || second.Days[1].Labels[0][0] != 0 {
		t.Errorf("got the labels %v, want two orders and nobody lost", got)
	}
	only := second.Only([]string{"frequency"})
	if got := only.Days[1].Cols; len(got) != 1 || got[0][0] != 3 || len(second.Days[1].Cols) != 2 {
		t.Errorf("got the columns %v, want the frequency alone, 3", got)
	}
}
