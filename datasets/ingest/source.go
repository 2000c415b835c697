// Package ingest reads the files of a job into the history: files are found and
// opened, their columns are mapped to the columns of a transaction, rows under
// the job's rules are set aside, rows that do not fit are quarantined, and
// every row is counted.
package ingest

import (
	"maps"
	"slices"
	"time"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio"
)

// Role is the meaning of a file's column to Quintile; the names are as in the
// job file.
type Role string

// The roles besides dimensions. The role of a dimension has the name of its
// datasets.Dimension; a custom dimension has no role, but a name given by the
// job.
const (
	Customer  Role = "customer"
	Time      Role = "time"
	Clock     Role = "clock" // the time of day, in a column of its own
	Order     Role = "order"
	Quantity  Role = "quantity"
	UnitPrice Role = "unit_price"
	Amount    Role = "amount"
	Cost      Role = "cost"
	Discount  Role = "discount"
	Currency  Role = "currency"
)

// moreDiscounts are the roles of columns that are added to Discount.
var moreDiscounts = []Role{"discount_2", "discount_3", "discount_4"}

// Roles returns every role, those of the dimensions last.
func Roles() []Role {
	all := []Role{Customer, Time, Clock, Order, Quantity, UnitPrice, Amount, Cost, Discount, Currency}
	all = append(all, moreDiscounts...)
	for d := range datasets.Dimensions {
		all = append(all, Role(datasets.Dimension(d).String()))
	}
	return all
}

// Source is one entry of a job's inputs: files of one kind, read one way.
type Source struct {
	Path       string            // a file, a glob or a folder
	Files      []File            // what Path stands for, where it is no path of this machine; nil: see Resolve
	Table      string            // of a server that Path names; whoever loads it makes Files of it
	Query      string            // or a SELECT
	Since      string            // a column of either that grows
	Sheet      string            // of Excel workbooks; "": the one that has rows
	Columns    map[Role]string   // role → name of the column in the files
	Further    map[string]string // name of a custom dimension → name of the column in the files
	CSV        csvio.Options     // of text files; others ignore them
	Decimal    byte              // '.' or ','
	Thousands  byte              // between groups of digits, as text.Form has it; 0: none
	Signs      []string          // signs and codes of a currency that may stand at numbers
	NumbersSet bool              // somebody has said how numbers are written: points that may mean thousands are decimal signs
	NumericIDs bool              // ids of customers are whole numbers: 17850.0 is 17850
	TimeFormat string            // strftime; "": detected
	Missing    []string          // texts that stand for a missing value, besides the empty one
	Returns    *Rule             // rows that are returns, besides those with a negative quantity or amount
	SetAside   []Rule            // rows left out; the first rule that matches counts them

	Duplicates Duplicates // which of several equal lines are left out
	FillDown   []string   // columns, or roles, whose empty cells have the value of the line above, within an order
	PerOrder   []Role     // roles whose amounts are of a whole order, and count once
	Currency   string     // what all amounts are in, or are converted to, where the role Currency is mapped
	Lookups    []*Lookup  // tables that give lines more columns
	Rates      *Rates     // what other currencies are worth; nil: the run stops where there are any

	// Erased reports whether all rows of a customer are passed over, whatever the contents; nil: no
	// customer is erased. The argument is an id as in the files. Several goroutines call Erased at
	// once.
	Erased func(id []byte) bool
}

// Rule picks rows by one column: by the beginning of the text, the whole text,
// a missing value, or an inclusive range of numbers.
type Rule struct {
	Name    string
	Column  string // a role, a custom dimension, or the name of a column in the files
	Prefix  *string
	Equals  *string
	Missing bool
	Min     *int64 // in millionths
	Max     *int64 // in millionths
	ByOrder bool   // all rows of an order match where one does
}

// The built-in names under which rows are set aside.
const (
	NoCustomer = "no_customer"    // no customer: such a row belongs to nobody
	AfterAsOf  = "after_as_of"    // later than the scoring date
	Erased     = "erased"         // of a customer of whom nothing may be kept: see Source.Erased
	Duplicate  = "already_loaded" // reserved: files whose contents have been taken in before are passed over whole
	Repeated   = "duplicate_line" // equal to another line: see Source.Duplicates
)

// Config says what to load and how.
type Config struct {
	Sources          []Source
	Zone             *time.Location // of naive times, and of day boundaries
	AnonymousBaskets bool           // lines without a customer still feed baskets
	Workers          int
	RefusedMemory    int64 // bytes that refused rows may take; 0: 1 GiB
	LineMemory       int64 // bytes that may be remembered of lines and orders, where a source asks for that; 0: 1 GiB
	// Known reports whether a file with this checksum has been taken in before;
	// nil where no history is kept.
	Known      func(sha256 string) bool
	KnownSizes map[int64]bool // sizes of the files taken in before
	// Progress is told of rows and bytes as they are read; nil: nobody asks.
	Progress func(rows, bytes int64)
}

// Columns returns the optional columns that the sources map. There may be
// datasets.MaxFurther custom dimensions, over all sources.
func (c Config) Columns() datasets.Columns {
	var all datasets.Columns
	for _, s := range c.Sources {
		all = all.Union(s.columns())
	}
	return all
}

// PartlyMapped returns the columns that count in every line item, but are mapped by a part of
// the sources only: the columns of money, and the quantity.
func (c Config) PartlyMapped() []string {
	var amounts, quantities int
	for _, s := range c.Sources {
		columns := s.columns()
		if columns.Amount {
			amounts++
		}
		if columns.Quantity {
			quantities++
		}
	}
	var out []string
	if amounts > 0 && amounts < len(c.Sources) {
		out = append(out, "unit_price or amount")
	}
	if quantities > 0 && quantities < len(c.Sources) {
		out = append(out, string(Quantity))
	}
	return out
}

func (s *Source) columns() datasets.Columns {
	var c datasets.Columns
	has := func(r Role) bool { return s.Columns[r] != "" }
	c.Order, c.Cost, c.Discount = has(Order), has(Cost), has(Discount)
	c.Amount, c.Quantity = has(Amount) || has(UnitPrice), has(Quantity)
	for d := range c.Dims {
		c.Dims[d] = has(Role(datasets.Dimension(d).String()))
	}
	further := slices.Collect(maps.Keys(s.Further))
	for _, l := range s.Lookups {
		c.Cost = c.Cost || l.HasCost
		for _, name := range l.Names {
			if d := slices.IndexFunc(Roles(), func(r Role) bool { return string(r) == name }); d < 0 {
				further = append(further, name)
				continue
			}
			for d := range c.Dims {
				c.Dims[d] = c.Dims[d] || name == datasets.Dimension(d).String()
			}
		}
	}
	slices.Sort(further)
	return c.WithFurther(slices.Compact(further))
}
