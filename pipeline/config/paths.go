package config

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets/pgio"
)

// variable is a variable of the environment in a path.
var variable = regexp.MustCompile(`\$\{([^{}]*)\}`)

// resolvePaths fills in the variables of all paths and makes relative paths start at a
// folder.
//
// Errors: *Faults with every variable unknown to lookup.
func (j *Job) resolvePaths(folder string, lookup func(string) (string, bool)) error {
	d := &decoder{path: j.Path}
	j.paths = map[string]resolved{}
	j.eachPath(func(name string, path *string) {
		written := *path
		rest := written
		*path = variable.ReplaceAllStringFunc(written, func(found string) string {
			_, rest, _ = strings.Cut(rest, found)
			value, ok := lookup(found[2 : len(found)-1])
			if !ok || value == "" {
				d.fault(nil, name, "got %s, which the environment does not have, want a variable that is set", found)
			}
			if pgio.IsURL(written) && strings.HasPrefix(rest, "@") {
				return url.PathEscape(value) // a password may hold any character
			}
			return value
		})
		if pgio.IsURL(*path) {
			written = j.hidePassword(d, name, written, path)
		} else if *path != "" && folder != "." && !IsURL(*path) && !filepath.IsAbs(*path) {
			*path = filepath.Join(folder, *path)
		}
		j.paths[name] = resolved{written, *path}
	})
	if len(d.faults) == 0 {
		return nil
	}
	return d.err()
}

// hidePassword takes the password out of the URL of a server, and remembers the password apart from the job. The
// result is the URL as in the file, also without the password.
func (j *Job) hidePassword(d *decoder, name, written string, path *string) string {
	without, password, err := pgio.SplitPassword(*path)
	if err != nil {
		d.fault(nil, name, "%v", err)
		*path = ""
		return ""
	}
	*path = without
	if password != "" {
		if j.passwords == nil {
			j.passwords = map[string]string{}
		}
		j.passwords[without] = password
	}
	written, _, err = pgio.SplitPassword(written)
	if err != nil {
		return without
	}
	return written
}

// Password returns the password of a server in the job; "" if absent.
func (j *Job) Password(path string) string { return j.passwords[path] }

// resolved is a path as written in the job, and the same path from the working
// directory.
type resolved struct{ written, path string }

// eachPath calls do with every path of the job.
func (j *Job) eachPath(do func(name string, path *string)) {
	do("output", &j.Output)
	do("history", &j.History)
	do("privacy.suppress", &j.Privacy.Suppress)
	do("privacy.erase", &j.Privacy.Erase)
	if j.Privacy.Pseudonym != nil {
		do("privacy.pseudonym.key_file", &j.Privacy.Pseudonym.KeyFile)
	}
	for i := range j.Inputs.Transactions {
		do(fmt.Sprintf("inputs.transactions[%d].path", i), &j.Inputs.Transactions[i].Path)
	}
	for i := range j.Inputs.Identities {
		do(fmt.Sprintf("inputs.identities[%d].path", i), &j.Inputs.Identities[i].Path)
	}
	for i := range j.Inputs.Customers {
		do(fmt.Sprintf("inputs.customers[%d].path", i), &j.Inputs.Customers[i].Path)
	}
	for i := range j.Inputs.Campaigns {
		do(fmt.Sprintf("inputs.campaigns[%d].path", i), &j.Inputs.Campaigns[i].Path)
	}
	for i := range j.Inputs.Lookups {
		do(fmt.Sprintf("inputs.lookups[%d].path", i), &j.Inputs.Lookups[i].Path)
	}
	for i := range j.Inputs.Rates {
		do(fmt.Sprintf("inputs.rates[%d].path", i), &j.Inputs.Rates[i].Path)
	}
	for i := range j.Inputs.Prospects {
		do(fmt.Sprintf("inputs.prospects[%d].path", i), &j.Inputs.Prospects[i].Path)
	}
}

// asWritten returns the job with the paths as written in the file, so that the job is the
// same from any working directory. A path changed after reading stays changed.
func (j *Job) asWritten() Job {
	out := *j
	out.Inputs.Transactions = slices.Clone(j.Inputs.Transactions)
	out.Inputs.Identities = slices.Clone(j.Inputs.Identities)
	out.Inputs.Customers = slices.Clone(j.Inputs.Customers)
	out.Inputs.Campaigns = slices.Clone(j.Inputs.Campaigns)
	out.Inputs.Lookups = slices.Clone(j.Inputs.Lookups)
	out.Inputs.Rates = slices.Clone(j.Inputs.Rates)
	out.Inputs.Prospects = slices.Clone(j.Inputs.Prospects)
	if j.Privacy.Pseudonym != nil {
		out.Privacy.Pseudonym = new(*j.Privacy.Pseudonym)
	}
	out.eachPath(func(name string, path *string) {
		if r, has := j.paths[name]; has && r.path == *path {
			*path = r.written
		}
	})
	return out
}
