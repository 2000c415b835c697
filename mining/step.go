// Package mining is the contract between a run and its steps. A step is a question of a
// business about its customers: a package below this package, with the name of the step in
// the job file, and one line in the table of package pipeline/steps. The job file, its
// schema and documents, the scan, the scores, CRM files, the manifest, the report and the
// summary on the terminal all follow from the declarations of the package.
//
// A run goes through four moments, and a step may take part in each:
//
//   - [Settings.Plan], once line items are loaded: the settings become a [Task].
//   - The scan, once: a [Collector] sees the events of every customer, a [Deriver] adds
//     columns of its own to the table of features, and a [Learner] asks for the features
//     of customers on past days.
//   - [Task.Fit], after the scan: the [Result], with a [Model] where customers are scored.
//   - Publication: the [Scorer] fills the columns of segments.parquet, batch by batch, and
//     the tables of the result are written. "quintile score" comes here with the models of
//     an earlier run.
package mining

import (
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining/filter"
)

// Step is a question, as far as it is known without a job.
type Step struct {
	Name    string // of the block in the job file and of the model's file; begins the codes of warnings
	Doc     string // the question, in a sentence
	Example string // the settings that a new job begins with, such as "{bins: 5}"
	Chapter Chapter

	Default  func() Settings // a pointer to settings, with every default set
	NewModel func() Model    // an empty model, for a file to be decoded into; nil: the step has no model

	Columns   []Column // of segments.parquet, in their order
	Groupings []string // names of the groupings that the step may find; each is one of Columns
	Files     []File   // tables of its own
	Figures   []Doc    // of the manifest
	Warnings  []Doc    // their codes, without the name of the step

	// Returners is set if customers who never bought, and only returned goods, are scored
	// as well. Otherwise the runner sets the columns of such customers to null.
	Returners bool
	// Unlearned is set if the step learns nothing: "quintile score" then repeats the work
	// of a run.
	Unlearned bool
}

// Chapter is the part of the report in which the section of a step stands.
type Chapter int

// The chapters of a report, in their order.
const (
	AboutCustomers Chapter = iota // who the customers are
	AboutWorth                    // what customers are worth
	AboutLeaving                  // who leaves, or departs from the expected
	AboutSales                    // what sells, and what comes next
	AboutOffers                   // what to offer, to whom, and whether offers worked
	AboutMovement                 // what has changed since an earlier run
	Chapters                      // the number of chapters
)

// Column is a column of an output.
type Column struct {
	table.Column
	Money bool // an amount in the currency of the job, whose type the job decides; Values.Floats holds it
	CRM   bool // the column is of use to a CRM system, and is written into files for CRM systems
}

// Doc documents a figure or a warning by its name.
type Doc struct {
	Name, Text string
	Mend       string // of a warning: what to do about it
}

// File documents a table that a step publishes.
type File struct {
	Name, Text string   // such as "rules.parquet"; <dimension> stands for a name that the job chooses
	Columns    []Column // nil: they depend on the job
}

// Settings are the settings of a step in a job file: a pointer to a struct whose fields
// have the tags yaml, doc, min, max and enum, from which the reader, the schema and the
// documents of job files are made. A field is a number, a text, a switch, a list or map of
// such values, a type of package setting, or a struct of the same kind.
type Settings interface {
	// Check returns the faults that no tag can express.
	Check() []Fault
	// Needs returns the names of the steps and groupings with results read by the
	// task. The runner does these steps first; a job without such a step is refused.
	Needs() []string
	// Plan makes the task, once the run knows what the line items hold.
	Plan(*Run) (Task, []Fault)
}

// NeedsField is implemented by settings with a field for the names returned by Needs, so
// that a fault can name the field.
type NeedsField interface{ NeedsField() string }

// Judging is implemented by settings of which some judge the result of learning, such as a bar
// for its quality. Such a setting means nothing to a model that is applied later, and may
// differ from the setting at the time of learning.
type Judging interface {
	Judging() []string // the names of the fields
}

// PastFeatures is implemented by settings that name features for learning from past
// days, where attributes of customers are unknown.
type PastFeatures interface {
	PastFeatures() (field string, names []string)
}

// ColumnReader is implemented by settings that name columns: columns of segments.parquet
// filled by other steps, features, and attributes of customers. The runner first does the
// steps that fill the columns, and the task reads the columns by Input.Scores; a job
// without such a step is refused.
type ColumnReader interface {
	ReadsColumns() []ColumnUse
}

// ColumnUse is a column that a field of the settings names.
type ColumnUse struct {
	Field string // within the block, such as "plan.from"
	filter.Use
}

// Fault is a fault of the settings.
type Fault struct {
	Field   string // within the block, such as "min_k"; "" for the block
	Message string // got …, want …
}

// State says whether the findings of a step can be used.
type State string

// The common states of steps. A step may have further states.
const (
	OK           State = "ok"
	Insufficient State = "insufficient_data"
	NotConverged State = "not_converged"
	Partial      State = "partial" // a budget ended the search
)
