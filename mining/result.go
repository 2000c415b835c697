package mining

import (
	"context"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/profile"
	"github.com/quintile-dev/quintile/models"
)

// Result is what a step has found.
type Result struct {
	State    State
	Figures  []Figure
	Warnings []models.Warning // codes without the name of the step
	Model    Model            // nil where customers cannot be scored later
	Scorer   Scorer           // what fills the columns in this run; nil: Model
	Groups   []*Groups
	Tables   []Table
	Section  *page.Section // nil: the report has none
	// Late, where set, completes the section with what only the scores of all customers
	// tell. It is called once, when all customers of the run are scored.
	Late    func(*page.Section)
	Targets *TargetList // of the next campaign, for files for CRM systems; nil: none is drawn

	// Unmet is the reason why the result does not meet the settings, "" where the result
	// does. The run then publishes nothing.
	Unmet string
}

// Figure is a number, text, list or map of the manifest. JSON must be able to hold it; a
// NaN by itself becomes null.
type Figure struct {
	Name    string
	Value   any
	Summary bool // the terminal shows it as well
}

// Groups divides the customers who have bought.
type Groups struct {
	Name     string   // of the column of segments.parquet that names them
	Names    []string // of the groups, by label
	Labels   []int32  // of each customer who has bought, in the order of ids; −1 for none
	Numbers  []int32  // of the groups, by label, rising; nil: the label + 1
	Defining []string // the features that make the groups, by which nobody should be surprised to tell them apart
	Actions  []string // what to do with each group; nil: nothing is proposed
	Rules    []Rule   // each group in words; nil: there are none
	Now      []Now    // groups for whom something should be done at once

	// Described compares the groups with all customers; nil: the runner does.
	Described []profile.Group
	Fidelity  float64 // share of the customers whom the rules put into their group; NaN without rules
}

// Now is something to be done at once for a group of customers. The report adds how many
// customers the group has, and what money.
type Now struct {
	Group          int    // its label
	Do, Why, Offer string // as in page.Action
}

// Number returns the number of a group, which lasts from run to run where Numbers says so.
func (g *Groups) Number(label int) int32 {
	if g.Numbers == nil {
		return int32(label + 1)
	}
	return g.Numbers[label]
}

// Rule says in words who is in a group.
type Rule struct {
	Text       string  // "" where there are no words for it
	Confidence float64 // share of those the rule picks who are in the group; NaN for none
}

// Table is a separate table published by the step.
type Table struct {
	Name     string // of the file, such as "rules.parquet" or "performance/region.parquet"
	Columns  []Column
	SortedBy []string
	// Customers is set if the table has a row for each customer, and is read from
	// Input.Table; such tables are written beside segments.parquet.
	Customers bool
	// People names the column that holds the ids of people who are no customers. Files for CRM
	// systems are made of such a table as well, with its columns for these. "": of none.
	People string
	// Write writes the rows in batches. An error of the writer is passed on.
	Write func(context.Context, TableWriter) error
}

// TableWriter takes the rows of a table.
type TableWriter interface {
	// Write adds rows: an entry of values for each column, by position. The values may be
	// used again when it returns.
	Write(values []table.Values, rows int) error
}

// Scorer fills the columns of a step.
type Scorer interface {
	// Reads returns the columns of the table that scoring reads.
	Reads() []string
	// ScoreTo sets every column of the step in dst for the customers of a batch.
	ScoreTo(ctx context.Context, dst *Scores, b *Batch, workers int) error
}

// Model is the learned part of a step. A Model is immutable, and its JSON restores the
// Model to the last bit.
type Model interface {
	Scorer
	// Validate returns an error where the model, as from a file, cannot be used.
	Validate() error
}

// Preparer is a model that must see the events of customers before scoring, or that
// publishes tables when customers are scored later.
type Preparer interface {
	Model
	// Prepare returns what takes part in the scan and scores afterwards.
	Prepare(*Run) (Prepared, error)
}

// Prepared scores customers in "quintile score". It may be a Scanner and a Deriver too.
type Prepared interface {
	Scorer
	// Tables returns the tables to publish, once the scan is done.
	Tables(*Input) ([]Table, error)
}
