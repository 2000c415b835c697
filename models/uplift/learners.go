package uplift

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// TLearner learns one model of the outcome an arm; the uplift is the difference
// of their predictions.
//
//	τ(x) = μ₁(x) − μ₀(x)
//
// With plain logistic regressions this learner is the first choice: on
// Hillstrom's e-mail test its ranking was better than boosting in any of the
// forms.
func TLearner(fit Fit) Learner {
	return func(ctx context.Context, d Data) (*Model, error) {
		if err := d.validate(); err != nil {
			return nil, err
		}
		treated, err := d.arm(ctx, fit, true)
		if err != nil {
			return nil, err
		}
		control, err := d.arm(ctx, fit, false)
		if err != nil {
			return nil, err
		}
		return &Model{kind: kindT, share: d.share(), parts: []Predictor{treated, control}}, nil
	}
}

// arm learns the outcome of one arm.
func (d Data) arm(ctx context.Context, fit Fit, treated bool) (Predictor, error) {
	rows := d.rows(treated)
	y := make([]float64, len(rows))
	for k, i := range rows {
		y[k] = d.Outcome[i]
	}
	p, err := fitRows(ctx, fit, d.X, rows, y)
	if err != nil {
		return nil, inArm(err, treated)
	}
	return p, nil
}

// inArm adds the arm to the error of a model, where the error does not name a
// row.
func inArm(err error, treated bool) error {
	var value *models.ValueError
	if errors.As(err, &value) {
		return err
	}
	if treated {
		return fmt.Errorf("learning from the treated: %w", err)
	}
	return fmt.Errorf("learning from the controls: %w", err)
}

// SLearner learns one model of the outcome with the treatment as the last
// column; the uplift is the change of the prediction when the last column goes
// from 0 to 1.
//
//	τ(x) = μ(x,1) − μ(x,0)
//
// SLearner needs a model with interactions, such as boosted trees: a regression
// without interactions gives nearly all rows the same uplift.
func SLearner(fit Fit) Learner {
	return func(ctx context.Context, d Data) (*Model, error) {
		if err := d.validate(); err != nil {
			return nil, err
		}
		treatment := make([]float32, len(d.Treated))
		for i, t := range d.Treated {
			if t {
				treatment[i] = 1
			}
		}
		p, err := fit(ctx, withTreatment(d.X, treatment), d.Outcome)
		if err != nil {
			return nil, err
		}
		return &Model{kind: kindS, share: d.share(), parts: []Predictor{p}}, nil
	}
}

// ClassTransformation learns the chance p that the outcome agrees with the arm,
// z = [y = t], by one model [1].
//
//	τ(x) = 2p(x) − 1
//
// The method holds for outcomes of 0 and 1 and arms of the same size; a treated
// share beyond 0.45 to 0.55 is an error.
//
// [1] M. Jaśkowski, S. Jaroszewicz, "Uplift modeling for clinical trial data",
// ICML Workshop on Clinical Data Analysis, 2012.
func ClassTransformation(fit Fit) Learner {
	return func(ctx context.Context, d Data) (*Model, error) {
		if err := errors.Join(d.validate(), d.binary()); err != nil {
			return nil, err
		}
		if e := d.share(); !Balanced(e) {
			return nil, fmt.Errorf("uplift: class transformation: got a treated share of %.3f, want 0.45 to 0.55; use the T-learner", e)
		}
		z := make([]float64, len(d.Outcome))
		for i, y := range d.Outcome {
			if (y == 1) == d.Treated[i] {
				z[i] = 1
			}
		}
		p, err := fit(ctx, d.X, z)
		if err != nil {
			return nil, err
		}
		return &Model{kind: kindClass, share: d.share(), parts: []Predictor{p}}, nil
	}
}

// TransformedOutcome learns by one regression a target whose mean at x is the
// uplift there [1], with e the treated share:
//
//	y·(t − e)/(e(1 − e))
//
// TransformedOutcome suits any outcome and any share of treated, but the target
// is noisy.
//
// [1] S. Athey, G. Imbens, "Recursive partitioning for heterogeneous causal
// effects", PNAS 113(27), 2016, pp. 7353–7360, doi:10.1073/pnas.1510489113.
func TransformedOutcome(regress Fit) Learner {
	return func(ctx context.Context, d Data) (*Model, error) {
		if err := d.validate(); err != nil {
			return nil, err
		}
		e := d.share()
		target := make([]float64, len(d.Outcome))
		for i, y := range d.Outcome {
			if d.Treated[i] {
				target[i] = y / e
			} else {
				target[i] = -y / (1 - e)
			}
		}
		p, err := regress(ctx, d.X, target)
		if err != nil {
			return nil, err
		}
		return &Model{kind: kindOutcome, share: e, parts: []Predictor{p}}, nil
	}
}

// XLearner imputes for each row the outcome in the other arm, regresses the
// imputed effects within each arm, and mixes both regressions by the treated
// share e [1]:
//
//	d = y − μ₀(x) for the treated, μ₁(x) − y for the controls,
//	τ(x) = e·τ₀(x) + (1 − e)·τ₁(x)
//
// outcome models y, as in [TLearner]; regress models any number. XLearner gains
// where one arm is much smaller than the other.
//
// [1] S. Künzel, J. Sekhon, P. Bickel, B. Yu, "Metalearners for estimating
// heterogeneous treatment effects using machine learning", PNAS 116(10), 2019,
// pp. 4156–4165, doi:10.1073/pnas.1804597116.
func XLearner(outcome, regress Fit) Learner {
	return func(ctx context.Context, d Data) (*Model, error) {
		if err := d.validate(); err != nil {
			return nil, err
		}
		var effects [2]Predictor
		for k, treated := range []bool{true, false} {
			other, err := d.arm(ctx, outcome, !treated)
			if err != nil {
				return nil, err
			}
			rows := d.rows(treated)
			effect := make([]float64, len(rows))
			if err := other.PredictTo(effect, takeRows(d.X, rows)); err != nil {
				return nil, inRows(err, rows)
			}
			for i, row := range rows {
				effect[i] = d.Outcome[row] - effect[i]
				if !treated {
					effect[i] = -effect[i]
				}
			}
			if effects[k], err = fitRows(ctx, regress, d.X, rows, effect); err != nil {
				return nil, inArm(err, treated)
			}
		}
		return &Model{kind: kindX, share: d.share(), parts: effects[:]}, nil
	}
}

// combine returns the uplift from the two predictions a and b.
func (k kind) combine(a, b, share float64) float64 {
	switch k {
	case kindClass:
		return 2*a - 1
	case kindOutcome:
		return a
	case kindX: // a is of the treated
		return float64(share*b) + float64((1-share)*a)
	case kindT, kindS:
		return a - b
	}
	return math.NaN()
}
