package panel

import (
	"bytes"
	"cmp"
	"slices"
	"sync"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/features"
)

// Builder collects panels during the scan, for all requests that ask for the same days and
// as many rows.
type Builder struct {
	days    []datasets.Day
	labels  []Label
	offsets []int // of each request, its first label
	sampler *sampler
	rows    [][]row         // what each partition contributes
	blocks  *offheap.Blocks // where their features lie: in what the history lets go
	workers []worker
	panel   *Panel // once taken

	mu      sync.Mutex
	ended   []int // partitions whose rows are complete
	held    int64 // rows in them
	pruned  int64 // of these, as many were left when last pruned
	pruning bool  // a worker is at it
	free    [][]float32
}

// row is a customer on a past day: the features, then the labels.
type row struct {
	id   []byte
	data []float32
	bin  int32
	day  int32
}

// count is exact, whatever the sample.
type count struct {
	customers int64
	positive  []int64 // by label
}

// worker holds the counts of a worker, and its memory for features.
type worker struct {
	counts []count     // by day
	labels []float32   // of one day
	free   [][]float32 // a row each
	taken  [][]uint64  // the blocks that rows lie in
}

// Config says how panels are collected.
type Config struct {
	Partitions int
	Workers    int
	Seed       uint64
	Blocks     *offheap.Blocks
}

// Group returns the builders needed for requests: one builder for all requests with the
// same days and number of rows. of holds, for each request, the builder and the place
// among the requests of the builder.
func Group(requests []Request, c Config) (builders []*Builder, of [][2]int) {
	var firsts []Request
	for _, r := range requests {
		at := slices.IndexFunc(firsts, func(f Request) bool { return slices.Equal(f.Days, r.Days) && f.MaxRows == r.MaxRows })
		if at < 0 {
			at = len(firsts)
			firsts = append(firsts, r)
			builders = append(builders, newBuilder(r.Days, r.MaxRows, c))
		}
		b := builders[at]
		of = append(of, [2]int{at, len(b.offsets)})
		b.offsets = append(b.offsets, len(b.labels))
		b.labels = append(b.labels, r.Labels...)
	}
	return builders, of
}

func newBuilder(days []datasets.Day, maxRows int, c Config) *Builder {
	return &Builder{
		days: days, sampler: newSampler(int64(maxRows), c.Seed), blocks: c.Blocks,
		rows: make([][]row, c.Partitions), workers: make([]worker, c.Workers),
	}
}

// Add takes one customer's rows: one row for each day with a purchase by its end.
// buffer has an entry for each feature of the calculator.
func (t *Builder) Add(partition, worker int, id []byte, ev *datasets.Events, c *features.Calculator, buffer []float64) error {
	first, ok := FirstPurchase(ev)
	if !ok {
		return nil
	}
	eligible := 0
	for _, day := range t.days {
		if first <= day {
			eligible++
		}
	}
	if eligible == 0 {
		return nil
	}
	bin := t.sampler.bin(id)
	keep := t.sampler.offer(bin, int64(eligible))
	var kept []byte
	if keep {
		kept = bytes.Clone(id)
	}
	w := t.worker(worker)
	for k, day := range t.days {
		if first > day {
			continue
		}
		t.count(w, k, ev, day)
		if !keep {
			continue
		}
		if err := c.Compute(buffer, ev, day); err != nil {
			return err
		}
		data, err := t.room(worker, len(buffer)+len(t.labels))
		if err != nil {
			return err
		}
		for j, v := range buffer {
			data[j] = float32(v)
		}
		copy(data[len(buffer):], w.labels)
		t.rows[partition] = append(t.rows[partition], row{id: kept, data: data, bin: int32(bin), day: int32(k)})
	}
	return nil
}

// worker returns the private data of a worker, allocated by the worker itself so that the
// data of two workers are not side by side in memory.
func (t *Builder) worker(at int) *worker {
	w := &t.workers[at]
	if w.counts == nil {
		w.counts = make([]count, len(t.days))
		for k := range w.counts {
			w.counts[k].positive = make([]int64, len(t.labels))
		}
		w.labels = make([]float32, len(t.labels))
	}
	return w
}

// count counts a customer on day k, and leaves the labels in w.
func (t *Builder) count(w *worker, k int, ev *datasets.Events, day datasets.Day) {
	n := &w.counts[k]
	n.customers++
	for l, label := range t.labels {
		w.labels[l] = label(ev, day)
		if w.labels[l] != 0 {
			n.positive[l]++
		}
	}
}

// room returns room for the features of a row: what pruning has let go, as long as
// there is some.
func (t *Builder) room(worker, width int) ([]float32, error) {
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

// End is called when a partition is complete. Rows of customers no longer in the
// sample are released once they are a quarter of all rows, so that memory stays in
// proportion to the sample.
func (t *Builder) End(partition int) {
	ended := t.toPrune(partition)
	if len(ended) == 0 {
		return
	}
	var dropped [][]float32
	bar := int32(t.sampler.current())
	for _, b := range ended { // nobody else touches them, and others go on meanwhile
		rows := slices.DeleteFunc(t.rows[b], func(row row) bool {
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

// toPrune notes that a partition is complete, and returns the partitions for the
// caller to prune.
func (t *Builder) toPrune(partition int) []int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = append(t.ended, partition)
	t.held += int64(len(t.rows[partition]))
	if t.pruning || t.held < t.pruned+t.sampler.limit/4 {
		return nil
	}
	t.pruning = true
	return slices.Clone(t.ended)
}

// Take returns the panel of the builder's request at the given place, with customers
// in the order of ids. The first call assembles the rows and releases the collected
// data; names are the names of the calculator's features.
func (t *Builder) Take(names []string, place int) *Panel {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.panel == nil {
		t.panel = t.assemble(names)
	}
	to := len(t.labels)
	if place+1 < len(t.offsets) {
		to = t.offsets[place+1]
	}
	return t.panel.labelled(t.offsets[place], to)
}

func (t *Builder) assemble(names []string) *Panel {
	p := &Panel{Names: names, Days: make([]Day, len(t.days)), Share: t.sampler.share()}
	var all []row
	for _, rows := range t.rows {
		for _, row := range rows {
			if t.sampler.drawn(int(row.bin)) {
				all = append(all, row)
			}
		}
	}
	slices.SortFunc(all, func(x, y row) int {
		return cmp.Or(cmp.Compare(x.day, y.day), bytes.Compare(x.id, y.id))
	})
	for k := range t.days {
		from, _ := slices.BinarySearchFunc(all, k, func(r row, k int) int { return cmp.Compare(int(r.day), k) })
		to, _ := slices.BinarySearchFunc(all, k+1, func(r row, k int) int { return cmp.Compare(int(r.day), k) })
		p.Days[k] = t.day(k, len(names), all[from:to])
	}
	for _, w := range t.workers {
		t.blocks.Give(w.taken...)
	}
	t.rows, t.workers, t.free = nil, nil, nil
	return p
}

// day puts the rows of day k together.
func (t *Builder) day(k, width int, rows []row) Day {
	d := Day{
		Day: t.days[k], Cols: columnsOf(rows, 0, width), Labels: columnsOf(rows, width, len(t.labels)), Rows: len(rows),
		Positive: make([]int64, len(t.labels)),
	}
	for w := range t.workers {
		if counts := t.workers[w].counts; counts != nil {
			d.All += counts[k].customers
			for l, n := range counts[k].positive {
				d.Positive[l] += n
			}
		}
	}
	return d
}

// columnsOf returns n columns of the rows, the first of which stands at from.
func columnsOf(rows []row, from, n int) [][]float32 {
	cols := make([][]float32, n)
	for j := range cols {
		cols[j] = make([]float32, len(rows))
	}
	for i := range rows {
		for j, v := range rows[i].data[from : from+n] {
			cols[j][i] = v
		}
	}
	return cols
}
