// Package rfm is the step that finds customers who bought lately, often and for much:
// scores for recency, frequency and monetary value, and named segments made of the
// scores.
package rfm

import (
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "rfm",
	Doc:     "Scores for recency, frequency and monetary value, and named segments.",
	Example: "{bins: 5, method: independent, monetary: gross}",

	Default:  func() mining.Settings { return new(Default()) },
	NewModel: func() mining.Model { return new(Model) },

	Columns: []mining.Column{
		score("r_score", "recency score, the best is the highest"),
		score("f_score", "frequency score, the best is the highest"),
		score("m_score", "monetary score, the best is the highest"),
		{CRM: true, Column: table.Column{
			Name: segmentColumn, Type: table.Text, Nullable: true, Dictionary: true,
			Description: "named segment of the scores for recency and frequency",
		}},
	},
	Groupings: []string{segmentColumn},
	Warnings: []mining.Doc{
		{Name: "no_money", Text: "no column holds money: `m_score` is null for all, and so is `rfm_segment` where the job's own map asks for monetary scores",
			Mend: "map `unit_price` or `amount` under `columns`"},
		{Name: "limits_not_kept", Text: "the limits of the run before were learned by other settings, so that scores do not mean what they meant before",
			Mend: "nothing, after a change of the settings; else compare them with the job of that run"},
	},
	Figures: []mining.Doc{
		{Name: "customers", Text: "customers with an event"},
		{Name: "scored", Text: "customers who have bought, and so have scores"},
		{Name: "segment_map", Text: "version of the map from scores to segments"},
		{Name: "segments", Text: "customers in each segment"},
		{Name: "r", Text: "customers with each recency score, the lowest score first"},
		{Name: "f", Text: "customers with each frequency score, the lowest score first"},
		{Name: "m", Text: "customers with each monetary score, the lowest score first; null without money"},
		{Name: "limits_of", Text: "scoring date of the customers from whom the limits between the scores were learned"},
	},
}

// segmentColumn is the column of the named segments, and their grouping.
const segmentColumn = "rfm_segment"

func score(name, description string) mining.Column {
	return mining.Column{CRM: true, Column: table.Column{Name: name, Type: table.Int32, Nullable: true, Description: description, Unit: "score"}}
}

// Settings are the settings of the step.
type Settings struct {
	Bins     int    `yaml:"bins" min:"2" max:"9" doc:"Number of score classes; the best has the highest number."`
	Method   string `yaml:"method" enum:"independent,nested" doc:"independent: each score over all customers. nested: F within R, M within R and F."`
	Monetary string `yaml:"monetary" enum:"gross,net" doc:"Money spent, before or after returns."`
	Ties     string `yaml:"ties" enum:"cut,share,hash" doc:"cut: equal values share the score of the lowest of their ranks. share: of the mean of their ranks. hash: even classes, ties broken by a hash of the customer and the seed."`
	Limits   string `yaml:"limits" enum:"own,reference" doc:"reference: the first run of a calendar quarter learns the limits between the scores, and the runs after it keep them, so that a score means the same for the quarter. own: each run learns its own, and ranks customers anew."`
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

// Default returns the default settings of the step.
func Default() Settings {
	return Settings{Bins: 5, Method: "independent", Monetary: "gross", Ties: "cut", Limits: referenceLimits}
}

// Follows reports whether limits of the run before are kept.
func (s *Settings) Follows() bool { return s.Limits == referenceLimits }

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// MonetaryFeature returns the feature published as monetary value.
func (s *Settings) MonetaryFeature() string { return features.Monetary(s.Monetary).Column() }

// Plan makes the task. It refuses limits of money where line items have none.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	if !r.Priced() && s.Cuts != nil && s.Cuts.Monetary != nil {
		return nil, []mining.Fault{mining.Faultf("cuts.monetary",
			"got limits of money, which no column holds, want unit_price or amount under columns; map one, or leave the limits out")}
	}
	return &task{set: *s, priced: r.Priced()}, nil
}
