package migration

import (
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
)

// grouping is a grouping that customers are followed through.
type grouping struct {
	column string // of segments.parquet
	named  string // the column with the name of the group, where the grouping is a number
}

// groupings are the groupings of all steps. No room knows another room, and columns are declared without a job: a test
// beside the table of steps compares this list with the declarations of the steps.
var groupings = []grouping{
	{column: "rfm_segment"},
	{column: "segment", named: "segment_name"},
	{column: "abc_class"},
	{column: "quadrant"},
	{column: "portfolio"},
	{column: "lifecycle_stage"},
	{column: "relationship"},
}

// nameColumn returns the column that holds the names of the groups.
func (g grouping) nameColumn() string {
	if g.named != "" {
		return g.named
	}
	return g.column
}

// alone says where a number cannot be compared.
func alone(g grouping) string {
	if g.named == "" {
		return ""
	}
	return ", and where the reference is an earlier day of the history, whose groups are numbered by themselves"
}

const (
	beforeSuffix = "_before"
	sinceSuffix  = "_since"
)

// columns returns the columns of the step: two for each grouping.
func columns() []mining.Column {
	var all []mining.Column
	for _, g := range groupings {
		before := table.Column{Name: g.column + beforeSuffix, Type: table.Text, Nullable: true, Dictionary: true,
			Description: g.column + " in the reference of migration; null for those who were not there" + alone(g)}
		if g.named != "" {
			before.Type, before.Dictionary = table.Int32, false
		}
		all = append(all, mining.Column{Column: before}, mining.Column{Column: table.Column{
			Name: g.column + sinceSuffix, Type: table.Date, Nullable: true,
			Description: "scoring date from which on the runs that were compared have put the customer into this " + g.column + alone(g),
		}})
	}
	return all
}
