package explain

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/fetch"
	"github.com/quintile-dev/quintile/pipeline/load"
	"github.com/quintile-dev/quintile/pipeline/memory"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/progress"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// Customer holds the facts about one customer in the inputs of a job, and the view of the
// models of a run.
type Customer struct {
	Orders    []Order
	Features  map[string]float64 // those with a value
	Explained []StepExplained    // in the order of the steps
	Words     *words.Words
	AsOf      datasets.Day
	Priced    bool // line items have money
}

// StepExplained is how the model of a step came to the scores of a customer.
type StepExplained struct {
	Step  string             `json:"step"`
	Parts []mining.Explained `json:"explained"`
}

// Order holds the products bought or returned together by a customer.
type Order struct {
	Day      datasets.Day
	Lines    int
	Quantity float64
	Money    float64 // negative for returns; 0 without a column of money
	Return   bool
}

// errNoCustomer reports a customer without an event up to the scoring date. The error
// names nobody.
var errNoCustomer = errors.New("got a customer without a line item up to the scoring date, want an id as segments.parquet has it; look at its spelling")

// reading holds the state of the search for a customer in the inputs of a job.
type reading struct {
	data     *load.Data
	blocks   *offheap.Blocks
	asOf     datasets.Day
	priced   bool
	computed []features.Feature
	models   modelfile.Models
	words    *words.Words
}

// find reads the inputs of a job, or its kept history, for one customer, and asks the models
// of a run about the customer. Nothing is learned, written or published.
//
// Errors: the errors of reading the inputs; errNoCustomer.
func find(ctx context.Context, job config.Job, models modelfile.Models, id string, now func() time.Time) (*Customer, error) {
	folder := os.TempDir()
	if _, isURL, err := job.Place(); err == nil && !isURL {
		folder = filepath.Join(job.Output, job.Job)
	}
	budget := memory.Budget(job.Memory)
	r := &reading{blocks: offheap.NewBlocks(budget), models: models, words: words.MustOpen(job.Language, job.Currency)}
	watch := progress.New(nil, now, zerolog.Nop())
	r.data = &load.Data{
		Job: &job, Watch: watch, Log: zerolog.Nop(), Budget: budget, Blocks: r.blocks, TempDir: folder, Fetcher: fetch.New(watch, folder, true),
	}
	c, err := r.find(ctx, id)
	return c, errors.Join(err, r.blocks.Close(), r.data.Close())
}

func (r *reading) find(ctx context.Context, id string) (*Customer, error) {
	if err := r.data.Read(ctx); err != nil {
		return nil, err
	}
	asOf, err := r.data.ScoringDate()
	if err == nil {
		store := r.data.Store
		mapped := features.Mapped(store.Columns(), store.Clock())
		r.priced = mapped.Has(features.Amount)
		r.asOf, r.computed = asOf, features.Available(mapped, store.Columns().FurtherNames()...)
	}
	var c *Customer
	if err == nil {
		c, err = r.customer(ctx, id)
	}
	return c, errors.Join(err, r.data.Store.Close())
}

// customer looks for one customer.
func (r *reading) customer(ctx context.Context, id string) (*Customer, error) {
	var found *Customer
	visit := func(_ int, b *history.Bucket) error {
		for c := range b.Customers.Len() {
			if !bytes.Equal(b.Customers.At(c), []byte(id)) {
				continue
			}
			ev := b.Of(c)
			past := features.Cut(ev, r.asOf)
			if past.Events().Len() == 0 {
				return nil
			}
			var err error
			found, err = r.describeCustomer(ctx, b.Customers.At(c), b.Index, past, &ev)
			return err
		}
		return nil
	}
	if err := r.data.Store.Scan(ctx, visit); err != nil {
		return nil, err
	}
	if found == nil {
		return nil, exit.With(exit.Usage, errNoCustomer)
	}
	return found, nil
}

// describeCustomer computes the features of a customer, and has the models explain.
func (r *reading) describeCustomer(ctx context.Context, id []byte, partition int, past features.Past, ev *datasets.Events) (*Customer, error) {
	computed := r.computed
	row := make([]float64, len(computed))
	if err := features.NewCalculator(computed).Compute(row, ev, r.asOf); err != nil {
		return nil, err
	}
	c := &mining.Customer{ID: id, Partition: partition, Past: past}
	var names []string
	for _, f := range computed {
		names = append(names, f.Name)
	}
	if table := r.data.Attributes; table != nil {
		c.Attributes = make([]float64, len(table.List()))
		table.FillTo(c.Attributes, id)
		row = append(row, c.Attributes...)
		for _, a := range table.List() {
			names = append(names, a.Name)
		}
	}
	out := &Customer{Orders: ordersOf(past.Events()), Features: map[string]float64{}, Words: r.words, AsOf: r.asOf, Priced: r.priced}
	for _, kind := range r.models.Kinds() {
		d, ok := r.models[kind].(mining.Deriver)
		if !ok {
			continue
		}
		values := make([]float64, len(d.Derived()))
		if err := d.NewDerive()(values, c); err != nil {
			return nil, err
		}
		names, row = append(names, d.Derived()...), append(row, values...)
	}
	columns := make([][]float64, len(row))
	for i, v := range row {
		columns[i] = row[i : i+1]
		if v == v {
			out.Features[names[i]] = v
		}
	}
	var ids datasets.Strings
	ids.Append(id)
	b := mining.NewBatch(ids, names, columns)
	b.Speak(r.words)
	for _, s := range steps.Table() {
		model, ok := r.models[s.Name].(mining.Explainer)
		if !ok || !has(names, model.Reads()) {
			continue
		}
		parts, err := model.Explain(ctx, b)
		if err != nil {
			return nil, err
		}
		if len(parts) > 0 {
			out.Explained = append(out.Explained, StepExplained{s.Name, parts})
		}
	}
	return out, nil
}

// has reports whether all of some names are there.
func has(names, wanted []string) bool {
	there := map[string]bool{}
	for _, n := range names {
		there[n] = true
	}
	for _, n := range wanted {
		if !there[n] {
			return false
		}
	}
	return true
}

// ordersOf adds up the lines of each order, purchases and returns apart, by day.
func ordersOf(ev *datasets.Events) []Order {
	var out []Order
	type key struct {
		order    uint32
		returned bool
	}
	at := map[key]int{}
	for i := range ev.Len() {
		k := key{ev.Order[i], ev.Return[i]}
		n, has := at[k]
		if !has {
			n = len(out)
			at[k] = n
			out = append(out, Order{Day: ev.Time[i].Day(), Return: ev.Return[i]})
		}
		o := &out[n]
		o.Lines++
		o.Quantity += ev.Quantity[i].Float()
		o.Money += ev.Amount[i].Float()
	}
	return out
}
