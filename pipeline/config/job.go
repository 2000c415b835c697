// Package config defines the job file: the fields with defaults and bounds, the
// strict reader that reports every fault at once with line and column, and the
// JSON schema and the documentation made from the same table of fields.
package config

import (
	"runtime"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining/setting"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/pipeline/privacy"
)

// Job is a whole job file. The tags are the only source of the reader, of the
// JSON schema and of docs/config.md: doc describes a field, min and max bound a
// number, enum lists the allowed words of a text.
type Job struct {
	Job      string           `yaml:"job" doc:"Name of the job; names the folder of its output. Letters, digits, dot, dash and underscore."`
	AsOf     *Day             `yaml:"as_of" doc:"Scoring date. Events after it are set aside. Default: the day after the last event."`
	TimeZone string           `yaml:"time_zone" doc:"Zone of times that name none, and of day boundaries, such as Europe/London."`
	Currency string           `yaml:"currency" doc:"Currency of all amounts, such as GBP; named in the outputs, never converted."`
	Language string           `yaml:"language" enum:"de,en" doc:"Language of what people read: reasons, the report and the summary. Codes, columns and names of groups in files stay as they are."`
	Seed     uint64           `yaml:"seed" doc:"Seed of everything random. The same input, job and seed give the same bytes."`
	Output   string           `yaml:"output" doc:"Folder of the results, or a place in an object store such as s3://bucket/prefix; a run is published below <output>/<job>/."`
	History  string           `yaml:"history" doc:"Local folder in which the history is kept between runs, so that the next run needs only the new files. Default: not kept."`
	Memory   Size             `yaml:"memory" doc:"Memory budget, such as 4GiB, or a share of the machine, such as 60%."`
	Workers  int              `yaml:"workers" min:"1" max:"1024" doc:"Number of workers. It never changes a result. Default: all cores."`
	Inputs   Inputs           `yaml:"inputs" doc:"What to read."`
	Quality  Quality          `yaml:"quality" doc:"When the input is too bad to go on."`
	Publish  Publish          `yaml:"publish" doc:"How results are written."`
	Privacy  privacy.Settings `yaml:"privacy" doc:"How the people behind the ids of customers are protected; see docs/privacy.md." json:",omitzero"`
	Steps    Steps            `yaml:"steps" doc:"What to compute. A step that is named is run; without this block, all are."`
	// Path is the file that the job was read from, "" for none.
	Path string `yaml:"-"`

	paths     map[string]resolved // by field: each path as the file has it
	passwords map[string]string   // of servers, by path
}

// Inputs names the files of a job.
type Inputs struct {
	Transactions []Transactions `yaml:"transactions" doc:"Files of line items. Several entries feed one history, each with its own mapping."`
	Identities   []Identities   `yaml:"identities" doc:"Files that say which ids stand for the same customer. Lines of an alias count for the customer it stands for."`
	Customers    []Customers    `yaml:"customers" doc:"Files with a row for each customer: attributes such as an age or a city, which become features. Several entries may describe the same customers."`
	Campaigns    []Campaigns    `yaml:"campaigns" doc:"Files that say who was drawn into which campaign, for the step campaign." json:",omitempty"`
	Lookups      []Lookups      `yaml:"lookups" doc:"Files that give lines more columns by a key: a table of products with category, description and cost, or a calendar." json:",omitempty"`
	Rates        []Rates        `yaml:"rates" doc:"What other currencies are worth in that of the job, such as [{currency: JPY, rate: 0.0067}], or files that say it, by day. Needed where the column that is mapped to currency has several values." json:",omitempty"`
	Prospects    []Prospects    `yaml:"prospects" doc:"Files of people who have not bought, with attributes that customers have as well, for the step prospect." json:",omitempty"`
}

// Transactions is one entry of the inputs: files with the same settings.
type Transactions struct {
	Path       string            `yaml:"path" doc:"File, glob or folder: .csv, .tsv, .txt, .parquet, .arrow, .jsonl, .ndjson or .xlsx, files of lines also with .gz or .zst. A relative path starts at the folder of the job file, and ${NAME} is the value of a variable of the environment. Or the same in an object store, such as s3://bucket/daily/2011-*.csv.gz. Or a PostgreSQL server, postgres://user@host:5432/database, with table or query; its password goes into PGPASSWORD, a pass file, or ${NAME}."`
	Columns    map[string]string `yaml:"columns" of:"role" doc:"Which column of the files holds what. Roles: customer, time, order, product, quantity, unit_price or amount, cost, discount, currency, description, category, channel, store, region, salesperson, campaign. customer and time are required. Where date and time of day stand in two columns: time: [Date, Time]. Up to four columns of discounts that add up: discount: [A, B]. Other dimensions go under dimensions."`
	Dimensions map[string]string `yaml:"dimensions" of:"name" max:"8" doc:"Dimensions of the job's own, such as {brand: Brand, payment_method: Pay}: which column of the files holds which. Each becomes features named after it, as docs/features.md says. A name is of lower-case letters, digits and single underscores, and neither a role nor taken by a feature or a column of the outputs. At most 8 over all entries." json:",omitempty"`
	TimeFormat string            `yaml:"time_format" doc:"Format of the times, in the letters of strftime, such as %d.%m.%Y %H:%M; or iso8601 (of any width), excel or excel1904 (days of a spreadsheet), unix, unix_ms, unix_us, unix_ns. Default: detected; an ambiguous format is an error."`
	TextFiles  `yaml:",inline"`
	Duplicates string      `yaml:"duplicates" doc:"across_files or exact. Lines that are left out since they are equal to others in every column that is mapped: across_files leaves a line of an order in as often as it stands in the file that has most of it, for exports whose periods overlap; exact leaves it in once. Default: all count." json:",omitempty"`
	FillDown   []string    `yaml:"fill_down" doc:"Columns, or roles, that stand in the first line of an order only, as shops export them: an empty cell has the value of the line above, if that is of the same order." json:",omitempty"`
	PerOrder   []string    `yaml:"per_order" doc:"Which of amount, cost and discount are of the whole order: each counts on the first line that has it, and is 0 on the others, whether they repeat it or are empty." json:",omitempty"`
	Since      string      `yaml:"since" doc:"Column of a table or query of a server that grows with each row, such as a serial number or the time of writing: with history, a run reads the rows beyond the last value that was read before." json:",omitempty"`
	Returns    *Rule       `yaml:"returns" doc:"Rows that are returns: kept, signed, outside baskets. Rows with a negative quantity or amount are returns without a rule."`
	SetAside   []NamedRule `yaml:"set_aside" doc:"Rows left out by rule and counted under its name; the first rule that matches counts."`
}

// Identities is one entry of the identities: files of aliases.
type Identities struct {
	Path      string            `yaml:"path" doc:"File, glob or folder, as for transactions."`
	Columns   map[string]string `yaml:"columns" of:"role" doc:"Which column of the files holds what. Roles: alias, customer; both are required. A customer may be an alias itself: chains are followed to their end."`
	TextFiles `yaml:",inline"`
}

// The roles of the columns of identities.
const (
	aliasRole    = "alias"
	customerRole = "customer"
)

// TextFiles holds the settings for reading text files. Files of other formats
// need no such settings.
type TextFiles struct {
	Table     string   `yaml:"table" doc:"Table or view of a PostgreSQL server that path names, such as public.orders." json:",omitempty"`
	Query     string   `yaml:"query" doc:"Or a SELECT, whose columns are those of the input." json:",omitempty"`
	Sheet     string   `yaml:"sheet" doc:"Sheet of an Excel workbook, by name. Default: the one visible sheet that has rows." json:",omitempty"`
	Delimiter string   `yaml:"delimiter" doc:"What separates the fields of a text file: one character, tab, or whitespace. Default: detected."`
	Header    bool     `yaml:"header" doc:"The first line of a text file names the columns. Without it, columns are named 1, 2, 3 and so on, unless names says otherwise."`
	Names     []string `yaml:"names" doc:"Names of the columns of a text file without a header."`
	Encoding  string   `yaml:"encoding" enum:"utf-8,iso-8859-1,windows-1252,utf-16,utf-16le,utf-16be" doc:"Encoding of a text file."`
	Decimal   string   `yaml:"decimal" enum:".|," doc:"Decimal sign of numbers in text. Where neither this nor thousands is given, it is a point, and numbers such as 2.538 that may mean thousands stop the run."`
	Thousands string   `yaml:"thousands" doc:"Character between groups of digits in text, such as a comma. A blank stands for every kind of blank, an apostrophe for every kind of apostrophe. Default: none."`
	Signs     []string `yaml:"currency_signs" doc:"Signs and codes of the currency that may stand before or after numbers in text, such as [£, GBP]. Default: none, so that amounts of another currency are refused." json:",omitempty"`
	Missing   []string `yaml:"missing" doc:"Texts that stand for a missing value, such as NA, besides the empty one."`
	ID        string   `yaml:"id" doc:"text or number. Of ids of customers in text: with number, 17850.0 is 17850. Zeros before a number stay. Default: text." json:",omitempty"`
	Skip      int      `yaml:"skip" min:"0" max:"1000" doc:"Lines of a text file before the header or the first row, such as the title of a report. A line sep=; is left out by itself." json:",omitempty"`
	NoQuotes  bool     `yaml:"no_quotes" doc:"Quotes in a text file are characters like others, as in 12\" PIPE." json:",omitempty"`
	Escape    string   `yaml:"escape" doc:"Character that makes a quote inside quotes a part of the text, such as a backslash. Default: quotes are doubled." json:",omitempty"`
	Comment   string   `yaml:"comment" doc:"Character that begins lines of a text file which are no rows, such as #. Default: none." json:",omitempty"`

	numbersSet bool // the job says how numbers are written
}

// Rule picks rows by one column.
type Rule struct {
	Column  string  `yaml:"column" doc:"A role of columns, a name of dimensions, or the name of a column in the files."`
	Prefix  *string `yaml:"prefix" doc:"Matches texts that begin so."`
	Equals  *string `yaml:"equals" doc:"Matches this text."`
	Missing bool    `yaml:"missing" doc:"Matches a missing value."`
	Min     *Number `yaml:"min" doc:"Matches numbers from here on, inclusive."`
	Max     *Number `yaml:"max" doc:"Matches numbers up to here, inclusive."`
	By      string  `yaml:"by" doc:"order: where a row matches, so do all rows of its order, in all files of the entry." json:",omitempty"`
}

// NamedRule is a rule whose matches are counted under a name.
type NamedRule struct {
	Name string `yaml:"name" doc:"Name under which the rows are counted."`
	Rule `yaml:",inline"`
}

// Quality says when the input is too bad.
type Quality struct {
	MaxQuarantined setting.Share `yaml:"max_quarantined" doc:"Share of the rows that may be quarantined before the run fails."`
	MaxPSI         *float64      `yaml:"max_psi" min:"0" doc:"Highest population stability index that a feature which the models read may have in quintile score, against the customers whom the models were learned from. Above it, scoring fails with exit code 5 and publishes nothing. Not looked at by quintile run. Default: no limit; from 0.25 there is a warning."`
}

// Publish says how results are written.
type Publish struct {
	Money string `yaml:"money" enum:"double,decimal" doc:"Type of money in Parquet: double, or DECIMAL(18,6)."`
	CRM   []CRM  `yaml:"crm" doc:"Systems that get files of scores. Default: one entry of the profile generic." json:",omitempty"`
}

// Default returns a job with every default set, all steps named, and no inputs.
func Default() Job {
	return Job{
		TimeZone: "UTC",
		Language: words.English,
		Seed:     1,
		Output:   "out",
		Memory:   Size{Share: 0.6},
		Workers:  runtime.GOMAXPROCS(0),
		Quality:  Quality{MaxQuarantined: 0.01},
		Publish:  Publish{Money: "double"},
		Steps:    allSteps(),
	}
}

// DefaultTransactions returns an entry of the inputs with every default set.
func DefaultTransactions() Transactions {
	return Transactions{TextFiles: defaultTextFiles()}
}

// DefaultIdentities returns an entry of the identities with every default set.
func DefaultIdentities() Identities { return Identities{TextFiles: defaultTextFiles()} }

func defaultTextFiles() TextFiles { return TextFiles{Header: true, Encoding: "utf-8", Decimal: "."} }

// AsOfDay returns the scoring date, or false where the job leaves it open.
func (j *Job) AsOfDay() (datasets.Day, bool) {
	if j.AsOf == nil {
		return 0, false
	}
	return datasets.Day(*j.AsOf), true
}
