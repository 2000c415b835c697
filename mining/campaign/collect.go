package campaign

import (
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// mostLearned is the number of contacts of a campaign for learning uplift; of more
// contacts, the lowest hashes are taken.
const mostLearned = 200_000

// task compares the arms of campaigns.
type task struct {
	set     Settings
	drawn   *datasets.Campaigns // nil: the job names none
	earlier []mining.Target     // lists that earlier runs have drawn

	priced bool // line items have money

	// By contact, from the line items: each contact belongs to one customer, and one
	// worker sees each customer.
	ordered       []bool
	money, before []datasets.Money // within the window, and before the contact

	// The facts known before the contact, for the contacts in learning.
	sources  []source
	selected []features.Feature // the first of the sources
	slots    []int32            // of each contact, its place in values; −1: not learned from
	values   []float32          // contact by contact
}

// Memory covers the outcomes, the data for learning uplift, and a drawn list.
func (t *task) Memory(customers int) int64 {
	learned := min(int64(t.drawn.Len()), mostLearned*int64(max(1, t.names())))
	listed := int64(0)
	if t.set.Next.Name != "" {
		listed = 120 * int64(customers)
	}
	return 40*int64(t.drawn.Len()) + learned*int64(24*len(t.sources)) + listed
}

func (t *task) names() int {
	if t.drawn == nil {
		return 0
	}
	return t.drawn.Names()
}

// Begin makes room for the outcomes.
func (t *task) Begin(*mining.Resources) error {
	n := t.drawn.Len()
	t.ordered, t.money, t.before = make([]bool, n), make([]datasets.Money, n), make([]datasets.Money, n)
	t.chooseLearned()
	return nil
}

// chooseLearned gives a place to each contact used for learning.
func (t *task) chooseLearned() {
	n := t.drawn.Len()
	if n == 0 || len(t.sources) == 0 {
		return
	}
	sizes := make([]int, t.drawn.Names())
	for i := range n {
		sizes[t.drawn.At(i).Campaign]++
	}
	t.slots = make([]int32, n)
	used := int32(0)
	for i := range n {
		x := t.drawn.At(i)
		t.slots[i] = -1
		if size := sizes[x.Campaign]; size <= mostLearned ||
			draw(t.drawn.Name(x.Campaign), "sample", t.drawn.ID(i)) < float64(mostLearned)/float64(size) {
			t.slots[i] = used
			used++
		}
	}
	t.values = make([]float32, int(used)*len(t.sources))
	for i := range t.values {
		t.values[i] = float32(math.NaN()) // of customers without a line item
	}
}

// worker computes the facts known about customers before their contacts.
type worker struct {
	*task
	calculator *features.Calculator
	row        []float64
}

// Worker returns a worker; workers write to entries of their own customers.
func (t *task) Worker(int) mining.Worker {
	return &worker{t, features.NewCalculator(t.selected), make([]float64, len(t.selected))}
}

// Close has nothing to let go of.
func (t *task) Close() error { return nil }

// End has nothing to do.
func (t *task) End(int, *datasets.Events) error { return nil }

// Customer adds up the purchases of a customer before each contact, and within the window
// after it. Returns do not count.
func (w *worker) Customer(c *mining.Customer) error {
	if w.drawn == nil {
		return nil
	}
	from, to := w.drawn.Of(c.ID)
	ev := c.Past.Events()
	for i := from; i < to; i++ {
		begin := w.drawn.At(i).Time
		end := begin + datasets.Moment(w.set.ResponseDays)*datasets.FullDay
		for k, at := range ev.Time {
			switch {
			case ev.Return[k] || at >= end:
			case at < begin:
				w.before[i] += ev.Amount[k]
			default:
				w.ordered[i] = true
				w.money[i] += ev.Amount[k]
			}
		}
		if err := w.describe(i, begin.Day()-1, c); err != nil {
			return err
		}
	}
	return nil
}

// describe sets the facts known about a customer by the end of the day before
// contact i.
func (w *worker) describe(i int, day datasets.Day, c *mining.Customer) error {
	if w.slots == nil || w.slots[i] < 0 {
		return nil
	}
	if err := w.calculator.Compute(w.row, c.Past.Events(), day); err != nil {
		return err
	}
	d := len(w.sources)
	dst := w.values[int(w.slots[i])*d:][:d]
	for k, s := range w.sources {
		if s.attribute < 0 {
			dst[k] = float32(w.row[k])
		} else {
			dst[k] = float32(c.Attributes[s.attribute])
		}
	}
	return nil
}
