package pipeline

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

// scan is the one pass over the history: what it looks for, and what it found.
type scan struct {
	asOf     datasets.Day
	selected []features.Feature // the columns of the table: those computed, then the attributes
	computed []features.Feature // from events, at any day; all that training sees
	table    *features.Table
	census   *census
	names    []uint32 // product → its most frequent description; nil where none are mapped

	attributes attributeScan
	scanners   []mining.Scanner
	derivers   []mining.Deriver
	panels     []*panel.Builder
	panelOf    map[string][2]int // of a step: its builder, and its place among the requests

	newWorker func() *scanWorker
	workers   []*scanWorker         // nil until the worker has come
	advance   func(customers int64) // progress
}

// scanWorker is what one goroutine of the scan needs for itself.
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

// derivation is a function that sets so many columns of a customer.
type derivation struct {
	columns int
	set     mining.Derive
}

// scanConfig says what a scan is to collect.
type scanConfig struct {
	asOf     datasets.Day
	seed     uint64
	computed []features.Feature // from events
	memory   int64              // bytes for the table and for what scanners hold
	blocks   *offheap.Blocks
	spill    *spill.Space
	workers  int
	advance  func(customers int64)

	attributes *datasets.Attributes // nil where there are none
	scanners   []mining.Scanner
	derivers   []mining.Deriver
	learners   []learner
}

// learner is a step that learns from past days.
type learner struct {
	step    string
	request panel.Request
}

// scanHistory visits every customer once.
func scanHistory(ctx context.Context, store *history.Store, c scanConfig) (*scan, error) {
	selected := slices.Concat(c.computed, features.OfAttributes(c.attributes.List()))
	names := namesOf(selected)
	for _, d := range c.derivers {
		names = append(names, d.Derived()...)
	}
	table, err := features.NewTable(features.TableConfig{
		Names: names, Buckets: history.Partitions, Memory: c.memory * 2 / 3, Workers: c.workers, Blocks: c.blocks, Spill: c.spill,
	})
	if err != nil {
		return nil, err
	}
	products := store.Dictionary(datasets.Product).Len()
	s := &scan{
		asOf: c.asOf, selected: selected, computed: c.computed, table: table, census: newCensus(products),
		attributes: newAttributeScan(c.attributes), advance: c.advance, scanners: c.scanners, derivers: c.derivers,
	}
	if err := s.begin(c); err != nil {
		return nil, errors.Join(err, s.close())
	}
	named := store.Columns().Dims[datasets.Description] && store.Columns().Dims[datasets.Product]
	s.workers = make([]*scanWorker, c.workers)
	s.newWorker = func() *scanWorker {
		w := &scanWorker{
			calculator: features.NewCalculator(c.computed), row: make([]float64, len(c.computed)), census: newCensus(products),
			attributes: newAttributeScan(c.attributes),
		}
		for _, d := range c.derivers {
			w.derive = append(w.derive, derivation{len(d.Derived()), d.NewDerive()})
		}
		if named {
			w.names = newProductNames(products)
		}
		return w
	}
	if err := store.Scan(ctx, s.visit); err != nil {
		return nil, errors.Join(err, s.close())
	}
	var productNames []*productNames
	for _, w := range s.workers {
		if w == nil {
			continue
		}
		s.census.add(w.census)
		s.attributes.add(&w.attributes)
		productNames = append(productNames, w.names)
	}
	if named {
		s.names = mostFrequent(productNames, products)
	}
	s.workers = nil
	if err := table.Seal(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// begin makes scanners and panels ready.
func (s *scan) begin(c scanConfig) error {
	for _, scanner := range c.scanners {
		err := scanner.Begin(&mining.Resources{
			Memory: c.memory / 3 / int64(len(c.scanners)), Workers: c.workers, Partitions: history.Partitions, Blocks: c.blocks, Spill: c.spill,
		})
		if err != nil {
			return err
		}
	}
	requests := make([]panel.Request, len(c.learners))
	for i, l := range c.learners {
		requests[i] = l.request
	}
	builders, of := panel.Group(requests, panel.Config{Partitions: history.Partitions, Workers: c.workers, Seed: c.seed, Blocks: c.blocks})
	s.panels, s.panelOf = builders, map[string][2]int{}
	for i, l := range c.learners {
		s.panelOf[l.step] = of[i]
	}
	return nil
}

// panel returns what a step learns from, nil where it asked for nothing.
func (s *scan) panel(step string) *panel.Panel {
	at, asked := s.panelOf[step]
	if !asked {
		return nil
	}
	return s.panels[at[0]].Take(namesOf(s.computed), at[1])
}

func (s *scan) visit(worker int, b *history.Bucket) error {
	w := s.workers[worker]
	if w == nil { // made by the worker itself, so that what two write is not in the same lines of the cache
		w = s.newWorker()
		for _, scanner := range s.scanners {
			w.scanners = append(w.scanners, scanner.Worker(worker))
		}
		s.workers[worker] = w
	}
	rows := s.table.Bucket(b.Index, worker)
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

func (s *scan) customer(w *scanWorker, worker, bucket int, id []byte, ev *datasets.Events, rows *features.Builder) error {
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

func (s *scan) close() error {
	var faults []error
	for _, scanner := range s.scanners {
		faults = append(faults, scanner.Close())
	}
	return errors.Join(append(faults, s.table.Close())...)
}

// namesOf returns the names of features.
func namesOf(list []features.Feature) []string {
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.Name
	}
	return names
}
