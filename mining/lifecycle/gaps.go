package lifecycle

import (
	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// gaps holds the counts of the scan for all customers together.
type gaps struct {
	all    mining.Durations // between purchase days; open ones are not counted
	second mining.Durations // from the first to the second purchase day
}

// Begin has nothing to make ready: the memory of workers is bounded by the days of the
// history.
func (t *task) Begin(*mining.Resources) error {
	t.workers = nil
	return nil
}

// Worker returns the counts of one goroutine.
func (t *task) Worker(int) mining.Worker {
	w := &worker{}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.workers = append(t.workers, w)
	return w
}

// Close lets go of the counts.
func (t *task) Close() error {
	t.workers = nil
	return nil
}

// counted returns the counts of all workers.
func (t *task) counted() *gaps {
	all := new(gaps)
	for _, w := range t.workers {
		all.all.Merge(&w.all)
		all.second.Merge(&w.second)
	}
	return all
}

type worker struct {
	gaps
	days []datasets.Day
}

// Customer counts the gaps of one customer.
func (w *worker) Customer(c *mining.Customer) error {
	w.days = mining.PurchaseDays(w.days[:0], c.Past.Events())
	switch len(w.days) {
	case 0:
		return nil
	case 1:
		w.second.Leave(int(c.Past.AsOf() - w.days[0]))
		return nil
	}
	w.second.Close(int(w.days[1] - w.days[0]))
	for i, day := range w.days[1:] {
		w.all.Close(int(day - w.days[i]))
	}
	return nil
}

// End has nothing to do.
func (w *worker) End(int, *datasets.Events) error { return nil }
