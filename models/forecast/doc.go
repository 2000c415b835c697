// Package forecast continues a series of numbers: sales by week, customers by
// month.
//
// [Config.Fit] tries several methods on the past of one series, publishes the
// method with the best result, and widens the intervals to the errors of the
// method on the past. [Config.FitAll] does the same for many series on several
// processors. [Accuracy] measures forecasts, [Reconcile] scales the forecasts
// of parts to the forecast of their total.
//
// The package knows numbers only: a series is a []float64, oldest value first,
// without gaps, with a season length m (12 for months, 7 for days, 1 for no
// season). A period without sales is 0.
package forecast
