// Package explain explains the scores of one customer in a published run: the history of the
// customer, each score with its place among all customers, the reasons of the stored models,
// the offers, and the changes that would change the group. No model is fitted, and nothing is
// written.
//
// The id of the customer is not repeated in the explanation, so that a file with the
// explanation names nobody.
package explain

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/published"
)

// Explanation holds the facts known about a customer.
type Explanation struct {
	Run      string          `json:"run"` // the published folder
	AsOf     string          `json:"as_of"`
	Stale    bool            `json:"stale"` // the inputs have changed since the run
	History  History         `json:"history"`
	Scores   []Score         `json:"scores"`
	Why      []StepExplained `json:"why"`
	Offers   []Offer         `json:"offers"`
	customer *Customer
}

// Offer is an entry of the customer's list in recommendations.parquet.
type Offer struct {
	Rank        int64   `json:"rank"`
	Product     string  `json:"product"`
	Description string  `json:"description,omitempty"`
	Prob        float64 `json:"prob"`
	Reason      string  `json:"reason"`
}

// Explain says why a customer has the scores in the newest published run of a job.
//
// Errors: a job without a published run; the errors of reading the inputs; a customer unknown
// to the run, without any data of the customer.
func Explain(ctx context.Context, job config.Job, id string, now func() time.Time) (*Explanation, error) {
	folder, err := newest(ctx, &job)
	if err != nil {
		return nil, err
	}
	run, err := published.Open(ctx, folder)
	if err != nil {
		return nil, err
	}
	models, err := modelfile.Read(ctx, folder)
	if err != nil {
		return nil, err
	}
	day, err := datasets.ParseDay(run.AsOf)
	if err != nil {
		return nil, exit.With(exit.BadInput, err)
	}
	asOf := config.Day(day)
	job.AsOf = &asOf
	customer, err := find(ctx, job, models.Models, id, now)
	if err != nil {
		return nil, err
	}
	e := &Explanation{Run: folder, AsOf: run.AsOf, Why: customer.Explained, History: historyOf(customer), customer: customer, Offers: []Offer{}}
	text, err := run.File("segments.parquet")
	if err != nil {
		return nil, err
	}
	scores, err := readScores(ctx, text, id, customer.Words)
	if err != nil {
		return nil, err
	}
	if scores == nil {
		return nil, exit.With(exit.Usage, errNoCustomer)
	}
	e.Scores = scores
	e.Stale = stale(scores, customer)
	if why := worth(scores, customer.Words); len(why.Parts) > 0 {
		e.Why = append(e.Why, why)
	}
	text, err = run.File("recommendations.parquet")
	if errors.Is(err, fs.ErrNotExist) {
		return e, nil
	}
	if err == nil {
		e.Offers, err = readOffers(ctx, text, id)
	}
	return e, err
}

// newest returns the published folder of the newest scoring date.
func newest(ctx context.Context, job *config.Job) (string, error) {
	folder, err := place.Newest(ctx, job)
	if err != nil {
		return "", err
	}
	if folder == "" {
		return "", exit.Errorf(exit.BadInput, "%s: got a job without a published run, want one; publish with: quintile run %s", job.Path, job.Path)
	}
	return folder, nil
}

// stale reports whether the inputs hold other orders than the run did.
func stale(scores []Score, c *Customer) bool {
	for _, s := range scores {
		if v, known := c.Features[s.Column]; known && s.Number != nil && (s.Column == "frequency" || s.Column == "recency_days") && *s.Number != v {
			return true
		}
	}
	return false
}

// worth gives the parts of a customer's value, against the average customer.
func worth(scores []Score, w *words.Words) StepExplained {
	parts := mining.Explained{Title: w.Text("What makes the value to come, against the average customer")}
	for _, s := range scores {
		if s.Number == nil || *s.Mean == 0 || !slices.Contains([]string{"expected_orders", "expected_order_value", "buy_prob"}, s.Column) {
			continue
		}
		parts.Parts = append(parts.Parts, mining.Part{
			Text: s.Name + ": " + w.ColumnValue(s.Column, *s.Number), Code: s.Column, Size: new(*s.Number / *s.Mean), Unit: w.Text("times the average"),
		})
	}
	if len(parts.Parts) == 0 {
		return StepExplained{Step: "value"}
	}
	return StepExplained{Step: "value", Parts: []mining.Explained{parts}}
}
