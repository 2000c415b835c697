package pipeline

import (
	"bytes"
	"cmp"
	"slices"
	"sync"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
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
	blocks  [history.Partitions]trainingBlock
	counts  []trainingCount // by worker and cutoff

	mu      sync.Mutex
	ended   []int // buckets whose blocks are complete
	held    int64 // rows in them
	pruned  int64 // of these, as many were left when last pruned
	pruning bool  // a worker is at it
}

// trainingBlock is what one bucket contributes.
type trainingBlock struct {
	rows []trainingRow
	data []float32 // row by row
}

type trainingRow struct {
	id      []byte
	bin     int
	cutoff  int
	churned bool
	at      int // of its first value in data
}

// trainingCount is exact, whatever the sample.
type trainingCount struct{ customers, churned int64 }

func newTraining(cutoffs []datasets.Day, horizonDays int, maxRows int, seed uint64, workers int) *training {
	return &training{
		cutoffs: cutoffs, horizon: datasets.Day(horizonDays),
		sampler: newSampler(int64(maxRows), seed),
		counts:  make([]trainingCount, workers*len(cutoffs)),
	}
}

// add takes one customer's rows: one for each cutoff before which the customer
// had bought something. bought reports whether a stretch of days has a
// purchase.
func (t *training) add(bucket, worker int, id []byte, ev *datasets.Events, c *features.Calculator, row []float64) error {
	first, ok := firstPurchase(ev)
	if !ok {
		return nil
	}
	block := &t.blocks[bucket]
	eligible := 0
	for k, cutoff := range t.cutoffs {
		if first <= cutoff {
			eligible++
			count := &t.counts[worker*len(t.cutoffs)+k]
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
		block.rows = append(block.rows, trainingRow{kept, bin, k, !boughtBetween(ev, cutoff+1, cutoff+t.horizon), len(block.data)})
		for _, v := range row {
			block.data = append(block.data, float32(v))
		}
	}
	return nil
}

// end says that a bucket is complete. The rows of customers who have fallen out
// of the sample since are let go once they are a quarter of what is held, so that
// memory stays in proportion to the sample.
func (t *training) end(bucket int) {
	ended := t.toPrune(bucket)
	if len(ended) == 0 {
		return
	}
	dropped := 0
	for _, b := range ended { // nobody else touches them, and others go on meanwhile
		block := &t.blocks[b]
		dropped += len(block.rows)
		block.prune(t.sampler)
		dropped -= len(block.rows)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held -= int64(dropped)
	t.pruned, t.pruning = t.held, false
}

// toPrune notes that a bucket is complete and returns those that the caller is to
// prune.
func (t *training) toPrune(bucket int) []int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = append(t.ended, bucket)
	t.held += int64(len(t.blocks[bucket].rows))
	if t.pruning || t.held < t.pruned+t.sampler.limit/4 {
		return nil
	}
	t.pruning = true
	return slices.Clone(t.ended)
}

// prune drops the rows of customers who are out of the sample.
func (b *trainingBlock) prune(s *sampler) {
	bar := s.current()
	left := 0
	for _, row := range b.rows {
		if row.bin < bar {
			left++
		}
	}
	if left == len(b.rows) {
		return
	}
	width := 0
	if len(b.rows) > 0 {
		width = len(b.data) / len(b.rows)
	}
	rows, data := make([]trainingRow, 0, left), make([]float32, 0, left*width)
	for _, row := range b.rows {
		if row.bin < bar {
			from := row.at
			row.at = len(data)
			rows, data = append(rows, row), append(data, b.data[from:from+width]...)
		}
	}
	b.rows, b.data = rows, data
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
	type place struct {
		row  trainingRow
		data []float32
	}
	var all []place
	for b := range t.blocks {
		for _, row := range t.blocks[b].rows {
			if t.sampler.drawn(row.bin) {
				all = append(all, place{row, t.blocks[b].data[row.at : row.at+len(names)]})
			}
		}
	}
	slices.SortFunc(all, func(x, y place) int {
		return cmp.Or(cmp.Compare(x.row.cutoff, y.row.cutoff), bytes.Compare(x.row.id, y.row.id))
	})
	for k, cutoff := range t.cutoffs {
		from, _ := slices.BinarySearchFunc(all, k, func(p place, k int) int { return cmp.Compare(p.row.cutoff, k) })
		to, _ := slices.BinarySearchFunc(all, k+1, func(p place, k int) int { return cmp.Compare(p.row.cutoff, k) })
		c := churn.Cohort{Cutoff: cutoff, X: models.Matrix{Names: names, Cols: make([][]float32, len(names))}}
		for j := range names {
			c.X.Cols[j] = make([]float32, 0, to-from)
		}
		for _, p := range all[from:to] {
			for j, v := range p.data {
				c.X.Cols[j] = append(c.X.Cols[j], v)
			}
			c.Churned = append(c.Churned, p.row.churned)
		}
		for w := 0; w < len(t.counts); w += len(t.cutoffs) {
			c.Customers += t.counts[w+k].customers
			c.ChurnedAll += t.counts[w+k].churned
		}
		out[k] = c
	}
	t.blocks = [history.Partitions]trainingBlock{}
	return out
}
