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
)

// scan is the one pass over the history: what it looks for, and what it found.
type scan struct {
	asOf     datasets.Day
	selected []features.Feature // the columns of the table: those computed, then the attributes
	computed []features.Feature // from events, at any day; all that training sees
	table    *features.Table
	training *training    // nil where churn is not asked for
	baskets  *basketStore // nil where rules are not asked for
	census   *census
	names    []uint32 // product → its most frequent description; nil where none are mapped

	attributes attributeScan

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
	baskets    basketWriter
	names      *productNames // nil where no descriptions are mapped
}

// scanConfig says what a scan is to collect.
type scanConfig struct {
	asOf     datasets.Day
	computed []features.Feature // from events
	memory   int64              // bytes for the table and the baskets
	blocks   *offheap.Blocks
	spill    *spill.Space
	workers  int
	baskets  bool
	training *training
	advance  func(customers int64)

	attributes *datasets.Attributes // nil where there are none
}

// scanHistory visits every customer once.
func scanHistory(ctx context.Context, store *history.Store, c scanConfig) (*scan, error) {
	selected := slices.Concat(c.computed, features.OfAttributes(c.attributes.List()))
	table, err := features.NewTable(features.TableConfig{
		Names: namesOf(selected), Buckets: history.Partitions, Memory: c.memory * 2 / 3, Workers: c.workers, Blocks: c.blocks, Spill: c.spill,
	})
	if err != nil {
		return nil, err
	}
	products := store.Dictionary(datasets.Product).Len()
	s := &scan{
		asOf: c.asOf, selected: selected, computed: c.computed, table: table, training: c.training, census: newCensus(products),
		attributes: newAttributeScan(c.attributes), advance: c.advance,
	}
	if c.baskets {
		s.baskets = &basketStore{budget: c.memory / 3, spill: c.spill}
	}
	named := store.Columns().Dims[datasets.Description] && store.Columns().Dims[datasets.Product]
	s.workers = make([]*scanWorker, c.workers)
	s.newWorker = func() *scanWorker {
		w := &scanWorker{
			calculator: features.NewCalculator(c.computed), row: make([]float64, len(c.computed)), census: newCensus(products),
			attributes: newAttributeScan(c.attributes),
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

func (s *scan) visit(worker int, b *history.Bucket) error {
	w := s.workers[worker]
	if w == nil { // made by the worker itself, so that what two write is not in the same lines of the cache
		w = s.newWorker()
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
	if s.training != nil {
		s.training.end(b.Index)
	}
	if s.baskets != nil {
		w.baskets.addUntil(&b.Anonymous, s.asOf)
		if err := s.baskets.put(b.Index, worker, &w.baskets); err != nil {
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
	w.attributes.fill(row[len(s.computed):], id)
	past := features.Cut(*ev, s.asOf)
	if w.names != nil {
		w.names.add(past.Events())
	}
	if s.baskets != nil {
		w.baskets.add(past.Events())
	}
	if s.training != nil {
		return s.training.add(bucket, worker, id, past.Events(), w.calculator, w.row)
	}
	return nil
}

func (s *scan) close() error {
	if s.baskets != nil {
		s.baskets.close()
	}
	return s.table.Close()
}

// namesOf returns the names of features.
func namesOf(list []features.Feature) []string {
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.Name
	}
	return names
}
