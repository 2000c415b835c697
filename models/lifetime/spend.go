package lifetime

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"gonum.org/v1/gonum/mathext"

	"github.com/quintile-dev/quintile/models"
)

// SpendConfig holds the settings of a fit of the gamma-gamma model. Start from
// [DefaultSpend]; every field counts as it stands.
type SpendConfig struct {
	MaxIter   int     // Newton steps from one start, ≥ 1
	Tolerance float64 // as in [Config], > 0
	// ProfileRows is as in [Config], ≥ 0.
	ProfileRows int
	Workers     int // ≥ 1; never changes a result
}

// DefaultSpend returns the settings of [Default].
func DefaultSpend() SpendConfig {
	return SpendConfig{MaxIter: 200, Tolerance: 1e-10, ProfileRows: 2000, Workers: runtime.GOMAXPROCS(0)}
}

// Validate returns every fault of c, joined, each a *models.ConfigError.
func (c SpendConfig) Validate() error {
	var faults []error
	if c.ProfileRows < 0 {
		faults = append(faults, &models.ConfigError{Field: "profile_rows", Got: c.ProfileRows, Want: "an integer ≥ 0"})
	}
	return errors.Join(append(faults, validateSearch(c.MaxIter, c.Tolerance, c.Workers))...)
}

// Spend is a fitted gamma-gamma model of the money of a purchase. A Spend is
// immutable, and safe to use from several goroutines.
//
// The money of a customer's purchases is drawn from Gamma(p, rate ν), with a
// rate of the customer's own from Gamma(q, rate γ), and has nothing to do with
// how often the customer buys.
type Spend struct {
	state      State
	parameters []Parameter
	p, q, v    float64 // v is γ
}

// State returns the state of the fit.
func (s *Spend) State() State { return s.state }

// Parameters returns p, q and gamma.
func (s *Spend) Parameters() []Parameter { return slices.Clone(s.parameters) }

// Fit learns a Spend from the customers with repeat purchases by maximum
// likelihood:
//
//	lnΓ(px+q) − lnΓ(px) − lnΓ(q) + q ln γ + (px−1) ln m + px ln x − (px+q) ln(xm+γ)
//
// Shape: x holds each customer's repeat purchases, mean the mean money m of
// these; weight has an entry for each customer, or is nil for "all 1". Rows
// with x or mean of 0 are passed over. Nothing is modified.
//
// Units: any unit of money, which is that of γ and of the answers.
//
// Missing, Determinism: as [Config.Fit].
//
// Errors: *models.ConfigError, *models.ShapeError, *models.ValueError for a
// mean that is negative or not finite; an error where no row is left.
//
// [1] P. Fader, B. Hardie, "The Gamma-Gamma Model of Monetary Value", 2013,
// brucehardie.com/notes/025.
func (c SpendConfig) Fit(ctx context.Context, x, mean, weight []float64) (*Spend, Report, error) {
	if err := errors.Join(c.Validate(), ctx.Err()); err != nil {
		return nil, Report{}, err
	}
	if err := checkWeights(weight, len(x)); err != nil {
		return nil, Report{}, err
	}
	if err := checkMeans(x, mean, weight); err != nil {
		return nil, Report{}, err
	}
	rows := 0
	keep := func(i int) bool { return (weight == nil || weight[i] > 0) && x[i] > 0 && mean[i] > 0 }
	for i := range x {
		if keep(i) {
			rows++
		}
	}
	if rows == 0 {
		return nil, Report{}, fmt.Errorf("lifetime: got no customer with a repeat purchase and money among %d rows, want at least one; "+
			"observe for longer or skip the model", len(x))
	}
	distinct, err := collapse(ctx, c.Workers, [][]float64{x, mean}, keep, weight)
	if err != nil {
		return nil, Report{}, err
	}
	report := Report{Rows: rows, Distinct: len(distinct.weight), Weight: sum(distinct.weight)}
	s, err := c.fit(ctx, newMoney(distinct, c.Workers), &report)
	return s, report, err
}

// checkMeans refuses purchases and means out of their range in rows of a weight
// > 0.
func checkMeans(x, mean, weight []float64) error {
	if len(mean) != len(x) {
		return &models.ShapeError{What: "mean", Got: len(mean), Want: len(x)}
	}
	for i, m := range mean {
		switch {
		case weight != nil && weight[i] == 0:
		case !isCount(x[i]):
			return &models.ValueError{Row: i + 1, Name: "x", Got: x[i], Want: "a whole number from 0 to 1,000,000"}
		case !(m >= 0 && m <= math.MaxFloat64):
			return &models.ValueError{Row: i + 1, Name: "mean", Got: m, Want: "a finite number ≥ 0"}
		}
	}
	return nil
}

func (c SpendConfig) fit(ctx context.Context, m *money, report *Report) (*Spend, error) {
	names := []string{"p", "q", "gamma"}
	start := func(p *money) *search {
		s := newSearch(p.objective, 3, c.MaxIter, c.Tolerance)
		s.low[2], s.high[2] = s.low[2]+math.Log(p.mean), s.high[2]+math.Log(p.mean)
		return s
	}
	var starts [][]float64
	for _, pq := range [][2]float64{{1, 3}, {6, 4}, {0.4, 1.5}} {
		starts = append(starts, []float64{math.Log(pq[0]), math.Log(pq[1]), math.Log(m.mean * max(0.5, pq[1]-1) / pq[0])})
	}
	if len(m.rows.weight) > explored {
		best, err := highest(ctx, start(newMoney(m.rows.thin(explored), c.Workers)), starts)
		if err != nil {
			return nil, err
		}
		if best.converged {
			starts = [][]float64{best.logs}
		}
	}
	s := start(m)
	best, err := highest(ctx, s, starts)
	if err != nil {
		return nil, err
	}
	known := []bool{true, true, true}
	for i, l := range best.logs {
		known[i] = l > s.low[i]+boundDistance && l < s.high[i]-boundDistance
	}
	if slices.Contains(known, false) || !informed(&best) {
		known = make([]bool, 3)
	}
	report.State, report.Converged, report.Iterations, report.LogLikelihood = OK, best.converged, best.iterations, best.at.value
	warn := func(code, message string) {
		report.Warnings = append(report.Warnings, models.Warning{Code: code, Message: message, Count: 1})
	}
	if !best.converged {
		report.State = NotConverged
		warn("not_converged", fmt.Sprintf("the likelihood still rose after %d steps", best.iterations))
	}
	if !known[0] {
		warn("homogeneous", "the money of purchases, or of customers, does not vary enough to tell p, q and gamma apart; no standard errors")
	}
	report.Parameters = describe(names, &best, known)
	if known[0] && best.converged && len(m.rows.weight) <= c.ProfileRows {
		if err := s.profiles(ctx, &best, report.Parameters); err != nil {
			return nil, err
		}
	}
	v := best.values()
	if v[1] <= 1 {
		warn("infinite_mean", fmt.Sprintf("q is %.4g, and the mean money of a new customer has no value unless q > 1", v[1]))
	}
	return &Spend{state: report.State, parameters: report.Parameters, p: v[0], q: v[1], v: v[2]}, nil
}

// informed reports whether the information of a summit is not singular.
func informed(s *summit) bool {
	values, _ := decompose(&s.at, []int{0, 1, 2})
	return -values[2] > leastKnown
}

// money is the likelihood of distinct rows of purchases and their mean money.
type money struct {
	rows    *collapsed
	workers int
	blocks  []derivatives
	weightX []float64 // of the rows of each x
	fixed   float64   // Σ w ln m
	logs    float64   // Σ w x ln(xm)
	mean    float64   // of the means
}

func newMoney(rows *collapsed, workers int) *money {
	m := &money{rows: rows, workers: workers, weightX: make([]float64, len(rows.columns[0])),
		blocks: make([]derivatives, (len(rows.weight)+perBlock-1)/perBlock)}
	total := 0.0
	for i, w := range rows.weight {
		x, mean := rows.at(0, i), rows.at(1, i)
		m.weightX[rows.index[0][i]] += w
		m.fixed += float64(w * math.Log(mean))
		m.logs += float64(float64(w*x) * math.Log(x*mean))
		m.mean += float64(w * mean)
		total += w
	}
	m.mean /= total
	return m
}

// objective is the log-likelihood in p, q, γ.
func (m *money) objective(ctx context.Context, v []float64, d *derivatives) error {
	p, q, g := v[0], v[1], v[2]
	lq, _ := math.Lgamma(q)
	for k, x := range m.rows.columns[0] {
		w := m.weightX[k]
		if w == 0 {
			continue
		}
		px := p * x
		whole, _ := math.Lgamma(px + q)
		part, _ := math.Lgamma(px)
		d.value += float64(w * (whole - part - lq + float64(q*math.Log(g))))
		d.slope[0] += float64(float64(w*x) * (mathext.Digamma(px+q) - mathext.Digamma(px)))
		d.slope[1] += float64(w * (mathext.Digamma(px+q) - mathext.Digamma(q) + math.Log(g)))
		d.slope[2] += w * q / g
		t := trigamma(px + q)
		d.curve[0][0] += float64(float64(w*x*x) * (t - trigamma(px)))
		d.curve[1][0] += float64(w * x * t)
		d.curve[1][1] += float64(w * (t - trigamma(q)))
		d.curve[2][1] += w / g
		d.curve[2][2] -= w * q / float64(g*g)
	}
	d.value += float64(p*m.logs) - m.fixed
	d.slope[0] += m.logs
	err := models.Parallel(ctx, m.workers, len(m.blocks), func(b int) error {
		m.blocks[b] = derivatives{}
		m.add(&m.blocks[b], p, q, g, b*perBlock, min((b+1)*perBlock, len(m.rows.weight)))
		return nil
	})
	if err != nil {
		return err
	}
	for b := range m.blocks {
		d.add(&m.blocks[b])
	}
	return nil
}

// add adds −(px+q) ln(xm+γ) of the rows from from to to (excluded).
func (m *money) add(d *derivatives, p, q, g float64, from, to int) {
	for i := from; i < to; i++ {
		w, x := m.rows.weight[i], m.rows.at(0, i)
		total := float64(x*m.rows.at(1, i)) + g
		l, inverse, power := math.Log(total), 1/total, float64(p*x)+q
		wi, wl := float64(w*inverse), float64(w*l)
		d.value -= float64(wl * power)
		d.slope[0] -= float64(wl * x)
		d.slope[1] -= wl
		d.slope[2] -= float64(wi * power)
		d.curve[2][0] -= float64(wi * x)
		d.curve[2][1] -= wi
		d.curve[2][2] += float64(float64(wi*inverse) * power)
	}
}

// trigamma is the second derivative of lnΓ.
func trigamma(x float64) float64 { return mathext.Zeta(2, x) }

// MeanTo sets dst to the mean money of a customer's purchases to come:
//
//	E[M] = p·(γ + x·m)/(p·x + q − 1)
//
// It lies between the mean of all customers and the customer's own, nearer to
// the latter the more purchases there are.
//
// Shape: as in [SpendConfig.Fit]; dst has one entry for each row, and the mean
// of a row without repeat purchases does not matter unless it is not finite.
//
// Missing: NaN where p·x + q ≤ 1, the distribution being without a mean.
//
// Errors: *models.ShapeError, *models.ValueError.
func (s *Spend) MeanTo(dst, x, mean []float64) error {
	if len(dst) != len(x) {
		return &models.ShapeError{What: "dst", Got: len(dst), Want: len(x)}
	}
	if err := checkMeans(x, mean, nil); err != nil {
		return err
	}
	for i := range dst {
		dst[i] = math.NaN()
		if below := float64(s.p*x[i]) + s.q - 1; below > 0 {
			dst[i] = s.p * (s.v + float64(x[i]*mean[i])) / below
		}
	}
	return nil
}

// MarshalJSON writes the model in a form to read and to load again: numbers
// come back to the same bits.
func (s *Spend) MarshalJSON() ([]byte, error) {
	return writeModel("gamma_gamma", s.state, s.parameters)
}

// UnmarshalJSON reads the output of MarshalJSON and refuses any other text.
func (s *Spend) UnmarshalJSON(b []byte) error {
	in, err := readModel(b)
	if err != nil {
		return err
	}
	if in.Model != "gamma_gamma" {
		return fmt.Errorf("lifetime: reading a model: got model %q, want %q", in.Model, "gamma_gamma")
	}
	read := Spend{state: in.State}
	if read.parameters, err = in.read([]string{"p", "q", "gamma"}); err != nil {
		return err
	}
	for i, v := range []*float64{&read.p, &read.q, &read.v} {
		if *v = read.parameters[i].Value; math.IsNaN(*v) {
			return fmt.Errorf("lifetime: reading a model: parameter %q: got no value, want a number > 0", read.parameters[i].Name)
		}
	}
	*s = read
	return nil
}
