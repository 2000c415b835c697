package value

import (
	"math"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models/lifetime"
)

// week is the unit of time of the lifetime models, in days.
const week = 7

// basis names the features that the lifetime models read. Features of money are absent where
// the line items have no money.
func basis(money, net bool) []string {
	names := []string{"btyd_x", "btyd_t_x", "btyd_t"}
	if money {
		names = append(names, "btyd_money")
	}
	if money && net {
		names = append(names, "monetary", "net_money")
	}
	return names
}

// customers are what the lifetime models know.
type customers struct {
	lifetime.Customers           // in weeks
	mean               []float64 // money of a repeat purchase day, ≥ 0; 0 where there is none; nil without money
}

// customersOf makes customers from the columns of basis.
func customersOf(column func(name string) []float64, money, net bool) customers {
	x, tx, t := column("btyd_x"), column("btyd_t_x"), column("btyd_t")
	c := customers{Customers: lifetime.Customers{X: make([]float64, len(x)), Tx: make([]float64, len(x)), T: make([]float64, len(x))}}
	for i := range x {
		if x[i] > 0 {
			c.X[i], c.Tx[i] = x[i], tx[i]/week
		}
		if t[i] > 0 {
			c.T[i] = t[i] / week
		}
	}
	if !money {
		return c
	}
	c.mean = make([]float64, len(x))
	mean := column("btyd_money")
	for i, m := range mean {
		if !(c.X[i] > 0) || math.IsNaN(m) {
			continue
		}
		if net {
			m += (column("net_money")[i] - column("monetary")[i]) / x[i]
		}
		c.mean[i] = max(0, m)
	}
	return c
}

// float64s returns a lookup of float32 columns by name.
func float64s(names []string, cols [][]float32) func(name string) []float64 {
	made := map[string][]float64{}
	return func(name string) []float64 {
		if made[name] == nil {
			for j, n := range names {
				if n != name {
					continue
				}
				made[name] = make([]float64, len(cols[j]))
				for i, v := range cols[j] {
					made[name][i] = float64(v)
				}
			}
		}
		return made[name]
	}
}

// has reports whether the run computes a feature.
func has(r *mining.Run, name string) bool {
	for _, f := range r.Computed {
		if f.Name == name {
			return true
		}
	}
	return false
}
