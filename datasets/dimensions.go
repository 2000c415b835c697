package datasets

import (
	"fmt"
	"slices"
)

// Dimension is an optional column of transactions that names something: a
// product, a channel, a shop.
type Dimension uint8

// The dimensions of a transaction. Custom dimensions follow the last; a job
// names them in Columns.Further.
const (
	Product Dimension = iota
	Category
	Channel
	Store
	Region
	Salesperson
	Campaign
	Description
	Dimensions int = iota // how many there are

	MaxFurther = 8                       // how many a job may name besides
	Slots      = Dimensions + MaxFurther // how many there are at most
)

// String returns the name of a dimension; for a custom dimension, its number
// from one.
func (d Dimension) String() string {
	names := [Dimensions]string{"product", "category", "channel", "store", "region", "salesperson", "campaign", "description"}
	if int(d) < len(names) {
		return names[d]
	}
	return fmt.Sprintf("further dimension %d", int(d)-Dimensions+1)
}

// Columns says which optional columns a history holds.
type Columns struct {
	Order, Cost, Discount bool
	Amount                bool // what lines cost; without it all have an amount of 0
	Quantity              bool // how many pieces; without it all have one
	Dims                  [Dimensions]bool
	// Further are the names of the custom dimensions in bytewise order, "" where
	// there are no more: that of index k is Dimension(Dimensions + k).
	Further [MaxFurther]string
}

// Has reports whether d is held.
func (a Columns) Has(d Dimension) bool {
	if int(d) < Dimensions {
		return a.Dims[d]
	}
	return a.Further[int(d)-Dimensions] != ""
}

// Name returns the name of d, which is held.
func (a Columns) Name(d Dimension) string {
	if int(d) < Dimensions {
		return d.String()
	}
	return a.Further[int(d)-Dimensions]
}

// FurtherNames returns the names of the custom dimensions, in their order.
func (a Columns) FurtherNames() []string {
	n := slices.Index(a.Further[:], "")
	if n < 0 {
		n = MaxFurther
	}
	return slices.Clone(a.Further[:n])
}

// WithFurther returns the columns with the names as custom dimensions, given in
// any order; repeated names count once. More than MaxFurther names panic: a
// caller with names from users must refuse them before.
func (a Columns) WithFurther(names []string) Columns {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	if len(names) > MaxFurther {
		panic(fmt.Sprintf("datasets: BUG: %d further dimensions, of at most %d", len(names), MaxFurther))
	}
	a.Further = [MaxFurther]string{}
	copy(a.Further[:], names)
	return a
}

// Union returns the columns held by a or b. Custom dimensions are matched by
// name, so that their numbers may differ from the numbers in a and b.
func (a Columns) Union(b Columns) Columns {
	a.Order, a.Cost, a.Discount = a.Order || b.Order, a.Cost || b.Cost, a.Discount || b.Discount
	a.Amount, a.Quantity = a.Amount || b.Amount, a.Quantity || b.Quantity
	for d := range a.Dims {
		a.Dims[d] = a.Dims[d] || b.Dims[d]
	}
	return a.WithFurther(append(a.FurtherNames(), b.FurtherNames()...))
}
