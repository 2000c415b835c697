package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// dimensionName is the form of the name of a dimension: the beginning of names
// of features, and a column of the kept history.
var dimensionName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

const maxDimensionName = 40

// returnColumn is the column of the kept history that is no role.
const returnColumn = "return"

// takenColumns returns the columns of segments.parquet that are no features, and the
// columns of the kept history that are no roles.
func takenColumns() []string {
	taken := []string{returnColumn}
	for _, step := range steps.Table() {
		for _, c := range step.Columns {
			taken = append(taken, c.Name)
		}
	}
	return taken
}

// CheckDimension returns the fault of a name for a custom dimension, or "".
func CheckDimension(name string) string {
	if fault := checkName(name); fault != "" {
		return fault
	}
	if slices.Contains(ingest.Roles(), ingest.Role(name)) {
		return fmt.Sprintf("got the name %q, which is a role; map it under columns", name)
	}
	if feature, clashes := features.Clash(name); clashes {
		return fmt.Sprintf("got the name %q, which would clash with the feature %s; choose another name", name, feature)
	}
	return checkTaken(name)
}

// checkName returns the fault in the form of a name chosen in a job, or "".
func checkName(name string) string {
	if !dimensionName.MatchString(name) || len(name) > maxDimensionName {
		return fmt.Sprintf("got the name %q, want lower-case letters, digits and single underscores, a letter first, at most %d characters", name, maxDimensionName)
	}
	return ""
}

// checkTaken returns the fault of a name in use by the outputs, or "".
func checkTaken(name string) string {
	if slices.Contains(takenColumns(), name) {
		return fmt.Sprintf("got the name %q, which is that of a column of the outputs; choose another name, such as my_%s", name, name)
	}
	return ""
}

// checkDimensions finds the faults of the dimensions of one entry.
func (d *decoder) checkDimensions(t *Transactions, name string, n *node) {
	for _, key := range slices.Sorted(maps.Keys(t.Dimensions)) {
		at := n
		if e := n.get(key); e != nil {
			at = &node{line: e.line, column: e.column}
		}
		if fault := CheckDimension(key); fault != "" {
			d.fault(at, name, "%s", fault)
		} else if t.Dimensions[key] == "" {
			d.fault(at, name, "got no column for %s, want one", key)
		}
	}
}

// checkNumberOfDimensions finds the fault of too many over all entries.
func (d *decoder) checkNumberOfDimensions(j *Job, root *node) {
	all := map[string]bool{}
	for _, t := range j.Inputs.Transactions {
		for name := range t.Dimensions {
			all[name] = true
		}
	}
	for _, l := range j.Inputs.Lookups {
		for name := range l.Dimensions {
			all[name] = true
		}
	}
	if len(all) > datasets.MaxFurther {
		names := strings.Join(slices.Sorted(maps.Keys(all)), ", ")
		d.fault(find(root, "inputs", "transactions"), "inputs.transactions", "got %d dimensions (%s), want at most %d over all entries; remove some", len(all), names, datasets.MaxFurther)
	}
}
