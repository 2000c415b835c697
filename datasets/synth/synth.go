// Package synth makes a retailer with a known truth: customers of several latent
// segments who come, buy and leave, products that are bought together, seasons,
// returns, lines without a customer, campaigns that bring a known number of orders,
// attributes of customers and of prospects, launches and withdrawals.
//
// Everything follows from the [Config] and its seed. The lines come in the order
// of time over the whole retailer, as in a real export, one at a time: memory
// grows with the customers, not with the lines.
//
//	r, err := synth.New(synth.Default())
//	err = r.WriteCSV(ctx, file)
//	truth, ok := r.Truth(id)
//
// docs/methods/synth.md describes the model.
package synth

import (
	"errors"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
)

// Columns says which columns are written.
type Columns uint8

// The sets of columns.
const (
	// Minimal is order_id, customer_id, time, product, quantity, unit_price.
	Minimal Columns = iota
	// Full adds category, channel, region, discount, cost.
	Full
)

func (c Columns) String() string {
	switch c {
	case Minimal:
		return "minimal"
	case Full:
		return "full"
	}
	return fmt.Sprintf("columns(%d)", uint8(c))
}

// ParseColumns reads the name of a set of columns: minimal or full.
func ParseColumns(name string) (Columns, error) {
	for _, c := range []Columns{Minimal, Full} {
		if name == c.String() {
			return c, nil
		}
	}
	return 0, fmt.Errorf("columns: got %q, want minimal or full", name)
}

// Config describes the retailer to make. No value of a field means "default",
// so start from [Default].
type Config struct {
	// Customers is the number of customers, ≥ 1. Each customer has at least one
	// line.
	Customers int
	// Lines is the exact number of line items, with returns and lines without a
	// customer, but without the lines brought by campaigns.
	Lines int
	// LinesPerOrder is about the mean number of lines of an order, in [1,100].
	LinesPerOrder float64
	// Seed of everything random.
	Seed uint64
	// Start is the first day, in the years 1 to 9900.
	Start datasets.Day
	// Days is the length of the history, in [1,36525].
	Days int
	// AnonymousShare is the share of the lines without a customer, in [0,0.9]:
	// to the line.
	AnonymousShare float64
	// ReturnShare is about the share of the lines that are returns, in [0,0.2].
	// Small retailers, with few lines to return per customer, may miss this
	// share.
	ReturnShare float64
	// Products is the size of the catalogue, in [50,1000000].
	Products int
	// Categories is the number of categories, in [1,Products].
	Categories int
	// LaunchShare and WithdrawalShare are the shares of the products that are launched, or
	// are withdrawn, after the first quarter of the history; each in [0,0.4].
	LaunchShare, WithdrawalShare float64
	// HabitShare is the chance that a customer buys a personal favourite, out of eight,
	// in place of another product, in [0,0.9].
	HabitShare float64
	// Prospects is the number of people who have not bought, ≥ 0.
	Prospects int
	// Campaigns are mailings, whose orders come on top of Lines.
	Campaigns []Campaign
	// Columns are those written.
	Columns Columns
}

// Default returns a retailer of 5,000 customers and 150,000 lines over two years
// from 2023-07-01, three lines an order, 1,200 products in 12 categories, 4 % of
// the lines without a customer, 2 % returns, and all columns; without prospects, campaigns,
// habits, launches and withdrawals. [Demo] has them.
func Default() Config {
	return Config{
		Customers:      5_000,
		Lines:          150_000,
		LinesPerOrder:  3,
		Seed:           1,
		Start:          datasets.DayOf(2023, 7, 1),
		Days:           730,
		AnonymousShare: 0.04,
		ReturnShare:    0.02,
		Products:       1_200,
		Categories:     12,
		Columns:        Full,
	}
}

// The bounds of a config.
const (
	maxCustomers = 1 << 31
	maxLines     = 1 << 40
	maxDays      = 36525
	minProducts  = 50
	maxProducts  = 1_000_000
	mostOfOffers = 0.4
)

// Validate returns every fault of c, joined, or nil.
func (c Config) Validate() error {
	var faults []error
	check := func(ok bool, field string, got any, want string) {
		if !ok {
			faults = append(faults, fmt.Errorf("synth: %s: got %v, want %s", field, got, want))
		}
	}
	check(c.Customers >= 1 && int64(c.Customers) <= maxCustomers, "customers", c.Customers, "an integer from 1 to 2147483648")
	check(c.LinesPerOrder >= 1 && c.LinesPerOrder <= 100, "lines per order", c.LinesPerOrder, "a number in [1,100]")
	first, last := datasets.DayOf(1, 1, 1), datasets.DayOf(9900, 1, 1)
	check(c.Start >= first && c.Start <= last, "start", int32(c.Start), "a day in the years 1 to 9900")
	check(c.Days >= 1 && c.Days <= maxDays, "days", c.Days, "an integer from 1 to 36525")
	check(c.AnonymousShare >= 0 && c.AnonymousShare <= 0.9, "anonymous share", c.AnonymousShare, "a share in [0,0.9]")
	check(c.ReturnShare >= 0 && c.ReturnShare <= 0.2, "return share", c.ReturnShare, "a share in [0,0.2]")
	check(c.Products >= minProducts && c.Products <= maxProducts, "products", c.Products, "an integer from 50 to 1000000")
	check(c.Categories >= 1 && c.Categories <= c.Products, "categories", c.Categories, "an integer from 1 to the number of products")
	check(c.LaunchShare >= 0 && c.LaunchShare <= mostOfOffers, "launch share", c.LaunchShare, "a share in [0,0.4]")
	check(c.WithdrawalShare >= 0 && c.WithdrawalShare <= mostOfOffers, "withdrawal share", c.WithdrawalShare, "a share in [0,0.4]")
	check(c.HabitShare >= 0 && c.HabitShare <= 0.9, "habit share", c.HabitShare, "a share in [0,0.9]")
	check(c.Prospects >= 0 && int64(c.Prospects) <= maxCustomers, "prospects", c.Prospects, "an integer from 0 to 2147483648")
	for i := range c.Campaigns {
		c.Campaigns[i].validate(&c, check, i)
	}
	check(c.Columns <= Full, "columns", c.Columns, "Minimal or Full")
	if len(faults) == 0 {
		check(int64(c.Lines) <= maxLines && c.Lines-c.anonymousLines() >= c.Customers, "lines", c.Lines,
			"one at least for each customer, besides those without a customer, and at most 2^40")
	}
	return errors.Join(faults...)
}

// anonymousLines returns the number of lines without a customer.
func (c *Config) anonymousLines() int { return int(float64(c.Lines)*c.AnonymousShare + 0.5) }
