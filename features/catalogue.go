package features

import (
	"fmt"
	"slices"
	"strings"
)

// catalogue is every feature, in the order of the documentation and of the
// outputs. To add a feature, add an entry to the list of its group, and the value
// to the values of the group; where the summary lacks the necessary data, add
// them to the summary.
var catalogue = slices.Concat(
	spendingFeatures,
	tenureFeatures,
	rhythmFeatures,
	windowFeatures,
	trendFeatures,
	basketFeatures,
	returnFeatures,
	productFeatures,
	categoryFeatures,
	dimensionFeatures,
	priceFeatures,
	calendarFeatures,
	clockFeatures,
)

// Catalogue returns every feature, in the order of the documentation.
func Catalogue() []Feature { return slices.Clone(catalogue) }

// Lookup returns the feature of the catalogue of that name.
func Lookup(name string) (Feature, bool) { return lookup(catalogue, name) }

func lookup(all []Feature, name string) (Feature, bool) {
	i := slices.IndexFunc(all, func(f Feature) bool { return f.Name == name })
	if i < 0 {
		return Feature{}, false
	}
	return all[i], true
}

// With returns every feature of a history with these custom dimensions, given
// in order: the features of the catalogue, then six features of each dimension.
func With(further []string) []Feature {
	all := Catalogue()
	for k, name := range further {
		all = append(all, furtherFeatures(k, name)...)
	}
	return all
}

// Available returns the features whose columns are all mapped, in the order of
// the documentation. A feature that needs an unmapped column is left out: the
// outputs have no such column, instead of a column without values. further are
// the names of the history's custom dimensions.
func Available(mapped Columns, further ...string) []Feature {
	var out []Feature
	for _, f := range With(further) {
		if mapped.Has(f.Needs) {
			out = append(out, f)
		}
	}
	return out
}

// Select returns the features of these names, in the given order, out of all: the
// features returned by With, and attributes if any.
//
// Errors: all at once, a *ConfigError for each name that is unknown, needs an
// unmapped column, or occurs twice.
func Select(all []Feature, names []string, mapped Columns) ([]Feature, error) {
	out := make([]Feature, 0, len(names))
	var faults faults
	for i, name := range names {
		field := fmt.Sprintf("features[%d]", i)
		f, ok := lookup(all, name)
		switch {
		case !ok:
			faults.add(field, name, "a feature of docs/features.md"+suggestion(all, name))
		case !mapped.Has(f.Needs):
			faults.add(field, name, "a feature whose columns are mapped; map "+(f.Needs&^mapped).String())
		case slices.Index(names, name) < i:
			faults.add(field, name, "each feature once")
		}
		out = append(out, f)
	}
	if err := faults.join(); err != nil {
		return nil, err
	}
	return out, nil
}

// suggestion returns `; did you mean "x"?` for the nearest name. Where no name
// is near, and the name looks like a feature of a custom dimension, the
// suggestion explains how to get such a feature.
func suggestion(all []Feature, name string) string {
	best, at := 1+len(name)/3, ""
	for _, f := range all {
		if d := distance(strings.ToLower(name), f.Name); d < best {
			best, at = d, f.Name
		}
	}
	const typo = 3 // letters, fewer than which are a slip of the hand
	if dimension := looksFurther(name); dimension != "" && (at == "" || best >= typo) {
		return fmt.Sprintf("; for a dimension of the job's own, name %s under dimensions", dimension)
	}
	if at == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", at)
}

// distance returns the Levenshtein distance of a and b in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
