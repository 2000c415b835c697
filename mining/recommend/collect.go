package recommend

import (
	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/features/holdings"
	"github.com/quintile-dev/quintile/mining"
)

// placeColumn is the column that the scan adds for each customer.
const placeColumn = "recommend.place"

// collector sees the scan: first the holdings of customers are stored, then their lists.
// A run and "quintile score" share the collector.
type collector struct {
	asOf                 datasets.Day
	codes                func(*datasets.Events) []uint32
	categories           bool // are mapped
	held, heldCategories *holdings.Store
	lists, propensities  records
}

func newCollector(r *mining.Run, d datasets.Dimension, top int) *collector {
	c := &collector{asOf: r.AsOf, codes: codesOf(d), categories: r.Mapped.Has(features.Category)}
	c.lists.stride, c.propensities.stride = top*entryWords, maxCategories
	return c
}

// Begin makes room. Of the memory half is for holdings and half for lists.
func (c *collector) Begin(r *mining.Resources) error {
	part := max(1, r.Memory/4)
	open := func(codes func(*datasets.Events) []uint32) *holdings.Store {
		return holdings.New(holdings.Config{Codes: codes, Partitions: r.Partitions, Memory: part, Spill: r.Spill})
	}
	c.held = open(c.codes)
	if c.categories {
		c.heldCategories = open(codesOf(datasets.Category))
	}
	for _, s := range []*records{&c.lists, &c.propensities} {
		s.budget, s.spill, s.blocks = part, r.Spill, make([]recordBlock, r.Partitions)
	}
	return nil
}

// Worker returns a writer of holdings.
func (c *collector) Worker(at int) mining.Worker {
	w := &worker{items: c.held.Writer(at)}
	if c.categories {
		w.categories = c.heldCategories.Writer(at)
	}
	return w
}

// Close lets everything go.
func (c *collector) Close() error {
	c.held.Close()
	c.heldCategories.Close()
	c.lists.close()
	c.propensities.close()
	return nil
}

type worker struct{ items, categories *holdings.Writer }

func (w *worker) Customer(c *mining.Customer) error {
	w.items.Add(c.Past.Events())
	if w.categories != nil {
		w.categories.Add(c.Past.Events())
	}
	return nil
}

func (w *worker) End(partition int, _ *datasets.Events) error {
	if err := w.items.End(partition); err != nil {
		return mining.SpillError(err)
	}
	if w.categories == nil {
		return nil
	}
	return mining.SpillError(w.categories.End(partition))
}

// Derived names the column that says where a customer is.
func (c *collector) Derived() []string { return []string{placeColumn} }

// NewDerive returns the function to number the customers of each partition, in the order
// seen by the worker of the scanner.
func (c *collector) NewDerive() mining.Derive {
	partition, number := -1, 0
	return func(dst []float64, c *mining.Customer) error {
		if c.Partition != partition {
			partition, number = c.Partition, 0
		}
		dst[0] = float64(newPlace(partition, number))
		number++
		return nil
	}
}
