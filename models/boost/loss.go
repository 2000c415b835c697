package boost

import (
	"math"
	"slices"
)

// Loss is what an ensemble minimises.
type Loss string

// The losses. F is the score of a row, y its target.
const (
	// Logistic is log(1 + exp(F)) − y·F for y in {0,1}; F is the log-odds of 1.
	Logistic Loss = "logistic"
	// Squared is (F − y)²/2; F is the expected target.
	Squared Loss = "squared"
	// Poisson is exp(F) − y·F for y ≥ 0; F is the logarithm of the expected
	// target. The hessian is e^0.7 times the exact hessian, so that the first
	// steps do not overshoot, as in LightGBM and XGBoost.
	Poisson Loss = "poisson"
	// Quantile is α·(y − F) where y > F and (1 − α)·(F − y) elsewhere, with α
	// Config.QuantileProb; F is this quantile of the target. Every leaf is set
	// to the quantile of the residuals of its rows.
	Quantile Loss = "quantile"
)

func (l Loss) known() bool {
	return slices.Contains([]Loss{Logistic, Squared, Poisson, Quantile}, l)
}

// refuses returns "" if y can be a target, and what is wanted otherwise.
func (l Loss) refuses(y float64) string {
	switch {
	case l == Logistic && y != 0 && y != 1:
		return "0 or 1"
	case l == Poisson && !(y >= 0 && y <= largestTarget):
		return "a number from 0 to 1e30"
	case !(math.Abs(y) <= largestTarget):
		return "a finite number of at most 1e30"
	}
	return ""
}

// poissonCaution is e^0.7.
const poissonCaution = 2.0137527074704766

// mostScore bounds the score of the Poisson loss, whose mean is exp(score).
const mostScore = 80

// objective is a loss with its settings.
type objective struct {
	loss  Loss
	alpha float64
}

// derive sets pairs to the gradients and hessians of the rows, as float pairs,
// and returns their extent and the sum of the losses. weight may be nil.
func (o objective) derive(pairs []uint64, score, target, weight []float64) (extent, float64) {
	if o.loss == Logistic {
		return deriveLogistic(pairs, score, target, weight)
	}
	e := noExtent()
	var sum float64
	score, target = score[:len(pairs)], target[:len(pairs)]
	for i := range pairs {
		w := 1.0
		if weight != nil {
			w = weight[i]
		}
		loss, g, h := o.at(score[i], target[i])
		sum += float64(w * loss)
		v := floatPair(w*g, w*h)
		pairs[i] = v
		e.cover(v)
	}
	return e, sum
}

// at returns the loss of one row, and its first and second derivative.
func (o objective) at(f, y float64) (loss, g, h float64) {
	switch o.loss {
	case Squared:
		r := f - y
		return float64(r*r) / 2, r, 1
	case Poisson:
		mean := math.Exp(min(f, mostScore))
		return mean - float64(y*f), mean - y, mean * poissonCaution
	case Quantile:
		if y > f {
			return o.alpha * (y - f), -o.alpha, 1
		}
		return (1 - o.alpha) * (f - y), 1 - o.alpha, 1
	case Logistic:
		p := sigmoid(f)
		return max(f, 0) + math.Log1p(expNegative(-math.Abs(f))) - float64(y*f), p - y, p * (1 - p)
	}
	panic("boost: BUG: loss " + string(o.loss))
}
