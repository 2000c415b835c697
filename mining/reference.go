package mining

import (
	"context"
	"iter"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/models/drift"
)

// Comparer is implemented by settings of a step that compares the customers with those of a reference. The runner
// does the steps first that find groupings, and hands the task Input.Reference.
type Comparer interface {
	// Compares returns the earlier day at whose end the same history is the reference, and false where the run before
	// is.
	Compares() (day datasets.Day, made bool)
}

// Reference is what a run is compared with: the run before, or the customers as the same history knows them at the
// end of an earlier day.
type Reference struct {
	AsOf datasets.Day
	Made bool // of the history at an earlier day; else the run before has published it

	// Unknown lists steps whose groupings ask for attributes of customers, of which an earlier day is not known.
	Unknown []string

	// Then yields the customers of the reference in the order of their ids, with columns as they were then. A batch
	// has a Score for each column that the reference has, and for no other. It is good until the next.
	Then func(ctx context.Context, columns []string) iter.Seq2[*Batch, error]
	// Now yields the customers of this run, in the batches of Input.Scores, with columns as the models of the
	// reference fill them. A batch has a Score for each column that such a model fills, and for no other.
	Now func(ctx context.Context, columns []string) iter.Seq2[*Batch, error]
	// Reads lists the features that the models of the reference read to make groups.
	Reads []string
	// Values returns a feature of the customers of the reference who had bought, nil where it was not kept; Kept
	// then returns what was: bins and shares.
	Values func(ctx context.Context, feature string) ([]float64, error)
	Kept   func(feature string) (drift.Reference, bool)
}
