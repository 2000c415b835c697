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

// Actions returns the action for each group: from the job, or else from the program.
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
