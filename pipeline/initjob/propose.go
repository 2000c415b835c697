// Package initjob looks at files and proposes a job for them.
package initjob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/datasets/pgio"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/fetch"
	"github.com/quintile-dev/quintile/pipeline/progress"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// Wishes hold the facts about the files that the user who asks for a job already knows.
type Wishes struct {
	ingest.Hints
	Sheet string // of workbooks
	Table string // of a server; or
	Query string
	Input io.Reader // what the path - stands for
}

// DefaultWishes returns the wishes of a user who knows nothing of the files.
func DefaultWishes() Wishes { return Wishes{Hints: ingest.Hints{CSV: csvio.DefaultOptions()}} }

// Proposal is a job written for files.
type Proposal struct {
	Text    string
	Notes   []string // what was decided, and what a person should look at
	Gaps    int      // places that are open
	Checked *Found   // what a check of the job on a sample has found; nil where there are gaps, or that failed
	Sampled bool     // the check was of the beginnings of the files
	Failure error    // why the check failed; nil
}

// Propose looks at files and writes a commented job for the files. A path may be a local file, the URL of an object,
// the URL of a server with a table, or - for standard input. Objects are fetched for the look; of a table, the first
// rows are read. The job will be kept in folder, and relative paths of the job start there; "" is the working
// directory. The job is checked on a sample with check, and corrected by the findings; with a nil check, the job is not
// checked.
//
// Errors: each has the exit code of its kind; see exit.Of.
func Propose(ctx context.Context, paths []string, w Wishes, folder string, watch *progress.Stages, check Check) (p *Proposal, err error) {
	f := fetch.New(watch, os.TempDir(), false)
	defer func() { err = errors.Join(err, f.Close()) }()
	files, err := namedFiles(ctx, f, paths, w)
	if err != nil {
		return nil, err
	}
	for range mendings {
		if p, err = propose(ctx, paths, files, w, folder); err != nil {
			return nil, err
		}
		words := p.check(ctx, files, check)
		if len(words) == 0 {
			break
		}
		w.Missing = append(w.Missing, words...)
	}
	return p, nil
}

// Check checks a job. Nothing is computed and nothing is written.
type Check func(ctx context.Context, job config.Job) (*Found, error)

// Found holds the findings of a check.
type Found struct {
	Read, Kept, Quarantined int64
	Faults                  []datasets.Fault
	Notes                   []ingest.Note
}

// mendings is how often a job is written, at most.
const mendings = 3

// propose writes a job.
func propose(ctx context.Context, paths []string, files []proposed, w Wishes, folder string) (*Proposal, error) {
	p := &Proposal{}
	guesses := make([]*ingest.Guess, len(files))
	for i, file := range files {
		g, err := file.GuessWith(ctx, w.Hints)
		if err != nil {
			return nil, err
		}
		if file.entry != "" {
			g.Path = file.entry
		}
		if file.note != "" {
			g.Decided = append(g.Decided, file.note)
		}
		g.Path = startingAt(folder, g.Path)
		guesses[i] = g
		p.add(g)
	}
	var b strings.Builder
	name := "customers"
	if len(paths) > 0 {
		name = jobNameOf(paths[0])
	}
	b.WriteString("# yaml-language-server: $schema=job.schema.json\n# Editors complete and check this file with the schema that `quintile schema > job.schema.json` writes.\n")
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
	for i, g := range guesses {
		writeEntry(&b, g, files[i])
	}
	writeRates(&b, guesses)
	b.WriteString(proposedCustomers)
	writeSteps(&b)
	p.Text = b.String()
	return p, nil
}

// add notes the decisions about a file, and the open questions.
func (p *Proposal) add(g *ingest.Guess) {
	var roles []string
	for _, role := range ingest.Roles() {
		if g.Columns[role] != "" {
			roles = append(roles, fmt.Sprintf("%s=%q", role, g.Columns[role]))
		}
	}
	name := g.Path
	if name == config.Gap {
		name = "standard input"
	}
	p.Notes = append(p.Notes, fmt.Sprintf("%s: %s", name, strings.Join(roles, ", ")))
	p.Notes = append(p.Notes, g.Decided...)
	for _, gap := range g.Gaps {
		note := "open: " + string(gap.Role) + ": " + gap.Reason
		if len(gap.Candidates) > 0 {
			note += "; it may be " + strings.Join(gap.Candidates, ", ")
		}
		p.Notes = append(p.Notes, note)
		if gap.Asks || gap.Role != ingest.Amount {
			p.Gaps++
		}
	}
	if g.NumbersAsk != "" {
		p.Notes = append(p.Notes, fmt.Sprintf("open: decimal: numbers such as %q can be read in two ways", g.NumbersAsk))
		p.Gaps++
	}
	if g.TimeNote != "" {
		p.Notes = append(p.Notes, "open: time_format")
		p.Gaps++
	}
	if len(g.Currencies) > 1 {
		p.Notes = append(p.Notes, fmt.Sprintf("open: rates: amounts are in %s", strings.Join(g.Currencies[:min(len(g.Currencies), 8)], ", ")))
		p.Gaps++
	}
}

// startingAt returns a path of the working directory as seen from a folder.
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
	table string // of a server that entry names; or
	query string
	note  string // what to say of it
}

// namedFiles returns the files of the paths, and fetches remote files. A path of a single file gives the file. A glob
// or a folder gives the first file where all files have the same columns, or else all files.
func namedFiles(ctx context.Context, f *fetch.Fetcher, paths []string, w Wishes) ([]proposed, error) {
	if w.Table+w.Query != "" && !slices.ContainsFunc(paths, pgio.IsURL) {
		return nil, exit.Errorf(exit.Usage, "got a table or a query, and no server, want a URL such as postgres://reader@db.example.com/shop")
	}
	var files []proposed
	for _, path := range paths {
		var found []proposed
		var err error
		switch {
		case path == "-":
			found, err = standardInput(f, w.Input)
		case pgio.IsURL(path):
			found, err = firstRows(ctx, f, path, w)
		case config.IsURL(path):
			found, err = foundElsewhere(ctx, f, path, w)
		default:
			found, err = foundLocally(path, w)
		}
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	for i := range files {
		files[i].Sheet = w.Sheet
	}
	return files, nil
}

// standardInput copies the input for the path - into a file.
func standardInput(f *fetch.Fetcher, in io.Reader) ([]proposed, error) {
	if in == nil {
		return nil, exit.Errorf(exit.Usage, "-: got no input, want a file")
	}
	path, err := f.Place()
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, exit.With(exit.NotWritten, err)
	}
	n, err := io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return nil, exit.With(exit.NotWritten, err)
	}
	return []proposed{{File: ingest.File{Path: path, Name: "standard input", Bytes: n}, entry: config.Gap,
		note: "the file was read from standard input: name it under path"}}, nil
}

// sampledRows is the number of rows that are read from a table of a server.
const sampledRows = 100_000

// firstRows reads the first rows of a table of a server.
func firstRows(ctx context.Context, f *fetch.Fetcher, path string, w Wishes) ([]proposed, error) {
	url, password, err := pgio.SplitPassword(path)
	if err == nil && (w.Table == "") == (w.Query == "") {
		err = errors.New(url + ": got neither or both of a table and a query, want one of --table and --query")
	}
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	file, _, err := f.Query(ctx, pgio.Query{URL: url, Password: password, Table: w.Table, SQL: w.Query, Limit: sampledRows}, nil)
	return []proposed{{File: file, entry: url, table: w.Table, query: w.Query}}, err
}

// foundElsewhere fetches the object of a URL. Of several objects, the first and the last are fetched, and their columns
// must be the same.
func foundElsewhere(ctx context.Context, f *fetch.Fetcher, path string, w Wishes) ([]proposed, error) {
	found, err := f.Find(ctx, path)
	if err != nil {
		return nil, err
	}
	many := len(found)
	if many > 2 {
		found = []ingest.File{found[0], found[many-1]}
	}
	wanted := make([]*ingest.File, len(found))
	for i := range found {
		wanted[i] = &found[i]
	}
	if err := f.All(ctx, wanted); err != nil {
		return nil, err
	}
	if many == 1 {
		return []proposed{{File: found[0]}}, nil
	}
	all, err := alike(path, found, w)
	if err == nil && len(all) > 1 {
		return nil, exit.Errorf(exit.BadInput, "%s: got %d objects whose columns differ, such as %s and %s, want objects that are read one way; name them one by one",
			path, many, found[0].Name, found[1].Name)
	}
	if err == nil && many > 2 {
		all[0].note = fmt.Sprintf("the first and the last of %d objects were looked at", many)
	}
	return all, err
}

// foundLocally is namedFiles for one path of this machine.
func foundLocally(path string, w Wishes) ([]proposed, error) {
	found, err := ingest.Found(path)
	if err != nil {
		return nil, err
	}
	if len(found) == 1 && found[0].Name == path {
		return []proposed{{File: found[0]}}, nil
	}
	return alike(path, found, w)
}

// alike returns the first file of a path where all files have the same columns, or else all files.
func alike(path string, found []ingest.File, w Wishes) ([]proposed, error) {
	all := make([]proposed, len(found))
	same := true
	var columns []string
	for i, file := range found {
		all[i] = proposed{File: file}
		file.Sheet = w.Sheet
		names, err := file.ColumnNames(w.CSV)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			columns = names
		}
		same = same && slices.Equal(columns, names)
	}
	if same {
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

// dimensionOf writes the first column whose name can be the name of a dimension, as a dimension of the job's own.
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
