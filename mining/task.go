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
	// Memory returns the most bytes held by Fit for so many customers, beyond the data
	// collected in the scan. The runner starts a task once its memory is free.
	Memory(customers int) int64
	// Fit finds the answer. Fit may run beside other tasks. Too little data is a state
	// of the result, not an error.
	Fit(context.Context, *Input) (*Result, error)
}

// Collector is a task that sees the events of every customer in the scan.
type Collector interface {
	Task
	Scanner
}

// Scanner sees the events of every customer in the scan. The collected data must not
// depend on the number of workers, nor on the distribution of partitions over workers.
type Scanner interface {
	// Begin makes the scanner ready.
	Begin(*Resources) error
	// Worker returns the part of the scanner for one goroutine, and is called by that
	// goroutine.
	Worker(worker int) Worker
	// Close releases all data of the scanner. Close may be called twice, and in the
	// middle of a failed scan.
	Close() error
}

// Worker is the part of a scanner for one goroutine.
type Worker interface {
	// Customer sees one customer. The arguments are valid until Customer
	// returns.
	Customer(*Customer) error
	// End is called when a partition is complete. anonymous holds the lines without a
	// customer, sorted by order, lines after the scoring date included.
	End(partition int, anonymous *datasets.Events) error
}

// Customer is a customer as the scan sees one.
type Customer struct {
	ID        []byte
	Partition int
	Past      features.Past // the events up to the scoring date, by time

	// Attributes are the attributes of the customer from files, in the order of
	// Run.Attributes: NaN where missing, and the code of a text.
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

// Deriver is a task or a model that adds columns to the table of features: numbers of
// one customer beyond the features. The columns are stored like features, and read by
// name from Input.Table and Batch.
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

// Learner is a task that learns from the features of customers on past days, and from
// their behaviour afterwards.
type Learner interface {
	Task
	// Panel describes the days and the outcomes.
	Panel() panel.Request
}

// Anonymous is implemented by settings that have a use for line items without a customer.
type Anonymous interface {
	WantsAnonymous() bool
}

// Input holds the data for a task.
type Input struct {
	*Run
	Table  *features.Table // of all customers, in the order of their ids
	Buyers []uint32        // positions of the customers with a purchase; nil: all have one
	Panel  *panel.Panel    // of a Learner
	Memory int64           // bytes of the budget that are free for the task
	Counts Counts
	// Scores yields all customers in the order of their ids, batch by batch, with the
	// given features and attributes, and with the columns read by the settings and filled
	// by earlier steps; see ColumnOf. A batch is valid until the next. Customers who have
	// never bought are included.
	Scores func(ctx context.Context, columns []string) iter.Seq2[*Batch, error]
	// Reference is what a Comparer compares with; nil where there is nothing yet.
	Reference *Reference
	// ProductNames returns the most frequent description of a product, "" for none.
	ProductNames func(code uint32) string

	results map[string]*Result // of the steps done before, by name
}

// Counts are the totals of the history up to the scoring date.
type Counts struct {
	Customers, ReturnsOnly, Orders int64
}

// NewInput returns the input of a task, with the results of earlier steps.
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

// Result returns the result of a step needed by the settings, nil without a result.
func (in *Input) Result(step string) *Result { return in.results[step] }

// Groups returns a grouping by its name, nil where no finished step has found the
// grouping.
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
// with the exit code for failed writes.
func SpillError(err error) error {
	if err == nil {
		return nil
	}
	return &spillError{err}
}

type spillError struct{ error }

func (e *spillError) Unwrap() error { return e.error }

// IsSpillError reports whether an error was marked by SpillError.
func IsSpillError(err error) bool {
	var e *spillError
	return errors.As(err, &e)
}
