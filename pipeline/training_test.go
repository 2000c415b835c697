package pipeline

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining/churn"
)

var trainingFeatures = []string{"recency_days", "frequency"}

// trainer adds customers to a training set.
type trainer struct {
	*training
	calculator *features.Calculator
}

func newTrainer(t *testing.T, maxRows, workers int, cutoffs ...datasets.Day) *trainer {
	t.Helper()
	selected, err := features.Select(features.Catalogue(), trainingFeatures, 0)
	if err != nil {
		t.Fatal(err)
	}
	blocks := offheap.NewBlocks(0)
	t.Cleanup(func() {
		if err := blocks.Close(); err != nil {
			t.Error(err)
		}
	})
	return &trainer{newTraining(cutoffs, 30, maxRows, 1, workers, blocks), features.NewCalculator(selected)}
}

func (tr *trainer) customer(t *testing.T, bucket, worker int, id string, lines ...line) {
	t.Helper()
	ev := eventsOf(lines)
	ev.Product = nil
	if err := tr.add(bucket, worker, []byte(id), ev, tr.calculator, make([]float64, len(trainingFeatures))); err != nil {
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
	tr := newTrainer(t, 1000, 2, 30, 60)
	tr.customer(t, 3, 0, "a", bought(10, 40)...)
	tr.customer(t, 1, 1, "b", bought(30, 60, 90)...) // the last day of each stretch
	tr.customer(t, 2, 1, "c", bought(31)...)         // not yet there at the first cutoff
	tr.customer(t, 0, 0, "d", line{day: 5}, line{order: 1, day: 45, returned: true}, line{order: 2, day: 70, returned: true})
	tr.customer(t, 0, 1, "e", line{day: 3, returned: true}, line{order: 1, day: 70})
	tr.customer(t, 9, 0, "f", line{day: 3, returned: true})
	tr.customer(t, 1, 0, "g", bought(20, 61)...) // the day after
	for b := range 10 {
		tr.end(b)
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
	cohorts := tr.cohorts(trainingFeatures)
	if left := tr.blocks.Resident(); left != 0 {
		t.Errorf("got %d bytes of blocks still held by rows that have been copied", left)
	}
	for k, cutoff := range []datasets.Day{30, 60} {
		c := cohorts[k]
		var got []row
		churned := int64(0)
		for i := range c.Churned {
			got = append(got, row{c.X.Cols[0][i], c.X.Cols[1][i], c.Churned[i]})
			if c.Churned[i] {
				churned++
			}
		}
		if c.Cutoff != cutoff || !slices.Equal(got, want[k]) || !slices.Equal(c.X.Names, trainingFeatures) {
			t.Errorf("got %s %v, want %s %v", c.Cutoff, got, cutoff, want[k])
		}
		if c.Customers != int64(len(want[k])) || c.ChurnedAll != churned {
			t.Errorf("%s: got %d of %d churned, want %d of %d", cutoff, c.ChurnedAll, c.Customers, churned, len(want[k]))
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

// manyCohorts trains on customers of all buckets, visited in some order by so many
// workers at once.
func manyCohorts(t *testing.T, maxRows int, order []int, prune bool, workers int) []churn.Cohort {
	t.Helper()
	all := newTrainer(t, maxRows, workers, 30, 60)
	visit := func(worker int, done func()) {
		tr := newTrainer(t, maxRows, workers, 30, 60) // for its calculator
		tr.training = all.training
		for i := worker; i < len(order); i += workers {
			fillBucket(t, tr, order[i], worker)
			if prune {
				tr.end(order[i])
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
		return all.cohorts(trainingFeatures)
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
	return all.cohorts(trainingFeatures)
}

// fillBucket adds 40 customers.
func fillBucket(t *testing.T, tr *trainer, bucket, worker int) {
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
	want := manyCohorts(t, maxRows, rng.Perm(history.Partitions), false, 1)
	rows := 0
	for _, c := range want {
		rows += len(c.Churned)
		if int(c.Customers) < 2*len(c.Churned) {
			t.Fatalf("%s: got %d of %d customers, the example has lost its point", c.Cutoff, len(c.Churned), c.Customers)
		}
	}
	if rows > maxRows || rows < maxRows*9/10 {
		t.Errorf("got %d rows, want just under %d", rows, maxRows)
	}
	for _, workers := range []int{1, 1, 2, 8} {
		if got := manyCohorts(t, maxRows, rng.Perm(history.Partitions), true, workers); !reflect.DeepEqual(got, want) {
			t.Fatalf("%d workers: got other cohorts", workers)
		}
	}
}
