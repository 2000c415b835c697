package pipeline

import (
	"context"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/ingest"
)

// customersTable is the name of the table of customers' attributes.
const customersTable = "customers"

// readAttributes reads the files of customers' attributes, if the job names any. ids
// says which ids stand for the same customer; nil: none but the same. The table may
// take a quarter of the memory budget, and what it takes is out of it until the scan
// is done.
func (r *run) readAttributes(ctx context.Context, sources []ingest.AttributeSource, ids *datasets.Identities) error {
	if len(sources) == 0 {
		return nil
	}
	var read *ingest.TableReport
	err := r.watch.Stage(customersTable, 0, "rows", func() (err error) {
		r.attributes, read, err = ingest.ReadAttributes(ctx, sources, ids, r.budget/tableShare, func(rows int64) {
			r.watch.Advance(customersTable, rows)
		})
		return err
	})
	if err != nil {
		return err
	}
	for k, a := range r.attributes.List() {
		if n := r.attributes.Disagreeing(k); n > 0 {
			r.warn("attributes_disagree", int(n), "%s differs between the rows of %d customers and is missing for them", a.Name, n)
		}
	}
	return r.takeTable(customersTable, read)
}

// attributeScan fills in the attributes of the customers scanned, and counts who has
// which.
type attributeScan struct {
	table     *datasets.Attributes // nil where there are none
	customers int64                // of the table that were met
	known     []int64              // by attribute
}

func newAttributeScan(table *datasets.Attributes) attributeScan {
	return attributeScan{table: table, known: make([]int64, len(table.List()))}
}

// fill sets the attributes of a customer.
func (s *attributeScan) fill(row []float64, id []byte) {
	if s.table == nil {
		return
	}
	if s.table.FillTo(row, id) {
		s.customers++
	}
	for k, v := range row {
		if !math.IsNaN(v) {
			s.known[k]++
		}
	}
}

// add adds the counts of another worker.
func (s *attributeScan) add(o *attributeScan) {
	s.customers += o.customers
	for k, n := range o.known {
		s.known[k] += n
	}
}

// categories returns the texts that the codes of an attribute stand for.
func (r *run) categories(attribute string) *datasets.Strings {
	for k, a := range r.attributes.List() {
		if a.Name == attribute {
			return r.attributes.Categories(k)
		}
	}
	panic(fmt.Sprintf("pipeline: BUG: %s is no attribute of this run", attribute))
}
