package features

import (
	"fmt"
	"slices"
	"strings"
)

// catalogue is every feature, in the order of the documentation and of the
// outputs. To add a feature, add an entry to the list of its group, and the value
// to those of the group; where the summary does not hold what it needs, add that
// to the summary.
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

// Lookup returns the feature of that name.
func Lookup(name string) (Feature, bool) {
	i := slices.IndexFunc(catalogue, func(f Feature) bool { return f.Name == name })
	if i < 0 {
		return Feature{}, false
	}
	return catalogue[i], true
}

// Available returns the features whose columns are all mapped, in the order of
// the documentation. A feature that needs an unmapped column is left out: the
// outputs have no column of it, rather than one without values.
func Available(mapped Columns) []Feature {
	var out []Feature
	for _, f := range catalogue {
		if mapped.Has(f.Needs) {
			out = append(out, f)
		}
	}
	return out
}

// Select returns the features of these names, in this order.
//
// Errors: all at once, a *ConfigError for each name that the catalogue does not
// have, that needs a column which is not mapped, or that stands twice.
func Select(names []string, mapped Columns) ([]Feature, error) {
	out := make([]Feature, 0, len(names))
	var faults faults
	for i, name := range names {
		field := fmt.Sprintf("features[%d]", i)
		f, ok := Lookup(name)
		switch {
		case !ok:
			faults.add(field, name, "a feature of docs/features.md"+suggestion(name))
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

// suggestion returns `; did you mean "x"?` for the nearest name, or "".
func suggestion(name string) string {
	best, at := 1+len(name)/3, ""
	for _, f := range catalogue {
		if d := distance(strings.ToLower(name), f.Name); d < best {
			best, at = d, f.Name
		}
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
