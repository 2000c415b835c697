package config

import (
	"fmt"
	"path/filepath"
	"regexp"
)

// variable is a variable of the environment in a path.
var variable = regexp.MustCompile(`\$\{([^{}]*)\}`)

// resolvePaths fills in the variables of all paths and has relative ones start at a folder.
//
// Errors: *Faults with every variable that lookup does not know.
func (j *Job) resolvePaths(folder string, lookup func(string) (string, bool)) error {
	d := &decoder{path: j.Path}
	resolve := func(path *string, name string) {
		*path = variable.ReplaceAllStringFunc(*path, func(found string) string {
			value, ok := lookup(found[2 : len(found)-1])
			if !ok || value == "" {
				d.fault(nil, name, "got %s, which the environment does not have, want a variable that is set", found)
			}
			return value
		})
		if *path != "" && folder != "." && !IsURL(*path) && !filepath.IsAbs(*path) {
			*path = filepath.Join(folder, *path)
		}
	}
	resolve(&j.Output, "output")
	resolve(&j.History, "history")
	for i := range j.Inputs.Transactions {
		resolve(&j.Inputs.Transactions[i].Path, fmt.Sprintf("inputs.transactions[%d].path", i))
	}
	for i := range j.Inputs.Identities {
		resolve(&j.Inputs.Identities[i].Path, fmt.Sprintf("inputs.identities[%d].path", i))
	}
	for i := range j.Inputs.Customers {
		resolve(&j.Inputs.Customers[i].Path, fmt.Sprintf("inputs.customers[%d].path", i))
	}
	resolve(&j.Privacy.Suppress, "privacy.suppress")
	resolve(&j.Privacy.Erase, "privacy.erase")
	if p := j.Privacy.Pseudonym; p != nil {
		resolve(&p.KeyFile, "privacy.pseudonym.key_file")
	}
	if len(d.faults) == 0 {
		return nil
	}
	return d.err()
}
