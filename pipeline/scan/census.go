package scan

import (
	"math/bits"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
)

// census holds the counts of the history up to the scoring date. All sums are
// whole numbers, so that the counts of workers can be added up in any order.
type census struct {
	Customers, Orders, ReturnOrders int64
	baskets                         int64 // orders without a customer
	AfterAsOf                       int64
	Gross, Returns                  datasets.Sum
	products                        []uint64 // a bit for each that occurs
	ReturnsOnly                     int64    // customers without a purchase
}

func newCensus(products int) *census {
	return &census{products: make([]uint64, (products+63)/64)}
}

// customer counts one customer, as far as the scoring date, and reports whether
// the customer has anything to count.
func (c *census) customer(ev *datasets.Events, asOf datasets.Day) bool {
	past := features.Cut(*ev, asOf)
	known := past.Events()
	c.AfterAsOf += int64(ev.Len() - known.Len())
	if known.Len() == 0 {
		return false
	}
	c.Customers++
	purchases, returns := c.lines(known)
	c.Orders += int64(purchases)
	c.ReturnOrders += int64(returns)
	if purchases == 0 {
		c.ReturnsOnly++
	}
	return true
}

// lines adds up a customer's lines and counts the orders with a purchase and
// the orders with a return.
func (c *census) lines(e *datasets.Events) (purchases, returns int) {
	var bought, returned datasets.OrderSet
	for i, order := range e.Order {
		if e.Product != nil && e.Product[i] != datasets.NoCode {
			c.products[e.Product[i]>>6] |= 1 << (e.Product[i] & 63)
		}
		if e.Return[i] {
			c.Returns.Add(e.Amount[i])
			returned.Add(order)
		} else {
			c.Gross.Add(e.Amount[i])
			bought.Add(order)
		}
	}
	return bought.Len(), returned.Len()
}

// add adds the counts of another worker.
func (c *census) add(o *census) {
	c.Customers += o.Customers
	c.Orders += o.Orders
	c.ReturnOrders += o.ReturnOrders
	c.baskets += o.baskets
	c.AfterAsOf += o.AfterAsOf
	c.Gross.Merge(&o.Gross)
	c.Returns.Merge(&o.Returns)
	c.ReturnsOnly += o.ReturnsOnly
	for i, word := range o.products {
		c.products[i] |= word
	}
}

// Net returns the money after returns.
func (c *census) Net() string {
	var net datasets.Sum
	net.Merge(&c.Gross)
	net.Merge(&c.Returns)
	return net.String()
}

func (c *census) ProductCount() int64 {
	n := 0
	for _, word := range c.products {
		n += bits.OnesCount64(word)
	}
	return int64(n)
}
