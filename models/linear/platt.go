package linear

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// Platt turns a score into a probability by a logistic curve. A Platt is
// immutable and safe for concurrent use.
type Platt struct {
	slope, intercept float64
}

// PlattConfig holds the settings of Platt scaling. Start from [DefaultPlatt].
type PlattConfig struct {
	MaxIter   int     // Newton steps, ≥ 1
	Tolerance float64 // least move that counts, of slope and intercept for scores of sd 1, > 0
	Workers   int     // ≥ 1; never changes a result
	// Rising keeps the slope ≥ 0: where a falling curve is the likeliest, the
	// likeliest flat one is fitted, because the likelihood is concave.
	Rising bool
}

// DefaultPlatt returns at most 100 steps, tolerance 1e-10, all processors, a
// curve that may fall.
func DefaultPlatt() PlattConfig {
	d := DefaultLogistic()
	return PlattConfig{MaxIter: 100, Tolerance: 1e-10, Workers: d.Workers}
}

// Validate returns every fault of c, joined, each a *models.ConfigError.
func (c PlattConfig) Validate() error { return c.regression().Validate() }

// regression returns the one-column logistic regression behind Platt scaling.
func (c PlattConfig) regression() Config {
	return Config{Loss: Logistic, MaxIter: c.MaxIter, Tolerance: c.Tolerance, Workers: c.Workers}
}

// Fit finds the curve by maximum likelihood, with targets drawn in from 0 and 1
// as Platt proposed [1] so that a perfect score does not make a step:
//
//	P(1|s) = 1/(1 + e^−(a·s + b)),  targets (N₊+1)/(N₊+2) and 1/(N₋+2)
//
// Platt scaling suits few rows, and scores with an S-shaped distortion; with many
// rows [IsotonicConfig] assumes less. Fit the curve on other rows than the scorer.
//
// Shape: one score, label (0 or 1) and weight per row; weight may be nil. No input
// is modified. N₊ and N₋ are sums of weights.
//
// Missing: a NaN or ±Inf is an error. Where all scores are equal the slope is 0.
//
// Determinism: as [Config.Fit].
//
// Errors: *models.ConfigError, *models.ShapeError, *models.ValueError; an error
// without rows; ctx.Err() if cancelled.
//
// Cost: O(n) time per step, some 6 steps; 8 bytes per row.
//
// [1] J. Platt, "Probabilistic Outputs for Support Vector Machines", Advances
// in Large Margin Classifiers, 1999, pp. 61–74.
func (c PlattConfig) Fit(ctx context.Context, score, label, weight []float64) (*Platt, Report, error) {
	if err := c.Validate(); err != nil {
		return nil, Report{}, err
	}
	if err := checkScored(score, label, weight, isZeroOne, "0 or 1"); err != nil {
		return nil, Report{}, err
	}
	p := newPlattProblem(score, label, weight, c)
	if p.rows == 0 {
		return nil, Report{}, errors.New("linear: Platt scaling: got no rows with a weight > 0, want at least one")
	}
	report := Report{Rows: p.rows, Weight: p.weight, LogLikelihood: math.NaN(), NullLikelihood: math.NaN()}
	a, b, err := p.minimize(ctx, &report)
	if err != nil {
		return nil, Report{}, err
	}
	if c.Rising && !(a > 0) {
		a, b, report.Converged = 0, p.flatIntercept(), true
	}
	if !report.Converged {
		report.Warnings = append(report.Warnings, models.Warning{
			Code:    "not_converged",
			Message: fmt.Sprintf("Platt scaling still moved after %d steps; raise max_iter", report.Iterations),
			Count:   1,
		})
	}
	return &Platt{slope: a / p.sd, intercept: b - float64(a*p.mean)/p.sd}, report, nil
}

// checkScored refuses scores to calibrate on.
func checkScored(score, label, weight []float64, ok func(float64) bool, want string) error {
	if err := checkVector(score, "score", len(score), isFinite, "a finite number"); err != nil {
		return err
	}
	if err := checkVector(label, "target", len(score), ok, want); err != nil {
		return err
	}
	return checkWeights(weight, len(score))
}

// plattProblem is the likelihood in standardised scores.
type plattProblem struct {
	PlattConfig
	score, label, w []float64
	rows            int
	weight          float64
	mean, sd        float64
	low, high       float64 // the targets for 0 and for 1
}

func newPlattProblem(score, label, w []float64, c PlattConfig) *plattProblem {
	p := &plattProblem{PlattConfig: c, score: score, label: label, w: w}
	positives, sum := 0.0, 0.0
	for i, s := range score {
		if v := weightAt(w, i); v > 0 {
			p.rows++
			p.weight += v
			positives += float64(v * label[i])
			sum += float64(v * s)
		}
	}
	p.mean = sum / p.weight
	squares := 0.0
	for i, s := range score {
		if v := weightAt(w, i); v > 0 {
			squares += float64(v * float64((s-p.mean)*(s-p.mean)))
		}
	}
	p.sd = math.Sqrt(squares / p.weight)
	if !(p.sd > 1e-12*math.Abs(p.mean)) {
		p.sd = 0
	}
	p.high = (positives + 1) / (positives + 2)
	p.low = 1 / (p.weight - positives + 2)
	return p
}

// minimize returns slope and intercept for standardised scores.
func (p *plattProblem) minimize(ctx context.Context, r *Report) (a, b float64, err error) {
	flat := p.sd == 0
	if flat {
		p.sd = 1 // (s − mean) is rounding; the slope stays 0
	}
	b = p.flatIntercept()
	now, err := p.evaluate(ctx, a, b)
	if err != nil {
		return 0, 0, err
	}
	for r.Iterations < p.MaxIter && !r.Converged {
		r.Iterations++
		da, db := now.step(flat)
		next, err := p.evaluate(ctx, a+da, b+db)
		for h := 0; err == nil && h < halvings && !(next[0] <= now[0]+1e-13*(1+now[0])); h++ {
			da, db = da/2, db/2
			next, err = p.evaluate(ctx, a+da, b+db)
		}
		if err != nil {
			return 0, 0, err
		}
		a, b, now = a+da, b+db, next
		size := max(1, math.Abs(a), math.Abs(b))
		r.Converged = max(math.Abs(da), math.Abs(db)) <= p.Tolerance*size
	}
	return a, b, nil
}

// flatIntercept returns the likeliest intercept of a curve of slope 0.
func (p *plattProblem) flatIntercept() float64 {
	targets := p.sum(p.high, p.low)
	return math.Log(targets / (p.weight - targets))
}

// sum returns the sum of the targets.
func (p *plattProblem) sum(high, low float64) float64 {
	t := 0.0
	for i, y := range p.label {
		if v := weightAt(p.w, i); v > 0 {
			t += float64(v * target(y, high, low))
		}
	}
	return t
}

func target(label, high, low float64) float64 {
	if label == 1 {
		return high
	}
	return low
}

// plattState is the loss, its two slopes and its three curvatures.
type plattState [6]float64

// evaluate sums over the rows at slope a and intercept b.
func (p *plattProblem) evaluate(ctx context.Context, a, b float64) (plattState, error) {
	parts := make([]plattState, spans(len(p.score)))
	err := models.Parallel(ctx, p.Workers, len(parts), func(s int) error {
		t := &parts[s]
		for i := s * span; i < min(len(p.score), (s+1)*span); i++ {
			w := weightAt(p.w, i)
			if w == 0 {
				continue
			}
			z := (p.score[i] - p.mean) / p.sd
			eta := float64(a*z) + b
			e := math.Exp(-math.Abs(eta))
			prob := 1 / (1 + e)
			if eta < 0 {
				prob = e / (1 + e)
			}
			y := target(p.label[i], p.high, p.low)
			d, h := float64(w*(prob-y)), float64(w*float64(prob*(1-prob)))
			t[0] += float64(w * (max(eta, 0) + math.Log1p(e) - float64(y*eta)))
			t[1] += float64(d * z)
			t[2] += d
			t[3] += float64(float64(h*z) * z)
			t[4] += float64(h * z)
			t[5] += h
		}
		return nil
	})
	var total plattState
	for _, part := range parts {
		for k, v := range part {
			total[k] += v
		}
	}
	return total, err
}

// step returns the Newton step; flat scores have no slope.
func (s plattState) step(flat bool) (da, db float64) {
	if flat {
		return 0, -s[2] / s[5]
	}
	det := float64(s[3]*s[5]) - float64(s[4]*s[4])
	return (float64(s[4]*s[2]) - float64(s[5]*s[1])) / det, (float64(s[4]*s[1]) - float64(s[3]*s[2])) / det
}

// Curve returns a and b of P(1|s) = 1/(1 + e^−(a·s + b)).
func (m *Platt) Curve() (slope, intercept float64) { return m.slope, m.intercept }

// PredictTo sets dst[i] to the probability of 1 at score[i], in [0,1]. dst may
// be score itself.
//
// Errors: *models.ShapeError; *models.ValueError for a NaN or ±Inf.
//
// Cost: O(n) time, no allocation.
func (m *Platt) PredictTo(dst, score []float64) error {
	if err := checkVector(score, "score", len(dst), isFinite, "a finite number"); err != nil {
		return err
	}
	for i, s := range score {
		dst[i] = 1 / (1 + math.Exp(-(float64(m.slope*s) + m.intercept)))
	}
	return nil
}

type plattJSON struct {
	Model     string   `json:"model"`
	Version   int      `json:"version"`
	Slope     *float64 `json:"slope"`
	Intercept *float64 `json:"intercept"`
}

// MarshalJSON writes the curve; a loaded curve has the same bits.
func (m *Platt) MarshalJSON() ([]byte, error) {
	return json.Marshal(plattJSON{"platt", jsonVersion, &m.slope, &m.intercept})
}

// UnmarshalJSON reads the output of MarshalJSON and refuses any other text.
func (m *Platt) UnmarshalJSON(b []byte) error {
	var in plattJSON
	if err := decode(b, &in); err != nil {
		return fmt.Errorf("linear: reading a Platt scaling: %w", err)
	}
	if in.Model != "platt" || in.Version != jsonVersion || in.Slope == nil || in.Intercept == nil {
		return fmt.Errorf("linear: reading a Platt scaling: got model %q, version %d, want \"platt\", version %d, with slope and intercept",
			in.Model, in.Version, jsonVersion)
	}
	*m = Platt{*in.Slope, *in.Intercept}
	return nil
}
