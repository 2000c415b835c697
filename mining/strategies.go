package mining

import (
	"maps"
	"slices"
	"strings"
)

// CheckStrategies refuses strategies for groups that there are not.
func CheckStrategies(strategies map[string]string, groups []string) []Fault {
	var faults []Fault
	for _, name := range slices.Sorted(maps.Keys(strategies)) {
		if !slices.Contains(groups, name) {
			faults = append(faults, Faultf("strategies", "got a strategy for %q, want one of %s", name, strings.Join(groups, ", ")))
		}
	}
	return faults
}

// Actions returns what to do with each group: what the job says, or else the words of the
// program.
func Actions(groups []string, own, standard map[string]string) []string {
	out := make([]string, len(groups))
	for i, name := range groups {
		out[i] = standard[name]
		if text, has := own[name]; has {
			out[i] = text
		}
	}
	return out
}
