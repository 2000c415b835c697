package synth

import (
	"context"
	"strconv"

	"github.com/quintile-dev/quintile/datasets"
)

// Row is one line item.
type Row struct {
	Order    int64 // rises with time
	Return   bool  // a returned line, an order of its own
	Customer int64 // 0 for none
	Time     datasets.Moment
	Product  string
	Category string
	Channel  string
	Region   string
	Quantity int // ≥ 1; ≤ −1 for a return
	// UnitPrice is what a piece cost, after the discount; positive, in whole
	// cents, as all amounts are.
	UnitPrice datasets.Money
	Discount  datasets.Money // taken off the whole line, ≥ 0; 0 for a return
	Cost      datasets.Money // of the whole line; negative for a return
}

// OrderID returns the id as written: "500001", and "C500002" for a return.
func (r *Row) OrderID() string { return string(appendOrder(nil, r.Order, r.Return)) }

// CustomerID returns the id as written: "100234", or "" for none.
func (r *Row) CustomerID() string {
	if r.Customer == 0 {
		return ""
	}
	return strconv.FormatInt(r.Customer, 10)
}

func appendOrder(dst []byte, order int64, returned bool) []byte {
	if returned {
		dst = append(dst, 'C')
	}
	return strconv.AppendInt(dst, order, 10)
}

// cent is a cent in Money.
const cent = datasets.Unit / 100

// Each calls visit with every row, in the order of writing: by time, the lines
// of an order in turn. The texts of a row may be kept.
//
// Errors: the first of visit, or ctx.Err() where cancelled.
func (r *Retailer) Each(ctx context.Context, visit func(Row) error) error {
	products, categories := texts(r.catalogue.codes), texts(r.catalogue.categories)
	return r.each(ctx, func(lines []line) error {
		for i := range lines {
			l := &lines[i]
			row := Row{
				Order: l.order, Return: l.returned, Customer: l.customer, Time: l.time,
				Product: products[l.product], Category: categories[r.catalogue.category[l.product]],
				Channel: channelNames[l.channel], Region: regions[l.region].name,
				Quantity: int(l.quantity), UnitPrice: datasets.Money(l.price) * cent,
				Discount: datasets.Money(l.discount) * cent, Cost: datasets.Money(l.cost) * cent,
			}
			if err := visit(row); err != nil {
				return err
			}
		}
		return nil
	})
}

func texts(list [][]byte) []string {
	out := make([]string, len(list))
	for i, text := range list {
		out[i] = string(text)
	}
	return out
}
