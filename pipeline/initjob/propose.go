// Package initjob looks at files and proposes a job for them.
package initjob

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/fetch"
	"github.com/quintile-dev/quintile/pipeline/progress"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// Propose looks at files and writes a commented job for them. A file may be the URL of an object, which is fetched for
// the purpose. folder is the future folder of the job, the start of its relative paths; "" for the working directory.
//
// Errors: each has the exit code it calls for; see exit.Of.
func Propose(ctx context.Context, paths []string, folder string, watch *progress.Stages) (text string, err error) {
	f := fetch.New(watch, os.TempDir(), false)
	defer func() { err = errors.Join(err, f.Close()) }()
	files, err := namedFiles(ctx, f, paths)
	if err != nil {
		return "", err
	}
	guesses := make([]*ingest.Guess, len(files))
	for i, file := range files {
		if guesses[i], err = file.Guess(ctx, csvio.DefaultOptions()); err != nil {
			return "", err
		}
		if file.entry != "" {
			guesses[i].Path = file.entry
		}
		guesses[i].Path = startingAt(folder, guesses[i].Path)
	}
	var b strings.Builder
	name := "customers"
	if len(paths) > 0 {
		name = jobNameOf(paths[0])
	}
	fmt.Fprintf(&b, "job: %s              # names the output folder\n", name)
	b.WriteString(`# as_of: 2011-12-10         # scoring date; default: the day after the last event
time_zone: UTC              # of times that name none, such as Europe/London
`)
	writeCurrency(&b, guesses)
	b.WriteString(`seed: 1
output: out                 # folder of the results; also --output
# history: state/` + name + `   # keep the history: the next run needs only the new files
# memory: 4GiB              # default 60% of the machine; also --memory
# workers: 2                # default all cores; also --workers
inputs:
  transactions:
`)
	for _, g := range guesses {
		writeEntry(&b, g)
	}
	writeRates(&b, guesses)
	b.WriteString(proposedCustomers)
	writeSteps(&b)
	return b.String(), nil
}

// startingAt returns a path of the working directory as it is from a folder.
func startingAt(folder, path string) string {
	if folder == "" || folder == "." || config.IsURL(path) || filepath.IsAbs(path) {
		return path
	}
	if rel, err := filepath.Rel(folder, path); err == nil {
		return rel
	}
	if all, err := filepath.Abs(path); err == nil {
		return all
	}
	return path
}

// proposed is a file to look at, for an entry of the inputs.
type proposed struct {
	ingest.File
	entry string // path of the entry, where it is a glob or a folder whose files are alike; "" for the file's own
}

// namedFiles returns the files named by paths, fetched if in an object store: one file for a file; for a glob or a
// folder, one file if all have the same columns, else all files.
func namedFiles(ctx context.Context, f *fetch.Fetcher, paths []string) ([]proposed, error) {
	var files []proposed
	for _, path := range paths {
		if !config.IsURL(path) {
			local, err := foundLocally(path)
			if err != nil {
				return nil, err
			}
			files = append(files, local...)
			continue
		}
		found, err := f.Find(ctx, path)
		if err != nil {
			return nil, err
		}
		if len(found) > 1 {
			return nil, exit.Errorf(exit.BadInput, "%s: got %d objects, want one; name one of them, such as %s, and widen path in the job afterwards",
				path, len(found), found[0].Name)
		}
		files = append(files, proposed{File: found[0]})
	}
	var elsewhere []*ingest.File
	for i := range files {
		if config.IsURL(files[i].Name) {
			elsewhere = append(elsewhere, &files[i].File)
		}
	}
	return files, f.All(ctx, elsewhere)
}

// foundLocally is namedFiles for one path of this machine.
func foundLocally(path string) ([]proposed, error) {
	found, err := ingest.Found(path)
	if err != nil {
		return nil, err
	}
	if len(found) == 1 && found[0].Name == path {
		return []proposed{{File: found[0]}}, nil
	}
	all := make([]proposed, len(found))
	alike := true
	var columns []string
	for i, file := range found {
		all[i] = proposed{File: file}
		names, err := file.ColumnNames(csvio.DefaultOptions())
		if err != nil {
			return nil, err
		}
		if i == 0 {
			columns = names
		}
		alike = alike && slices.Equal(columns, names)
	}
	if alike {
		all[0].entry = path
		return all[:1], nil
	}
	return all, nil
}

const proposedCustomers = `  # customers:                 # files with a row for each customer: attributes, which become features
  #   - {path: customers.csv, columns: {customer: CustomerID}, numbers: {age: Age}, categories: {city: City}}
  # campaigns:                 # who was drawn into which campaign, treated or held out
  #   - {path: campaigns.csv, columns: {customer: CustomerID, campaign: Campaign, time: Sent, arm: Arm}}
  # prospects:                 # people who have not bought, with attributes that customers have as well
  #   - {path: prospects.csv, columns: {prospect: ID}, numbers: {age: Age}, categories: {city: City}}
`

// writeSteps proposes every step.
func writeSteps(b *strings.Builder) {
	b.WriteString(`quality: {max_quarantined: 1%}   # beyond it the run fails
steps:                           # a step that is named is run
`)
	for _, s := range steps.Table() {
		fmt.Fprintf(b, "  %s: %s\n", s.Name, s.Example)
	}
}

var notInName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// jobNameOf makes the name of a job from the name of a file.
func jobNameOf(path string) string {
	name := filepath.Base(path)
	for _, suffix := range []string{".gz", ".zst", ".csv", ".tsv", ".txt", ".parquet", ".arrow", ".feather", ".jsonl", ".ndjson", ".json", ".xlsx"} {
		name = strings.TrimSuffix(name, suffix)
	}
	name = strings.Trim(notInName.ReplaceAllString(name, "-"), "-._")
	if name == "" {
		return "customers"
	}
	return name
}

var notInDimension = regexp.MustCompile(`[^a-z0-9]+`)

// dimensionOf writes the first of the columns that can be named so as a dimension
// of the job's own.
func dimensionOf(columns []string) string {
	for _, column := range columns {
		name := strings.Trim(notInDimension.ReplaceAllString(strings.ToLower(column), "_"), "_")
		if config.CheckDimension(name) == "" {
			return name + ": " + quoted(column)
		}
	}
	return "my_dimension: " + quoted(columns[0])
}

// quoted writes a text as YAML, in quotes if necessary.
func quoted(text string) string {
	if plainText.MatchString(text) {
		return text
	}
	return strconv.Quote(text)
}

var plainText = regexp.MustCompile(`^[A-Za-z/._][A-Za-z0-9 /._-]*$`)
