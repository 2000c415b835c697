package campaign

import (
	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
)

// task compares the arms of campaigns.
type task struct {
	set   Settings
	drawn *datasets.Campaigns // nil: the job names none

	// By contact, from the line items: each belongs to one customer, whom one worker sees.
	ordered       []bool
	money, before []datasets.Money // within the window, and before the contact
}

// Memory is that of the outcomes.
func (t *task) Memory(int) int64 { return 40 * int64(t.drawn.Len()) }

// Begin makes room for the outcomes.
func (t *task) Begin(*mining.Resources) error {
	n := t.drawn.Len()
	t.ordered, t.money, t.before = make([]bool, n), make([]datasets.Money, n), make([]datasets.Money, n)
	return nil
}

// Worker returns the task itself: workers write to entries of their own customers.
func (t *task) Worker(int) mining.Worker { return t }

// Close has nothing to let go of.
func (t *task) Close() error { return nil }

// End has nothing to do.
func (t *task) End(int, *datasets.Events) error { return nil }

// Customer adds up what a customer bought before each contact, and within the window after it.
// Returns do not count.
func (t *task) Customer(c *mining.Customer) error {
	if t.drawn == nil {
		return nil
	}
	from, to := t.drawn.Of(c.ID)
	ev := c.Past.Events()
	for i := from; i < to; i++ {
		begin := t.drawn.At(i).Time
		end := begin + datasets.Moment(t.set.ResponseDays)*datasets.FullDay
		for k, at := range ev.Time {
			switch {
			case ev.Return[k] || at >= end:
			case at < begin:
				t.before[i] += ev.Amount[k]
			default:
				t.ordered[i] = true
				t.money[i] += ev.Amount[k]
			}
		}
	}
	return nil
}
