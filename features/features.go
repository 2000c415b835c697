// Package features describes a customer on a day: a catalogue of documented
// numbers computed from one customer's line items, the table of these numbers for
// all customers, RFM scores with named segments, and the transforms that make
// columns fit for models.
//
// The catalogue is one table. Each entry carries the name, unit and meaning of a
// feature, the meaning of a missing value, and the place of the value among the
// values of its group; docs/features.md is generated from the table.
package features

import (
	"fmt"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
)

// Kind is the sort of number of a feature, for writing, scaling and drawing.
type Kind uint8

// The kinds of a feature.
const (
	Count    Kind = iota // a whole number ≥ 0
	Days                 // a number of days
	Money                // units of the currency; scales with it
	Quantity             // units of measure; scales with them
	Share                // in [0,1]
	Ratio                // a quotient or a rate, not bounded by 1
	Bits                 // an entropy, ≥ 0
	Code                 // a code of a dictionary: a name, no quantity; never fed to a model as a number
	Number               // a number of any size and sign, of which nothing is known but what a file says
)

func (k Kind) String() string {
	names := [...]string{"count", "days", "money", "quantity", "share", "ratio", "bits", "code", "number"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind(%d)", k)
}

// Columns is a set of optional columns of the events.
type Columns uint32

// The optional columns that features may need.
const (
	Product Columns = 1 << iota
	Category
	Channel
	Store
	Region
	Salesperson
	Campaign
	Cost
	Discount
	Clock        // not a column: the times carry a time of day, not dates alone
	Amount       // the amount of a line: amount, or unit_price
	Units        // the number of pieces of a line: quantity
	firstFurther // the first custom dimension, after which come the others
	allFurther   = firstFurther * (1<<datasets.MaxFurther - 1)
)

// Further returns custom dimension k of the history, from 0, as a column.
func Further(k int) Columns { return firstFurther << k }

var columnNames = [...]string{
	"product", "category", "channel", "store", "region", "salesperson", "campaign", "cost", "discount", "time of day", "amount (or unit_price)", "quantity",
}

// Has reports whether c holds all of want.
func (c Columns) Has(want Columns) bool { return c&want == want }

// String lists the columns, as in "product, cost".
func (c Columns) String() string {
	var names []string
	for i, name := range columnNames {
		if c.Has(1 << i) {
			names = append(names, name)
		}
	}
	for k := range datasets.MaxFurther {
		if c.Has(Further(k)) {
			names = append(names, datasets.Dimension(datasets.Dimensions+k).String())
		}
	}
	return strings.Join(names, ", ")
}

// Mapped returns the columns that a history with these columns offers to
// features. clock is set if times have a time of day.
func Mapped(c datasets.Columns, clock bool) Columns {
	var out Columns
	add := func(present bool, column Columns) {
		if present {
			out |= column
		}
	}
	add(c.Dims[datasets.Product], Product)
	add(c.Dims[datasets.Category], Category)
	add(c.Dims[datasets.Channel], Channel)
	add(c.Dims[datasets.Store], Store)
	add(c.Dims[datasets.Region], Region)
	add(c.Dims[datasets.Salesperson], Salesperson)
	add(c.Dims[datasets.Campaign], Campaign)
	add(c.Cost, Cost)
	add(c.Discount, Discount)
	add(clock, Clock)
	add(c.Amount, Amount)
	add(c.Quantity, Units)
	for k, name := range c.Further {
		add(name != "", Further(k))
	}
	return out
}

// Feature is one entry of the catalogue.
type Feature struct {
	Name    string
	Group   string // heading under which it is documented
	Kind    Kind
	Unit    string  // "days", "currency", "share of orders", …
	Meaning string  // the exact definition
	Missing string  // what NaN means; "never" where every customer has a value
	Needs   Columns // where these are not mapped, the feature does not exist
	Source  string  // where the definition was published, or ""
	Signed  bool    // a value can be below 0, so that a quotient of two means nothing
	// Of is the dimension whose texts the codes of a feature of kind Code stand for.
	Of datasets.Dimension

	value func(v *values) *float64 // where it is among all values; nil for an attribute
}
