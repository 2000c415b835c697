package mining

import (
	"fmt"
	"slices"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining/words"
)

// Run holds the facts known once the line items of a run are loaded. Steps do not
// modify a Run.
type Run struct {
	AsOf     datasets.Day // the scoring date
	First    datasets.Day // the day of the first event
	Seed     uint64
	Workers  int
	Budget   int64        // bytes of memory of the whole run
	Currency string       // "" where the job names none
	Words    *words.Words // in which texts for people are written

	Mapped     features.Columns     // the columns that line items have
	Features   []features.Feature   // the columns of the table: Computed, then the attributes of customers
	Computed   []features.Feature   // from events, and so known on any day
	Further    []string             // names of the job's own dimensions, in their order
	Attributes []datasets.Attribute // of customers
	Products   int                  // number of product codes

	// Dictionary returns the texts that the codes of a dimension stand for.
	Dictionary func(datasets.Dimension) *datasets.Strings
	// Categories returns the texts that the codes of an attribute stand for.
	Categories func(attribute string) *datasets.Strings
	// Money is the type that the job asks for in columns of money.
	DecimalMoney bool
	Now          func() time.Time

	// Campaigns holds the customers of each campaign, nil where the job names no
	// campaigns. Ids are ids of customers, with aliases resolved; some may have no line
	// item.
	Campaigns *datasets.Campaigns
	// Planned are the lists of campaigns that earlier runs of the job have drawn, sorted by
	// campaign, then by rank; empty without lists. Customers on a list are in Campaigns too.
	Planned []Target
	// Suppressed reports whether a customer must not be contacted. Nil: nobody.
	Suppressed func(id []byte) bool
	// Prospects holds attributes of people who have not bought, nil where the job names
	// none. Each is one of Attributes by its name and kind; the codes of categories are of
	// a numbering of their own.
	Prospects *datasets.Attributes

	// Before is the run before, nil where there is none, or none is asked for.
	Before *Before
}

// Priced reports whether a column says what line items cost. Without one their amounts are 0,
// which is not money of 0.
func (r *Run) Priced() bool { return r.Mapped.Has(features.Amount) }

// Counted reports whether a column says how many pieces line items have. Without one each has
// one, which nobody has counted.
func (r *Run) Counted() bool { return r.Mapped.Has(features.Units) }

// Deadline returns a test that becomes true once limit has passed, nil for a limit of 0.
func (r *Run) Deadline(limit time.Duration) func() bool {
	if limit == 0 {
		return nil
	}
	end := r.Now().Add(limit)
	return func() bool { return r.Now().After(end) }
}

// Select returns the features of the table with the given names, and a fault of the
// field for each name that is unknown to the table, or that is only a name in the
// guise of a number.
func (r *Run) Select(field string, names []string) ([]features.Feature, []Fault) {
	return r.selectFrom(field, names, slices.Concat(features.With(r.Further), features.OfAttributes(r.Attributes)), true)
}

// SelectPast is Select for a step that learns from past days, where attributes are
// unknown.
func (r *Run) SelectPast(field string, names []string) ([]features.Feature, []Fault) {
	return r.selectFrom(field, names, features.With(r.Further), true)
}

// SelectAny does as Select, and takes names in the guise of numbers as well.
func (r *Run) SelectAny(field string, names []string) ([]features.Feature, []Fault) {
	return r.selectFrom(field, names, slices.Concat(features.With(r.Further), features.OfAttributes(r.Attributes)), false)
}

func (r *Run) selectFrom(field string, names []string, all []features.Feature, numbers bool) ([]features.Feature, []Fault) {
	var faults []Fault
	selected, err := features.Select(all, names, r.Mapped)
	if err != nil {
		faults = append(faults, Fault{field, err.Error()})
	}
	for _, f := range selected {
		if numbers && f.Kind == features.Code {
			faults = append(faults, Fault{field, fmt.Sprintf("got %s, which is a name, want features that are numbers", f.Name)})
		}
	}
	return selected, faults
}

// Learnable returns the names of features for a model to learn from: the named
// features, or the whole list except names in the guise of numbers.
func Learnable(list []features.Feature, named []string) []string {
	if len(named) > 0 {
		return named
	}
	var all []string
	for _, f := range list {
		if f.Kind != features.Code {
			all = append(all, f.Name)
		}
	}
	return all
}
