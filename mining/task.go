package mining

import (
	"context"
	"errors"
	"iter"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/features/panel"
)

// Task is a step that is about to be done in a run.
type Task interface {
	// Memory returns the bytes that Fit holds at most for so many customers, beyond what
	// it collected in the scan. The runner starts a task once its memory is free.
	Memory(customers int) int64
	// Fit finds the answer. It may run beside other tasks. Too little data is a state of
	// the result and no error.
	Fit(context.Context, *Input) (*Result, error)
}

// Collector is a task that sees the events of every customer in the scan.
type Collector interface {
	Task
	Scanner
}

// Scanner sees the events of every customer in the scan. What it has collected must not
// depend on the number of workers, nor on which of them saw which partition.
type Scanner interface {
	// Begin makes the scanner ready.
	Begin(*Resources) error
	// Worker returns the part of the scanner that one goroutine uses. It is called by
	// that goroutine.
	Worker(worker int) Worker
	// Close lets everything go that the scanner holds. It may be called twice, and in the
	// middle of a scan that failed.
	Close() error
}

// Worker is the part of a scanner that one goroutine uses.
type Worker interface {
	// Customer sees one customer. What it is handed is good until it returns.
	Customer(*Customer) error
	// End says that a partition is complete. anonymous are its lines without a customer,
	// sorted by order; lines after the scoring date are among them.
	End(partition int, anonymous *datasets.Events) error
}

// Customer is a customer as the scan sees one.
type Customer struct {
	ID        []byte
	Partition int
	Past      features.Past // the events up to the scoring date, by time

	// Attributes are what files say of the customer, as Run.Attributes lists them; NaN for
	// nothing, and the code of a text.
	Attributes []float64
}

// Resources is what a scanner may use.
type Resources struct {
	Memory     int64 // bytes that it may hold before it spills
	Workers    int
	Partitions int
	Blocks     *offheap.Blocks // memory that the history lets go as the scan proceeds
	Spill      *spill.Space    // room on disk
}

// Deriver is a task or a model that adds columns of its own to the table of features:
// numbers of one customer that no feature holds. They are stored as features are, and
// read by their names from Input.Table and Batch.
type Deriver interface {
	// Derived returns the names of the columns, each beginning with the step's name and a
	// point.
	Derived() []string
	// NewDerive returns a function that sets dst, an entry for each column, from one
	// customer. NaN is a missing value. One goroutine uses the function.
	NewDerive() Derive
}

// Derive sets the columns of one customer.
type Derive func(dst []float64, c *Customer) error

// Learner is a task that learns from the features of customers on past days, and what
// they did afterwards.
type Learner interface {
	Task
	// Panel says which days, and what became of the customers.
	Panel() panel.Request
}

// Anonymous is implemented by settings that have a use for line items without a customer.
type Anonymous interface {
	WantsAnonymous() bool
}

// Input is what a task has to find its answer from.
type Input struct {
	*Run
	Table  *features.Table // of all customers, in the order of their ids
	Buyers []uint32        // positions of the customers with a purchase; nil: all have one
	Panel  *panel.Panel    // of a Learner
	Memory int64           // bytes of the budget that are free for the task
	Counts Counts
	// Scores yields all customers in the order of their ids, batch by batch, with these
	// features and attributes, and with the columns that the steps have filled which the
	// settings read; see ColumnOf. A batch is good until the next. The customers who have
	// never bought are among them.
	Scores func(ctx context.Context, columns []string) iter.Seq2[*Batch, error]
	// ProductNames returns the most frequent description of a product, "" for none.
	ProductNames func(code uint32) string

	results map[string]*Result // of the steps done before, by name
}

// Counts are the totals of the history up to the scoring date.
type Counts struct {
	Customers, ReturnsOnly, Orders int64
}

// NewInput returns what a task gets, with the results of the steps done before it.
func NewInput(in Input, results map[string]*Result) *Input {
	in.results = results
	return &in
}

// Customers returns the number of customers who have bought.
func (in *Input) Customers() int {
	if in.Buyers != nil {
		return len(in.Buyers)
	}
	return in.Table.Len()
}

// Result returns the result of a step that the settings need, nil where it has none.
func (in *Input) Result(step string) *Result { return in.results[step] }

// Groups returns a grouping by its name, nil where no step that was done has found it.
func (in *Input) Groups(name string) *Groups {
	for _, r := range in.results {
		for _, g := range r.Groups {
			if g.Name == name {
				return g
			}
		}
	}
	return nil
}

// Product returns the code of a product as the line items have it.
func (in *Input) Product(code uint32) string {
	return string(in.Dictionary(datasets.Product).At(int(code)))
}

// SpillError marks an error of reading or writing temporary files, so that the run ends
// with the exit code of results that cannot be written.
func SpillError(err error) error {
	if err == nil {
		return nil
	}
	return &spillError{err}
}

type spillError struct{ error }

func (e *spillError) Unwrap() error { return e.error }

// IsSpillError reports whether an error is one that SpillError has marked.
func IsSpillError(err error) bool {
	var e *spillError
	return errors.As(err, &e)
}
