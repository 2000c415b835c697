// Package config is the job file: its fields with their defaults and bounds,
// the strict reader that reports every fault at once with line and column, and
// the JSON schema and the documentation made from the same table of fields.
package config

import (
	"runtime"

	"github.com/quintile-dev/quintile/datasets"
)

// Job is a whole job file. The tags are the one source of the reader, of the
// JSON schema and of docs/config.md: doc says what a field does, min and max
// bound a number, enum lists the words that a text may be.
type Job struct {
	Job      string  `yaml:"job" doc:"Name of the job; names the folder of its output. Letters, digits, dot, dash and underscore."`
	AsOf     *Day    `yaml:"as_of" doc:"Scoring date. Events after it are set aside. Default: the day after the last event."`
	TimeZone string  `yaml:"time_zone" doc:"Zone of times that name none, and of day boundaries, such as Europe/London."`
	Currency string  `yaml:"currency" doc:"Currency of all amounts, such as GBP; named in the outputs, never converted."`
	Seed     uint64  `yaml:"seed" doc:"Seed of everything random. The same input, job and seed give the same bytes."`
	Output   string  `yaml:"output" doc:"Folder of the results, or a place in an object store such as s3://bucket/prefix; a run is published below <output>/<job>/."`
	History  string  `yaml:"history" doc:"Local folder in which the history is kept between runs, so that the next run needs only the new files. Default: not kept."`
	Memory   Size    `yaml:"memory" doc:"Memory budget, such as 4GiB, or a share of the machine, such as 60%."`
	Workers  int     `yaml:"workers" min:"1" max:"1024" doc:"Number of workers. It never changes a result. Default: all cores."`
	Inputs   Inputs  `yaml:"inputs" doc:"What to read."`
	Quality  Quality `yaml:"quality" doc:"When the input is too bad to go on."`
	Publish  Publish `yaml:"publish" doc:"How results are written."`
	Steps    Steps   `yaml:"steps" doc:"What to compute. A step that is named is run; without this block, all are."`
	// Path is the file that the job was read from, "" for none.
	Path string `yaml:"-"`
}

// Inputs names the files of a job.
type Inputs struct {
	Transactions []Transactions `yaml:"transactions" doc:"Files of line items. Several entries feed one history, each with its own mapping."`
	Identities   []Identities   `yaml:"identities" doc:"Files that say which ids stand for the same customer. Lines of an alias count for the customer it stands for."`
	Customers    []Customers    `yaml:"customers" doc:"Files with a row for each customer: attributes such as an age or a city, which become features. Several entries may describe the same customers."`
}

// Transactions is one entry of the inputs: files that are read one way.
type Transactions struct {
	Path       string            `yaml:"path" doc:"File, glob or folder: .csv, .tsv, .txt, .parquet or .arrow, text files also with .gz or .zst. A relative path starts at the working directory. Or the same in an object store, such as s3://bucket/daily/2011-*.csv.gz."`
	Columns    map[string]string `yaml:"columns" of:"role" doc:"Which column of the files holds what. Roles: customer, time, order, product, quantity, unit_price or amount, cost, discount, description, category, channel, store, region, salesperson, campaign. customer and time are required. Other dimensions go under dimensions."`
	Dimensions map[string]string `yaml:"dimensions" of:"name" max:"8" doc:"Dimensions of the job's own, such as {brand: Brand, payment_method: Pay}: which column of the files holds which. Each becomes features named after it, as docs/features.md says. A name is of lower-case letters, digits and single underscores, and neither a role nor taken by a feature or a column of the outputs. At most 8 over all entries." json:",omitempty"`
	TimeFormat string            `yaml:"time_format" doc:"Format of the times, in the letters of strftime, such as %d.%m.%Y %H:%M. Default: detected; an ambiguous format is an error."`
	TextFiles  `yaml:",inline"`
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

// TextFiles says how text files are read. Files of other formats know it all
// themselves.
type TextFiles struct {
	Delimiter string   `yaml:"delimiter" doc:"What separates the fields of a text file: one character, tab, or whitespace. Default: detected."`
	Header    bool     `yaml:"header" doc:"The first line of a text file names the columns. Without it, columns are named 1, 2, 3 and so on, unless names says otherwise."`
	Names     []string `yaml:"names" doc:"Names of the columns of a text file without a header."`
	Encoding  string   `yaml:"encoding" enum:"utf-8,iso-8859-1,windows-1252,utf-16,utf-16le,utf-16be" doc:"Encoding of a text file."`
	Decimal   string   `yaml:"decimal" enum:".|," doc:"Decimal sign of numbers in text."`
	Thousands string   `yaml:"thousands" doc:"Character between groups of digits in text, such as a comma. Default: none."`
	Missing   []string `yaml:"missing" doc:"Texts that stand for a missing value, such as NA, besides the empty one."`
}

// Rule picks rows by one column.
type Rule struct {
	Column  string  `yaml:"column" doc:"A role of columns, a name of dimensions, or the name of a column in the files."`
	Prefix  *string `yaml:"prefix" doc:"Matches texts that begin so."`
	Equals  *string `yaml:"equals" doc:"Matches this text."`
	Missing bool    `yaml:"missing" doc:"Matches a missing value."`
	Min     *Number `yaml:"min" doc:"Matches numbers from here on, inclusive."`
	Max     *Number `yaml:"max" doc:"Matches numbers up to here, inclusive."`
}

// NamedRule is a rule whose matches are counted under a name.
type NamedRule struct {
	Name string `yaml:"name" doc:"Name under which the rows are counted."`
	Rule `yaml:",inline"`
}

// Quality says when the input is too bad.
type Quality struct {
	MaxQuarantined Share `yaml:"max_quarantined" doc:"Share of the rows that may be quarantined before the run fails."`
}

// Publish says how results are written.
type Publish struct {
	Money string `yaml:"money" enum:"double,decimal" doc:"Type of money in Parquet: double, or DECIMAL(18,6)."`
}

// Steps holds the settings of each step; nil where a step is not run.
type Steps struct {
	RFM      *RFM      `yaml:"rfm" doc:"Scores for recency, frequency and monetary value, and named segments."`
	Features *Features `yaml:"features" doc:"The feature table."`
	Segments *Segments `yaml:"segments" doc:"Natural groups, by k-means."`
	Classify *Classify `yaml:"classify" doc:"What tells groups apart, by a decision tree."`
	Rules    *Rules    `yaml:"rules" doc:"What is bought together, by association rules."`
	Churn    *Churn    `yaml:"churn" doc:"Who is leaving, and why."`
}

// RFM are the settings of the step rfm.
type RFM struct {
	Bins     int    `yaml:"bins" min:"2" max:"9" doc:"Number of score classes; the best has the highest number."`
	Method   string `yaml:"method" enum:"independent,nested" doc:"independent: each score over all customers. nested: F within R, M within R and F."`
	Monetary string `yaml:"monetary" enum:"gross,net" doc:"Money spent, before or after returns."`
	Ties     string `yaml:"ties" enum:"cut,share,hash" doc:"cut: equal values share the score of the lowest of their ranks. share: of the mean of their ranks. hash: even classes, ties broken by a hash of the customer and the seed."`
	Cuts     *Cuts  `yaml:"cuts" doc:"Limits of your own in the place of ranks, for one quantity or more."`
	Map      *Cells `yaml:"map" doc:"Names of your own for the cells of scores, in the place of the map quintile-rf-v1."`
}

// Cuts are the limits between scores.
type Cuts struct {
	Recency   []float64 `yaml:"recency" doc:"Days, rising, one less than bins. Who bought within the first has the best score."`
	Frequency []float64 `yaml:"frequency" doc:"Orders, rising, one less than bins. Who reaches the last has the best score."`
	Monetary  []float64 `yaml:"monetary" doc:"Money, rising, one less than bins. Who reaches the last has the best score."`
}

// Cells are names for the cells of scores.
type Cells struct {
	Version string `yaml:"version" doc:"Name of the map, published with the segments."`
	Rules   []Cell `yaml:"rules" doc:"Each cell of scores needs exactly one rule; several rules may bear one name."`
}

// Cell is a rule that names a block of cells.
type Cell struct {
	Name string `yaml:"name" doc:"Name of the segment."`
	R    []int  `yaml:"r" doc:"Lowest and highest recency score. Default: all."`
	F    []int  `yaml:"f" doc:"Lowest and highest frequency score. Default: all."`
	M    []int  `yaml:"m" doc:"Lowest and highest monetary score. Default: all."`
}

// Features are the settings of the step features.
type Features struct {
	Only []string `yaml:"only" doc:"Names of the features to publish. Default: all that the mapped columns allow."`
}

// Segments are the settings of the step segments.
type Segments struct {
	K         K        `yaml:"k" doc:"Number of segments, or auto to choose it by several indices and stability."`
	MinK      int      `yaml:"min_k" min:"2" max:"100" doc:"Fewest segments that auto tries."`
	MaxK      int      `yaml:"max_k" min:"2" max:"100" doc:"Most segments that auto tries."`
	Features  []string `yaml:"features" doc:"Features to group by, attributes of customers among them."`
	Transform string   `yaml:"transform" enum:"none,log" doc:"log: natural logarithm, of values shifted to begin at 1 where any is 0 or less."`
	Scale     string   `yaml:"scale" enum:"none,standard,robust,minmax" doc:"standard: mean 0, standard deviation 1. robust: by median and quartiles. minmax: to [0,1]."`
	Restarts  int      `yaml:"restarts" min:"1" max:"1000" doc:"How often k-means starts anew; the best result counts."`
	Explain   int      `yaml:"explain_depth" min:"1" max:"6" doc:"Depth of the tree that explains the segments in words."`
}

// Classify are the settings of the step classify.
type Classify struct {
	Target   string   `yaml:"target" enum:"rfm_segment,segment" doc:"The groups to tell apart."`
	Features []string `yaml:"features" doc:"Features to tell them apart by, attributes of customers among them. Default: all that are numbers."`
	MaxDepth int      `yaml:"max_depth" min:"1" max:"20" doc:"Most questions from the root to a leaf."`
	MinLeaf  int      `yaml:"min_leaf" min:"1" max:"1000000000" doc:"Fewest customers of a leaf."`
	Prune    bool     `yaml:"prune" doc:"Cut back what cross-validation does not bear out."`
}

// Rules are the settings of the step rules.
type Rules struct {
	MinSupport       Share   `yaml:"min_support" doc:"Smallest share of the baskets that hold an item set."`
	MinConfidence    Share   `yaml:"min_confidence" doc:"Smallest share of the baskets with the left side that also hold the right side."`
	MinLift          float64 `yaml:"min_lift" min:"0" max:"1e12" doc:"Smallest lift of a rule."`
	MaxLength        int     `yaml:"max_length" min:"2" max:"64" doc:"Most items of a set."`
	MaxConsequent    int     `yaml:"max_consequent" min:"1" max:"1" doc:"Most items on the right side."`
	DropRedundant    bool    `yaml:"drop_redundant" doc:"Leave out rules that a shorter left side serves as well."`
	MaxItemsets      int     `yaml:"max_itemsets" min:"1" max:"1000000000" doc:"Most item sets; beyond it the result is partial, and says so."`
	MaxTime          Seconds `yaml:"max_time" doc:"Longest search, such as 10m; beyond it the result is partial, and says so. Such an end may fall differently on another machine. Default: no bound."`
	AnonymousBaskets bool    `yaml:"anonymous_baskets" doc:"Baskets without a customer count as well."`
}

// Churn are the settings of the step churn.
type Churn struct {
	HorizonDays int      `yaml:"horizon_days" min:"1" max:"3650" doc:"A customer has churned who buys nothing in this many days."`
	Cutoffs     int      `yaml:"cutoffs" min:"2" max:"24" doc:"Number of past scoring dates to learn from; the newest validates."`
	Models      []string `yaml:"models" doc:"Models that compete: logistic, boost."`
	Features    []string `yaml:"features" doc:"Features to learn from. Default: all that are numbers, but no attributes of customers, which are not of past days."`
	Reasons     int      `yaml:"reasons" min:"0" max:"10" doc:"Most reasons given for each customer."`
	MaxRows     int      `yaml:"max_rows" min:"1000" max:"1000000000" doc:"Most rows to learn from; beyond it a seeded sample, which the report names."`
	MinAUC      *float64 `yaml:"min_auc" min:"0" max:"1" doc:"Lowest AUC of the champion on the newest cutoff. Below it, or where the step ends in another state than ok, the run fails with exit code 5 and publishes nothing. Not looked at by quintile score. Default: no bar."`
}

// Default returns a job with every default set, all steps named, and no inputs.
func Default() Job {
	return Job{
		TimeZone: "UTC",
		Seed:     1,
		Output:   "out",
		Memory:   Size{Share: 0.6},
		Workers:  runtime.GOMAXPROCS(0),
		Quality:  Quality{MaxQuarantined: 0.01},
		Publish:  Publish{Money: "double"},
		Steps: Steps{
			RFM: new(DefaultRFM()), Features: new(Features), Segments: new(DefaultSegments()),
			Classify: new(DefaultClassify()), Rules: new(DefaultRules()), Churn: new(DefaultChurn()),
		},
	}
}

// DefaultTransactions returns an entry of the inputs with every default set.
func DefaultTransactions() Transactions {
	return Transactions{TextFiles: defaultTextFiles()}
}

// DefaultIdentities returns an entry of the identities with every default set.
func DefaultIdentities() Identities { return Identities{TextFiles: defaultTextFiles()} }

func defaultTextFiles() TextFiles { return TextFiles{Header: true, Encoding: "utf-8", Decimal: "."} }

// DefaultRFM returns the settings of the step rfm.
func DefaultRFM() RFM {
	return RFM{Bins: 5, Method: "independent", Monetary: "gross", Ties: "cut"}
}

// DefaultSegments returns the settings of the step segments.
func DefaultSegments() Segments {
	return Segments{
		K: Auto, MinK: 2, MaxK: 10,
		Features:  []string{"recency_days", "frequency", "monetary"},
		Transform: "log", Scale: "standard", Restarts: 32, Explain: 3,
	}
}

// DefaultClassify returns the settings of the step classify.
func DefaultClassify() Classify {
	return Classify{Target: "rfm_segment", MaxDepth: 5, MinLeaf: 20, Prune: true}
}

// DefaultRules returns the settings of the step rules.
func DefaultRules() Rules {
	return Rules{
		MinSupport: 0.01, MinConfidence: 0.5, MaxLength: 4, MaxConsequent: 1,
		MaxItemsets: 5_000_000,
	}
}

// DefaultChurn returns the settings of the step churn.
func DefaultChurn() Churn {
	return Churn{HorizonDays: 90, Cutoffs: 3, Models: []string{"logistic", "boost"}, Reasons: 3, MaxRows: 500_000}
}

// AsOfDay returns the scoring date, or false where the job leaves it open.
func (j *Job) AsOfDay() (datasets.Day, bool) {
	if j.AsOf == nil {
		return 0, false
	}
	return datasets.Day(*j.AsOf), true
}
