package lifetime

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// MoneyAsk says which quantiles of money are wanted.
type MoneyAsk struct {
	Horizon float64   // after T, in the unit of the customers' times, ≥ 0
	Probs   []float64 // in (0, 1)
	Draws   int       // simulated futures of a customer, ≥ 2; 256 makes a quantile of 0.9 good to some 3 % of its spread
}

// MoneyQuantilesTo sets dst to quantiles of a customer's money within the
// horizon, of type 7 over simulated futures.
//
// A future has a number of purchases n, with a frequency as in the distribution
// of [Model.OrderQuantilesTo], up to one future (systematic sampling with one
// random start a customer). Its money is ν⁻¹·Gamma(p·n) with ν drawn from
// Gamma(p·x+q, rate γ+x·m): the sum of n purchases in one draw. So most
// customers, with probably no purchase, cost almost nothing. The parameters
// count as known.
//
// Shape: mean holds the mean money of a customer's repeat purchases, as s was
// fitted to; seeds one number a customer, such as a hash of the id; dst has
// len(ask.Probs) entries for each, customer after customer.
//
// Determinism: an entry depends on its customer and seed only.
//
// Errors: *models.ConfigError, *models.ShapeError, *models.ValueError;
// ctx.Err().
//
// Cost: some 30 ns for every future with a purchase.
func (m *Model) MoneyQuantilesTo(ctx context.Context, dst []float64, customers Customers, s *Spend, mean []float64,
	seeds []uint64, ask MoneyAsk, workers int) error {
	if err := m.checkQuantiles(dst, customers, ask.Horizon, ask.Probs); err != nil {
		return err
	}
	if ask.Draws < 2 {
		return &models.ConfigError{Field: "draws", Got: ask.Draws, Want: "an integer ≥ 2"}
	}
	if len(seeds) != len(customers.X) {
		return &models.ShapeError{What: "seeds", Got: len(seeds), Want: len(customers.X)}
	}
	if err := checkMeans(customers.X, mean, nil); err != nil {
		return err
	}
	q := newQuadrature()
	const perTask = 512
	n := len(customers.X)
	return models.Parallel(ctx, workers, (n+perTask-1)/perTask, func(task int) error {
		f := futures{spend: s, money: make([]float64, 0, ask.Draws)}
		f.random = rand.New(&f.source)
		for i := task * perTask; i < min((task+1)*perTask, n); i++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			x := customers.X[i]
			m.start(&f.walk, q, x, customers.Tx[i], customers.T[i], ask.Horizon)
			f.source.Seed(seeds[i], 0)
			f.draw(ask.Draws, x, mean[i])
			for k, p := range ask.Probs {
				dst[i*len(ask.Probs)+k] = f.quantile(ask.Draws, p)
			}
		}
		return nil
	})
}

// futures are simulated for one customer at a time.
type futures struct {
	walk   walk
	spend  *Spend
	source rand.PCG
	random *rand.Rand
	money  []float64 // of the futures with a purchase
}

// draw fills f.money.
func (f *futures) draw(draws int, x, mean float64) {
	f.money = f.money[:0]
	f.walk.again()
	begin := f.random.Float64()
	none := 1 - f.walk.alive
	for k := range draws {
		u := (float64(k) + begin) / float64(draws)
		if u < none {
			continue
		}
		n := f.walk.quantile(u)
		if n == 0 {
			continue
		}
		rate := gamma(f.random, float64(f.spend.p*x)+f.spend.q) / (f.spend.v + float64(x*mean))
		f.money = append(f.money, gamma(f.random, f.spend.p*n)/rate)
	}
	slices.Sort(f.money)
}

// quantile is the quantile of type 7 of the futures, those without a purchase
// counting as 0.
func (f *futures) quantile(draws int, p float64) float64 {
	at := float64(p * float64(draws-1))
	below := int(at)
	value := func(k int) float64 {
		if k -= draws - len(f.money); k >= 0 && k < len(f.money) {
			return f.money[k]
		}
		return 0
	}
	low := value(below)
	if high := value(min(below+1, draws-1)); high > low {
		low += float64((at - float64(below)) * (high - low))
	}
	return low
}

// gamma draws from the gamma distribution of scale 1.
//
// [1] G. Marsaglia, W. W. Tsang, "A Simple Method for Generating Gamma
// Variables", ACM Transactions on Mathematical Software 26(3), 2000.
func gamma(random *rand.Rand, shape float64) float64 {
	if shape < 1 {
		u := 1 - random.Float64() // in (0, 1]
		return gamma(random, shape+1) * math.Pow(u, 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		z := random.NormFloat64()
		v := 1 + float64(c*z)
		if v <= 0 {
			continue
		}
		v = v * v * v
		u := 1 - random.Float64()
		if z2 := z * z; u < 1-0.0331*float64(z2*z2) || math.Log(u) < 0.5*z2+float64(d*(1-v+math.Log(v))) {
			return d * v
		}
	}
}
