// Package lifetime holds the models of customers who buy until they silently
// stop: BG/NBD, MBG/NBD and Pareto/NBD for the number of purchases, and the
// gamma-gamma model for their size.
//
// A customer is three numbers in one unit of time: x, the purchases after the
// first; tₓ, the time from the first purchase to the last; T, the time from the
// first purchase to the end of observation. Purchases of the same period, as a
// rule a day, count once. A [Config] learns the rates of purchase and drop-out
// from all customers, and the [Model] then says for each: is the customer still
// a customer, how many purchases are to be expected, within which bounds.
// A [SpendConfig] learns a [Spend], the money of a purchase.
//
// None of the models knows a season or a trend.
package lifetime
