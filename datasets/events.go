package datasets

// NoCode marks a missing value in a column of codes.
const NoCode = ^uint32(0)

// Events is a range of line items of one customer (or of several customers in
// turn), column by column. A customer's events are sorted by time, order,
// product and then the remaining columns, so that the order of rows in a file
// never matters.
//
// Columns that the job does not map are nil, except Time, Order, Quantity,
// Amount and Return, which always exist. Codes index the dictionaries of the
// history, which are sorted by text: a smaller code is a smaller text.
type Events struct {
	Time     []Moment
	Order    []uint32   // equal within a customer if and only if the lines belong to one order; rises with first occurrence
	Product  []uint32   // or NoCode
	Quantity []Quantity // negative for returns; One where the job maps none
	Amount   []Money    // what the line cost the customer (quantity × unit price, or the mapped amount); negative for returns
	Return   []bool     // a returned line: outside baskets, orders and frequency

	Category    []uint32 // or NoCode
	Channel     []uint32
	Store       []uint32
	Region      []uint32
	Salesperson []uint32
	Campaign    []uint32
	Description []uint32
	Cost        []Money // of the whole line, with the sign of Amount; NoMoney where missing
	Discount    []Money // already deducted from Amount on the whole line, ≥ 0; NoMoney where missing
	Further     Further
}

// Further holds the columns of the custom dimensions, numbered as in
// Columns.Further. The columns are whole, and cut only when read: a range of
// events is cut for every customer, mostly without custom dimensions, and
// Events are copied as often, so the struct should be small.
type Further struct {
	Columns *[MaxFurther][]uint32 // codes, or NoCode; nil where there are none
	First   int                   // entry of the first event
}

// FurtherCodes returns the codes of custom dimension k, or nil where the history
// has none.
func (e *Events) FurtherCodes(k int) []uint32 {
	if e.Further.Columns == nil || e.Further.Columns[k] == nil {
		return nil
	}
	return e.Further.Columns[k][e.Further.First:][:len(e.Time)]
}

// NoMoney marks a missing value in an optional column of money.
const NoMoney = Money(-1 << 63)

// Len returns the number of events.
func (e *Events) Len() int { return len(e.Time) }

// Slice returns events from to to (excluded) as a view that shares the columns.
func (e *Events) Slice(from, to int) Events {
	s := Events{
		Time:     e.Time[from:to],
		Order:    e.Order[from:to],
		Quantity: e.Quantity[from:to],
		Amount:   e.Amount[from:to],
		Return:   e.Return[from:to],
		Further:  Further{Columns: e.Further.Columns, First: e.Further.First + from},
	}
	cut := func(dst *[]uint32, src []uint32) {
		if src != nil {
			*dst = src[from:to]
		}
	}
	cut(&s.Product, e.Product)
	cut(&s.Category, e.Category)
	cut(&s.Channel, e.Channel)
	cut(&s.Store, e.Store)
	cut(&s.Region, e.Region)
	cut(&s.Salesperson, e.Salesperson)
	cut(&s.Campaign, e.Campaign)
	cut(&s.Description, e.Description)
	if e.Cost != nil {
		s.Cost = e.Cost[from:to]
	}
	if e.Discount != nil {
		s.Discount = e.Discount[from:to]
	}
	return s
}
