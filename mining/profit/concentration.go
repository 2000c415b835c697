package profit

import (
	"cmp"
	"context"
	"math"
	"math/big"
	"slices"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
)

// concentrationColumns describes concentration.parquet: a row for each hundredth.
var concentrationColumns = []mining.Column{
	{Column: table.Column{Name: "customer_share", Type: table.Float64, Unit: "share", Description: "share of the customers, the first of each order counted"}},
	{Column: table.Column{Name: "customers", Type: table.Int64, Unit: "customers", Description: "as many customers, rounded up"}},
	{Column: table.Column{Name: "money_share", Type: table.Float64, Nullable: true, Unit: "share",
		Description: "share of all money that the customers with the most of it bring; null where all money is not positive"}},
	{Column: table.Column{Name: "profit_share", Type: table.Float64, Nullable: true, Unit: "share",
		Description: "share of all profit that the most profitable customers bring, the whale curve; null where all profit is not positive"}},
}

// hundredths is the number of steps of the curves.
const hundredths = 100

// concentration returns the curves.
func (a *account) concentration() mining.Table {
	return mining.Table{Name: concentrationFile, Columns: concentrationColumns, Write: func(_ context.Context, w mining.TableWriter) error {
		money := make([]int64, 0, len(a.order))
		profit := make([]int64, 0, len(a.order))
		for _, i := range a.order {
			money, profit = append(money, a.money[i]), append(profit, a.profit[i])
		}
		sortFalling(money)
		v := make([]table.Values, len(concentrationColumns))
		for k := range hundredths + 1 {
			v[0].Floats = append(v[0].Floats, float64(k)/hundredths)
			v[1].Ints = append(v[1].Ints, int64(head(len(a.order), k)))
		}
		v[2].Floats, v[3].Floats = curve(money), curve(profit)
		return w.Write(v, hundredths+1)
	}}
}

func sortFalling(values []int64) {
	slices.SortFunc(values, func(x, y int64) int { return cmp.Compare(y, x) })
}

// head returns the number of customers in the first so many hundredths, rounded up.
func head(n, k int) int { return (n*k + hundredths - 1) / hundredths }

// curve returns the share of the sum that the first 0, 1, … 100 hundredths of falling values
// hold; NaN where the sum is not positive.
func curve(values []int64) []float64 {
	total, sum, x := new(big.Int), new(big.Int), new(big.Int)
	for _, v := range values {
		total.Add(total, x.SetInt64(v))
	}
	all, _ := total.Float64()
	out := make([]float64, hundredths+1)
	at := 0
	for k := range out {
		for ; at < head(len(values), k); at++ {
			sum.Add(sum, x.SetInt64(values[at]))
		}
		part, _ := sum.Float64()
		out[k] = math.NaN()
		if total.Sign() > 0 {
			out[k] = part / all
		}
	}
	return out
}

// gini returns the Gini coefficient of values in falling order:
//
//	Σ(2i − n − 1)·x₍ᵢ₎ / (n·Σx), x rising, i = 1…n
//
// NaN for a single value, and where the sum is not positive. With negative values the
// index may exceed 1.
func gini(falling []float64) float64 {
	n := len(falling)
	sum, weighted := 0.0, 0.0
	for k, x := range falling {
		rank := float64(n - k) // 1 for the smallest
		sum += x
		weighted += float64((2*rank - float64(n) - 1) * x)
	}
	if n < 2 || !(sum > 0) {
		return math.NaN()
	}
	return weighted / (float64(n) * sum)
}
