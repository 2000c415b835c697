// Package scan is the one pass over the history: every customer is visited once, the table of
// features is filled, and the customer is shown to the steps that scan.
package scan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/datasets/offheap"
	"github.com/quintile-dev/quintile/datasets/spill"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/features/panel"
	"github.com/quintile-dev/quintile/mining"
)

// Scan is the one pass over the history: the questions and the findings.
type Scan struct {
	asOf     datasets.Day
	selected []features.Feature // the columns of the table: those computed, then the attributes
	computed []features.Feature // from events, at any day; all that training sees
	Table    *features.Table
	Census   *census
	Names    []uint32 // product → its most frequent description; nil where none are mapped

	Attributes attributeScan
	scanners   []mining.Scanner
	derivers   []mining.Deriver
	panels     []*panel.Builder
	panelOf    map[string][2]int // of a step: its builder, and its place among the requests

	newWorker func() *scanWorker
	workers   []*scanWorker         // nil until the worker has come
	advance   func(customers int64) // progress
}

// scanWorker is the private state of one goroutine of the scan.
type scanWorker struct {
	calculator *features.Calculator
	row        []float64
	census     *census
	attributes attributeScan
	scanners   []mining.Worker
	derive     []derivation
	customer   mining.Customer
	names      *productNames // nil where no descriptions are mapped
}

// derivation is a function for setting a number of columns of a customer.
type derivation struct {
	columns int
	set     mining.Derive
}

// Config holds the tasks of a scan.
type Config struct {
	AsOf     datasets.Day
	Seed     uint64
	Computed []features.Feature // from events
	Memory   int64              // bytes for the table and for what scanners hold
	Blocks   *offheap.Blocks
	Spill    *spill.Space
	Workers  int
	Advance  func(customers int64)

	Attributes *datasets.Attributes // nil where there are none
	Scanners   []mining.Scanner
	Derivers   []mining.Deriver
	Learners   []Learner
	Unnamed    bool // the names of products are not asked for
}

// Add lets a task or a model take part, as far as it has a use for the scan.
func (c *Config) Add(part any) {
	if s, ok := part.(mining.Scanner); ok {
		c.Scanners = append(c.Scanners, s)
	}
	if d, ok := part.(mining.Deriver); ok {
		c.Derivers = append(c.Derivers, d)
	}
}

// Learner is a step that learns from past days.
type Learner struct {
	Step    string
	Request panel.Request
}

// Run visits every customer once, for each requested scan: customers as they are known at the scoring date, and perhaps
// as they were known on an earlier day.
func Run(ctx context.Context, store *history.Store, configs ...Config) (scans []*Scan, err error) {
	defer func() {
		if err != nil {
			for _, s := range scans {
				err = errors.Join(err, s.Close())
			}
			scans = nil
		}
	}()
	for _, c := range configs {
		s, err := begin(store, c)
		if s != nil {
			scans = append(scans, s)
		}
		if err != nil {
			return scans, err
		}
	}
	err = store.Scan(ctx, func(worker int, b *history.Bucket) error {
		for _, s := range scans {
			if err := s.visit(worker, b); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return scans, err
	}
	for _, s := range scans {
		if err := s.seal(ctx); err != nil {
			return scans, err
		}
	}
	return scans, nil
}

// begin makes the collectors of a scan ready. After a failure, the collectors made so far are returned as well.
func begin(store *history.Store, c Config) (*Scan, error) {
	selected := slices.Concat(c.Computed, features.OfAttributes(c.Attributes.List()))
	names := namesOf(selected)
	for _, d := range c.Derivers {
		names = append(names, d.Derived()...)
	}
	table, err := features.NewTable(features.TableConfig{
		Names: names, Buckets: history.Partitions, Memory: c.Memory * 2 / 3, Workers: c.Workers, Blocks: c.Blocks, Spill: c.Spill,
	})
	if err != nil {
		return nil, err
	}
	products := store.Dictionary(datasets.Product).Len()
	s := &Scan{
		asOf: c.AsOf, selected: selected, computed: c.Computed, Table: table, Census: newCensus(products),
		Attributes: newAttributeScan(c.Attributes), advance: c.Advance, scanners: c.Scanners, derivers: c.Derivers,
	}
	named := !c.Unnamed && store.Columns().Dims[datasets.Description] && store.Columns().Dims[datasets.Product]
	s.workers = make([]*scanWorker, c.Workers)
	s.newWorker = func() *scanWorker {
		w := &scanWorker{
			calculator: features.NewCalculator(c.Computed), row: make([]float64, len(c.Computed)), census: newCensus(products),
			attributes: newAttributeScan(c.Attributes),
		}
		for _, d := range c.Derivers {
			w.derive = append(w.derive, derivation{len(d.Derived()), d.NewDerive()})
		}
		if named {
			w.names = newProductNames(products)
		}
		return w
	}
	return s, s.begin(c)
}

// seal joins what the workers have found.
func (s *Scan) seal(ctx context.Context) error {
	var productNames []*productNames
	for _, w := range s.workers {
		if w == nil {
			continue
		}
		s.Census.add(w.census)
		s.Attributes.add(&w.attributes)
		if w.names != nil {
			productNames = append(productNames, w.names)
		}
	}
	if len(productNames) > 0 {
		s.Names = mostFrequent(productNames, len(productNames[0].last))
	}
	s.workers = nil
	return s.Table.Seal(ctx)
}

// begin makes scanners and panels ready.
func (s *Scan) begin(c Config) error {
	for _, scanner := range c.Scanners {
		err := scanner.Begin(&mining.Resources{
			Memory: c.Memory / 3 / int64(len(c.Scanners)), Workers: c.Workers, Partitions: history.Partitions, Blocks: c.Blocks, Spill: c.Spill,
		})
		if err != nil {
			return err
		}
	}
	requests := make([]panel.Request, len(c.Learners))
	for i, l := range c.Learners {
		requests[i] = l.Request
	}
	builders, of := panel.Group(requests, panel.Config{Partitions: history.Partitions, Workers: c.Workers, Seed: c.Seed, Blocks: c.Blocks})
	s.panels, s.panelOf = builders, map[string][2]int{}
	for i, l := range c.Learners {
		s.panelOf[l.Step] = of[i]
	}
	return nil
}

// Panel returns the panel for learning of a step, nil where the step asked for
// no panel.
func (s *Scan) Panel(step string) *panel.Panel {
	at, asked := s.panelOf[step]
	if !asked {
		return nil
	}
	return s.panels[at[0]].Take(namesOf(s.computed), at[1])
}

func (s *Scan) visit(worker int, b *history.Bucket) error {
	w := s.workers[worker]
	if w == nil { // made by the worker itself, so that what two write is not in the same lines of the cache
		w = s.newWorker()
		for _, scanner := range s.scanners {
			w.scanners = append(w.scanners, scanner.Worker(worker))
		}
		s.workers[worker] = w
	}
	rows := s.Table.Bucket(b.Index, worker)
	rows.Expect(b.Customers.Len())
	for c := range b.Customers.Len() {
		ev := b.Of(c)
		if !w.census.customer(&ev, s.asOf) {
			continue
		}
		if err := s.customer(w, worker, b.Index, b.Customers.At(c), &ev, rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	if err := rows.Close(); err != nil {
		return err
	}
	for _, p := range s.panels {
		p.End(b.Index)
	}
	for _, scanner := range w.scanners {
		if err := scanner.End(b.Index, &b.Anonymous); err != nil {
			return err
		}
	}
	if s.advance != nil {
		s.advance(int64(b.Customers.Len()))
	}
	return nil
}

func (s *Scan) customer(w *scanWorker, worker, bucket int, id []byte, ev *datasets.Events, rows *features.Builder) error {
	row, err := rows.Next(id)
	if err != nil {
		return err
	}
	if err := w.calculator.Compute(row[:len(s.computed)], ev, s.asOf); err != nil {
		return fmt.Errorf("a customer of bucket %d: %w", bucket, err)
	}
	w.attributes.fill(row[len(s.computed):len(s.selected)], id)
	c := &w.customer
	c.ID, c.Partition, c.Past = id, bucket, features.Cut(*ev, s.asOf)
	c.Attributes = row[len(s.computed):len(s.selected)]
	known := c.Past.Events()
	if w.names != nil {
		w.names.add(known)
	}
	at := len(s.selected)
	for _, d := range w.derive {
		if err := d.set(row[at:at+d.columns], c); err != nil {
			return err
		}
		at += d.columns
	}
	for _, scanner := range w.scanners {
		if err := scanner.Customer(c); err != nil {
			return err
		}
	}
	for _, p := range s.panels {
		if err := p.Add(bucket, worker, id, known, w.calculator, w.row); err != nil {
			return err
		}
	}
	return nil
}

// Close lets go of the table of features and of whatever the steps have collected.
func (s *Scan) Close() error {
	var faults []error
	for _, scanner := range s.scanners {
		faults = append(faults, scanner.Close())
	}
	return errors.Join(append(faults, s.Table.Close())...)
}

// namesOf returns the names of features.
func namesOf(list []features.Feature) []string {
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.Name
	}
	return names
}
