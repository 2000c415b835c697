package scan

import (
	"math"

	"github.com/quintile-dev/quintile/datasets"
)

// attributeScan fills in the attributes of the scanned customers, and counts the
// customers with each attribute.
type attributeScan struct {
	table     *datasets.Attributes // nil where there are none
	Customers int64                // of the table that were met
	Known     []int64              // by attribute
}

func newAttributeScan(table *datasets.Attributes) attributeScan {
	return attributeScan{table: table, Known: make([]int64, len(table.List()))}
}

// fill sets the attributes of a customer.
func (s *attributeScan) fill(row []float64, id []byte) {
	if s.table == nil {
		return
	}
	if s.table.FillTo(row, id) {
		s.Customers++
	}
	for k, v := range row {
		if !math.IsNaN(v) {
			s.Known[k]++
		}
	}
}

// add adds the counts of another worker.
func (s *attributeScan) add(o *attributeScan) {
	s.Customers += o.Customers
	for k, n := range o.Known {
		s.Known[k] += n
	}
}
