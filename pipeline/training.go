package pipeline

import (
	"bytes"
	"cmp"
	"slices"
	"sync"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining/churn"
	"github.com/quintile-dev/quintile/models"
)

// training collects, during the scan, what churn is learned from: the features
// of customers at past scoring dates, and whether they bought within the
// horizon after it.
type training struct {
	cutoffs []datasets.Day
	horizon datasets.Day
	sampler *sampler
	rows    [history.Partitions][]trainingRow // what each bucket contributes
	blocks  *offheap.Blocks                   // where their features lie: in what the history lets go
	workers []trainingWorker

	mu      sync.Mutex
	ended   []int // buckets whose rows are complete
	held    int64 // rows in them
	pruned  int64 // of these, as many were left when last pruned
	pruning bool  // a worker is at it
	free    [][]float32
}

type trainingRow struct {
	id      []byte
	data    []float32 // the features
	bin     int32
	cutoff  int32
	churned bool
}

// trainingCount is exact, whatever the sample.
type trainingCount struct{ customers, churned int64 }

// trainingWorker is what a worker has counted, and its room for features.
type trainingWorker struct {
	counts []trainingCount // by cutoff
	free   [][]float32     // a row each
	taken  [][]uint64      // the blocks that rows lie in
}

func newTraining(cutoffs []datasets.Day, horizonDays int, maxRows int, seed uint64, workers int, blocks *offheap.Blocks) *training {
	return &training{
		cutoffs: cutoffs, horizon: datasets.Day(horizonDays),
		sampler: newSampler(int64(maxRows), seed),
		blocks:  blocks,
		workers: make([]trainingWorker, workers),
	}
}

// add takes one customer's rows: one for each cutoff before which the customer
// had bought something.
func (t *training) add(bucket, worker int, id []byte, ev *datasets.Events, c *features.Calculator, row []float64) error {
	first, ok := firstPurchase(ev)
	if !ok {
		return nil
	}
	w := &t.workers[worker]
	if w.counts == nil { // made by the worker itself, so that those of two are not neighbours in memory
		w.counts = make([]trainingCount, len(t.cutoffs))
	}
	eligible := 0
	for k, cutoff := range t.cutoffs {
		if first <= cutoff {
			eligible++
			count := &w.counts[k]
			count.customers++
			if !boughtBetween(ev, cutoff+1, cutoff+t.horizon) {
				count.churned++
			}
		}
	}
	if eligible == 0 {
		return nil
	}
	bin := t.sampler.bin(id)
	if !t.sampler.offer(bin, int64(eligible)) {
		return nil
	}
	kept := bytes.Clone(id)
	for k, cutoff := range t.cutoffs {
		if first > cutoff {
			continue
		}
		if err := c.Compute(row, ev, cutoff); err != nil {
			return err
		}
		data, err := t.room(worker, len(row))
		if err != nil {
			return err
		}
		for j, v := range row {
			data[j] = float32(v)
		}
		t.rows[bucket] = append(t.rows[bucket], trainingRow{
			id: kept, data: data, bin: int32(bin), cutoff: int32(k), churned: !boughtBetween(ev, cutoff+1, cutoff+t.horizon),
		})
	}
	return nil
}

// room returns room for the features of a row: what pruning has let go, as long as
// there is some.
func (t *training) room(worker, width int) ([]float32, error) {
	w := &t.workers[worker]
	perBlock := 2 * offheap.BlockWords / max(1, width)
	if perBlock == 0 {
		return make([]float32, width), nil
	}
	if len(w.free) == 0 {
		t.mu.Lock()
		left := max(0, len(t.free)-perBlock)
		w.free, t.free = append(w.free, t.free[left:]...), t.free[:left]
		t.mu.Unlock()
	}
	if len(w.free) == 0 {
		block, err := t.blocks.Shelf(worker).Take()
		if err != nil {
			return nil, err
		}
		w.taken = append(w.taken, block)
		all := offheap.Float32s(block)
		for i := range perBlock {
			w.free = append(w.free, all[i*width:][:width:width])
		}
	}
	last := len(w.free) - 1
	data := w.free[last]
	w.free = w.free[:last]
	return data, nil
}

// end says that a bucket is complete. The rows of customers who have fallen out
// of the sample since are let go once they are a quarter of what is held, so that
// memory stays in proportion to the sample.
func (t *training) end(bucket int) {
	ended := t.toPrune(bucket)
	if len(ended) == 0 {
		return
	}
	var dropped [][]float32
	bar := int32(t.sampler.current())
	for _, b := range ended { // nobody else touches them, and others go on meanwhile
		rows := slices.DeleteFunc(t.rows[b], func(row trainingRow) bool {
			if row.bin < bar {
				return false
			}
			dropped = append(dropped, row.data)
			return true
		})
		if len(rows) < cap(rows)/2 {
			rows = slices.Clone(rows)
		}
		t.rows[b] = rows
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held -= int64(len(dropped))
	t.free = append(t.free, dropped...)
	t.pruned, t.pruning = t.held, false
}

// toPrune notes that a bucket is complete and returns those that the caller is to
// prune.
func (t *training) toPrune(bucket int) []int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = append(t.ended, bucket)
	t.held += int64(len(t.rows[bucket]))
	if t.pruning || t.held < t.pruned+t.sampler.limit/4 {
		return nil
	}
	t.pruning = true
	return slices.Clone(t.ended)
}

func firstPurchase(ev *datasets.Events) (datasets.Day, bool) {
	for i, returned := range ev.Return {
		if !returned {
			return ev.Time[i].Day(), true
		}
	}
	return 0, false
}

// boughtBetween reports whether there is a purchase on the days from to to.
func boughtBetween(ev *datasets.Events, from, to datasets.Day) bool {
	low := datasets.Moment(from) * datasets.FullDay
	high := datasets.Moment(to+1) * datasets.FullDay
	i, _ := slices.BinarySearch(ev.Time, low)
	for ; i < ev.Len() && ev.Time[i] < high; i++ {
		if !ev.Return[i] {
			return true
		}
	}
	return false
}

// cohorts returns one training set for each cutoff, its customers in the order
// of ids, and releases what was collected.
func (t *training) cohorts(names []string) []churn.Cohort {
	out := make([]churn.Cohort, len(t.cutoffs))
	var all []trainingRow
	for _, rows := range t.rows {
		for _, row := range rows {
			if t.sampler.drawn(int(row.bin)) {
				all = append(all, row)
			}
		}
	}
	slices.SortFunc(all, func(x, y trainingRow) int {
		return cmp.Or(cmp.Compare(x.cutoff, y.cutoff), bytes.Compare(x.id, y.id))
	})
	for k, cutoff := range t.cutoffs {
		from, _ := slices.BinarySearchFunc(all, k, func(row trainingRow, k int) int { return cmp.Compare(int(row.cutoff), k) })
		to, _ := slices.BinarySearchFunc(all, k+1, func(row trainingRow, k int) int { return cmp.Compare(int(row.cutoff), k) })
		c := churn.Cohort{Cutoff: cutoff, X: models.Matrix{Names: names, Cols: make([][]float32, len(names))}}
		for j := range names {
			c.X.Cols[j] = make([]float32, 0, to-from)
		}
		for _, row := range all[from:to] {
			for j, v := range row.data {
				c.X.Cols[j] = append(c.X.Cols[j], v)
			}
			c.Churned = append(c.Churned, row.churned)
		}
		for w := range t.workers {
			if counts := t.workers[w].counts; counts != nil {
				c.Customers += counts[k].customers
				c.ChurnedAll += counts[k].churned
			}
		}
		out[k] = c
	}
	for _, w := range t.workers {
		t.blocks.Give(w.taken...)
	}
	t.rows, t.workers, t.free = [history.Partitions][]trainingRow{}, nil, nil
	return out
}
