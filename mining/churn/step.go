package churn

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features/panel"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/models"
)

// Step declares the step.
var Step = mining.Step{
	Name:    "churn",
	Doc:     "Who is leaving, and why.",
	Chapter: mining.AboutLeaving,
	Example: "{horizon_days: 90}",

	Default:  func() mining.Settings { return new(DefaultSettings()) },
	NewModel: func() mining.Model { return new(Scoring) },

	Columns: []mining.Column{
		{CRM: true, Column: table.Column{
			Name: "churn_prob", Type: table.Float64, Nullable: true, Unit: "probability",
			Description: "calibrated probability of no purchase within the horizon",
		}},
		{CRM: true, Column: table.Column{
			Name: "churn_reasons", Type: table.Text, Nullable: true,
			Description: "in words, strongest first: what raises the probability of a customer above that of most, or what lowers it for all others",
		}},
		{Column: table.Column{
			Name: "churn_reason_codes", Type: table.Text, Nullable: true,
			Description: "the same reasons for machines: features with their values, divided by a semicolon",
		}},
	},
	Figures: []mining.Doc{
		{Name: "base_rates", Text: "by past scoring date: customers, those who bought nothing in the horizon, and their share"},
		{Name: "base_rate", Text: "share of the newest of these dates"},
		{Name: "sample_share", Text: "share of the customers whom the models learned from"},
		{Name: "message", Text: "what is missing, with insufficient_data"},
		{Name: "champion", Text: "the model that does best on the newest date"},
		{Name: "auc", Text: "area under the ROC curve; ½ is chance"},
		{Name: "pr_auc", Text: "average precision; the base rate is chance"},
		{Name: "log_loss", Text: "in nats"},
		{Name: "brier", Text: "mean squared error of the probability"},
		{Name: "brier_skill", Text: "1 less brier over that of the base rate"},
		{Name: "ece", Text: "expected calibration error, over ten bins of equally many customers"},
		{Name: "ece_floor", Text: "the ece that chance alone makes of probabilities that are all true"},
		{Name: "forecast", Text: "of the next base rate, with an interval; absent where the past ones do not move one way"},
		{Name: "ks", Text: "largest distance between the distributions of those who left and those who stayed"},
		{Name: "top_decile_lift", Text: "share that left of the tenth with the highest probability, over the share of all"},
		{Name: "candidates", Text: "the models that competed, with their figures"},
	},
	Warnings: []mining.Doc{
		{Name: "insufficient_data", Text: "fewer than 500 customers, 50 who left or 50 who stayed, or less history than 30 days or half the horizon, at the newest cutoff or at all others: no scores", Mend: "a shorter `horizon_days`, or a longer history"},
		{Name: "cohort_dropped", Text: "a past cutoff has too few customers, or less history before it than 30 days or half the horizon, and is not learned from", Mend: "nothing, or fewer `cutoffs`"},
		{Name: "no_signal", Text: "no candidate scores those higher who left after the newest cutoff; the state is `no_signal`, everyone gets the base rate and no reasons", Mend: "map more columns; look whether the history is that of real customers"},
		{Name: "weak_model", Text: "the champion ranks customers little better than chance (AUC below 0.6 on the newest cutoff)", Mend: "use the ranking with care; look for columns that tell more"},
		{Name: "not_converged", Text: "the champion was still improving when its fit ended; the state is `not_converged`", Mend: "compare with the other model under `candidates`"},
		{Name: "constant_column", Text: "so many features have one value for all customers, or none, and were not used", Mend: "nothing"},
		{Name: "collinear_column", Text: "logistic: so many features are sums of others and count nothing", Mend: "nothing, or name the `features`"},
		{Name: "separation", Text: "logistic: a feature tells some customers apart perfectly, so no finite coefficient is best", Mend: "look whether it gives away the answer; drop it from `features`"},
		{Name: "constant_target", Text: "boosting: nothing to learn from the customers at hand", Mend: "more history"},
		{Name: "too_few_rows", Text: "boosting: nothing to learn from the customers at hand", Mend: "more history"},
		{Name: "no_split", Text: "boosting: nothing to learn from the customers at hand", Mend: "more history"},
		{Name: "no_more_gain", Text: "boosting: it ended early, since no split was left that gains anything", Mend: "nothing"},
	},
}

// Settings are the settings of the step.
type Settings struct {
	HorizonDays int      `yaml:"horizon_days" min:"1" max:"3650" doc:"A customer has churned who buys nothing in this many days."`
	Cutoffs     int      `yaml:"cutoffs" min:"2" max:"24" doc:"Number of past scoring dates to learn from; the newest validates."`
	Models      []string `yaml:"models" doc:"Models that compete: logistic, boost."`
	Features    []string `yaml:"features" doc:"Features to learn from. Default: all that are numbers, but no attributes of customers, which are not of past days."`
	Reasons     int      `yaml:"reasons" min:"0" max:"10" doc:"Most reasons given for each customer."`
	MaxRows     int      `yaml:"max_rows" min:"1000" max:"1000000000" doc:"Most rows to learn from; beyond it a seeded sample, which the report names."`
	MinAUC      *float64 `yaml:"min_auc" min:"0" max:"1" doc:"Lowest AUC of the champion on the newest cutoff. Below it, or where the step ends in another state than ok, the run fails with exit code 5 and publishes nothing. Not looked at by quintile score. Default: no bar."`
}

// DefaultSettings returns the default settings of the step.
func DefaultSettings() Settings {
	return Settings{HorizonDays: 90, Cutoffs: 3, Models: []string{Logistic, Boost}, Reasons: 3, MaxRows: 500_000}
}

// Check looks at the names of the models.
func (s *Settings) Check() []mining.Fault {
	var faults []mining.Fault
	for _, m := range s.Models {
		if m != Logistic && m != Boost {
			faults = append(faults, mining.Faultf("models", "got %q, want logistic or boost", m))
		}
	}
	if len(s.Models) == 0 {
		faults = append(faults, mining.Faultf("models", "got no models, want logistic, boost or both"))
	}
	return faults
}

// Needs returns none.
func (s *Settings) Needs() []string { return nil }

// PastFeatures returns the features to learn from.
func (s *Settings) PastFeatures() (field string, names []string) { return "features", s.Features }

// Plan makes the task. Unknown features are refused, and attributes, which are not of
// past days.
func (s *Settings) Plan(r *mining.Run) (mining.Task, []mining.Fault) {
	_, faults := r.SelectPast("features", s.Features)
	t := &task{set: *s, features: mining.Learnable(r.Computed, s.Features)}
	for k := s.Cutoffs; k >= 1; k-- {
		t.cutoffs = append(t.cutoffs, r.AsOf-datasets.Day(k*s.HorizonDays))
	}
	return t, faults
}

type task struct {
	set      Settings
	features []string
	cutoffs  []datasets.Day
}

// Panel asks for the customers of each cutoff, and whether they left.
func (t *task) Panel() panel.Request {
	horizon := datasets.Day(t.set.HorizonDays)
	left := func(ev *datasets.Events, day datasets.Day) float32 {
		if panel.Bought(ev, day, horizon) {
			return 0
		}
		return 1
	}
	return panel.Request{Days: t.cutoffs, HorizonDays: t.set.HorizonDays, MaxRows: t.set.MaxRows, Labels: []panel.Label{left}}
}

// Memory covers the rows to learn from, their copy and their bins.
func (t *task) Memory(customers int) int64 {
	rows := min(int64(t.set.MaxRows), int64(customers)*int64(t.set.Cutoffs))
	return rows * int64(len(t.features)) * 9
}

// Fit lets the models compete.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	p := in.Panel.Only(t.features)
	cohorts := make([]Cohort, len(p.Days))
	for k, d := range p.Days {
		cohorts[k] = Cohort{
			Cutoff: d.Day, Since: in.First, X: models.Matrix{Names: t.features, Cols: d.Cols}, Churned: make([]bool, d.Rows),
			Customers: d.All, ChurnedAll: d.Positive[0],
		}
		for i, v := range d.Labels[0] {
			cohorts[k].Churned[i] = v != 0
		}
	}
	c := Default()
	c.HorizonDays, c.Models, c.Reasons = t.set.HorizonDays, t.set.Models, t.set.Reasons
	c.Seed, c.Workers = in.Seed, in.Workers
	f, err := c.Fit(ctx, cohorts)
	if err != nil {
		return nil, err
	}
	out := &mining.Result{
		State: mining.State(f.State), Warnings: f.Warnings, Figures: figures(f, p.Share), Section: section(f, in.Words), Unmet: t.set.unmet(f),
	}
	if f.Model != nil {
		scoring := &Scoring{f.Model}
		out.Model = scoring
		if slices.Contains(in.Table.Names(), spent) && f.State != NoSignal {
			count := &tally{Scoring: scoring}
			out.Scorer = count
			out.Late = func(s *page.Section) { count.complete(s, in.Currency) }
		}
	}
	return out, nil
}

// figures are those of the manifest.
func figures(f *Findings, share float64) []mining.Figure {
	out := []mining.Figure{{Name: "base_rates", Value: f.BaseRates}, {Name: "sample_share", Value: share}}
	if f.Message != "" {
		out = append(out, mining.Figure{Name: "message", Value: f.Message})
	}
	if f.Forecast != nil {
		out = append(out, mining.Figure{Name: "forecast", Value: *f.Forecast})
	}
	if f.Model != nil {
		out = append(out,
			mining.Figure{Name: "champion", Value: f.Champion, Summary: true}, mining.Figure{Name: "auc", Value: f.AUC, Summary: true},
			mining.Figure{Name: "pr_auc", Value: f.PRAUC}, mining.Figure{Name: "log_loss", Value: f.LogLoss},
			mining.Figure{Name: "brier", Value: f.Brier}, mining.Figure{Name: "brier_skill", Value: f.BrierSkill},
			mining.Figure{Name: "ece", Value: f.ECE},
			mining.Figure{Name: "ece_floor", Value: f.ECEFloor}, mining.Figure{Name: "ks", Value: f.KS},
			mining.Figure{Name: "top_decile_lift", Value: f.TopDecileLift}, mining.Figure{Name: "candidates", Value: f.Candidates})
	}
	if n := len(f.BaseRates); n > 0 {
		out = append(out, mining.Figure{Name: "base_rate", Value: f.BaseRates[n-1].Rate, Summary: true})
	}
	return out
}

// Scoring is the model as the run scores customers with it.
type Scoring struct{ *Model }

// Reads returns the features that the model reads.
func (s *Scoring) Reads() []string { return s.Features() }

// ScoreTo sets the probability of each customer and the reasons for it.
func (s *Scoring) ScoreTo(ctx context.Context, dst *mining.Scores, b *mining.Batch, workers int) error {
	_, err := s.score(ctx, dst, b, workers)
	return err
}

// score is ScoreTo, and returns the probabilities.
func (s *Scoring) score(ctx context.Context, dst *mining.Scores, b *mining.Batch, workers int) ([]float64, error) {
	k := s.Reasons()
	prob, reasons := make([]float64, b.Rows), make([]Reason, b.Rows*k)
	names := s.Features()
	if err := s.Model.ScoreTo(ctx, prob, reasons, b.Matrix(names), workers); err != nil {
		return nil, err
	}
	texts, codes := make([]string, b.Rows), make([]string, b.Rows)
	p := newPhrasing(s.Model, b)
	for i := range texts {
		texts[i], codes[i] = p.of(i, reasons[i*k:(i+1)*k])
	}
	dst.SetNumbers("churn_prob", prob)
	dst.SetTexts("churn_reasons", texts)
	dst.SetTexts("churn_reason_codes", codes)
	return prob, nil
}

// MarshalJSON writes the model.
func (s *Scoring) MarshalJSON() ([]byte, error) { return json.Marshal(s.Model) }

// UnmarshalJSON reads the output of MarshalJSON.
func (s *Scoring) UnmarshalJSON(text []byte) error {
	s.Model = new(Model)
	return json.Unmarshal(text, s.Model)
}

// Validate returns an error where the model, as from a file, cannot be used.
func (s *Scoring) Validate() error {
	if s.Model == nil {
		return errors.New("churn: got no model, want one")
	}
	return s.Model.Validate()
}
