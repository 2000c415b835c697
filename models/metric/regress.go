package metric

import (
	"math"

	"github.com/quintile-dev/quintile/models"
)

// numbers refuses predictions and actual values that are not finite.
func numbers(predicted, actual, weight []float64) error {
	if err := finite(predicted, "prediction", len(predicted)); err != nil {
		return err
	}
	if err := finite(actual, "actual", len(predicted)); err != nil {
		return err
	}
	return weights(weight, len(predicted))
}

// RMSE is the root of the mean squared error, in the unit of the target.
//
//	RMSE = √(Σ wᵢ (pᵢ − yᵢ)² / Σ wᵢ)
//
// Shape: one prediction, actual value and weight per row; weight may be nil.
//
// Missing: NaN without rows.
//
// Errors: *models.ShapeError, *models.ValueError.
//
// Cost: O(n) time, no allocation.
func RMSE(predicted, actual, weight []float64) (float64, error) {
	if err := numbers(predicted, actual, weight); err != nil {
		return 0, err
	}
	return math.Sqrt(mean(len(actual), weight, func(i int) float64 {
		d := predicted[i] - actual[i]
		return d * d
	})), nil
}

// MAE is the mean absolute error, in the unit of the target. Shape, missing,
// errors and cost are as for [RMSE].
func MAE(predicted, actual, weight []float64) (float64, error) {
	if err := numbers(predicted, actual, weight); err != nil {
		return 0, err
	}
	return mean(len(actual), weight, func(i int) float64 { return math.Abs(predicted[i] - actual[i]) }), nil
}

// R2 is the share of the variance that the predictions explain: 1 is perfect,
// 0 no better than the mean, negative worse.
//
//	R² = 1 − Σ wᵢ (pᵢ − yᵢ)² / Σ wᵢ (yᵢ − ȳ)²
//
// Missing: NaN without rows or where the target is constant. Shape, errors and
// cost are as for [RMSE].
func R2(predicted, actual, weight []float64) (float64, error) {
	if err := numbers(predicted, actual, weight); err != nil {
		return 0, err
	}
	n := len(actual)
	middle := mean(n, weight, func(i int) float64 { return actual[i] })
	left := mean(n, weight, func(i int) float64 {
		d := predicted[i] - actual[i]
		return d * d
	})
	all := mean(n, weight, func(i int) float64 {
		d := actual[i] - middle
		return d * d
	})
	if all == 0 {
		return math.NaN(), nil
	}
	return 1 - left/all, nil
}

// PoissonDeviance is the mean deviance of counts from their predicted means:
// 0 is perfect.
//
//	D = Σ wᵢ 2(yᵢ ln(yᵢ/pᵢ) − yᵢ + pᵢ) / Σ wᵢ,  with 0 ln 0 = 0
//
// Predictions must be > 0 and actual values ≥ 0. Shape, missing, errors and
// cost are otherwise those of [RMSE].
func PoissonDeviance(predicted, actual, weight []float64) (float64, error) {
	if err := numbers(predicted, actual, weight); err != nil {
		return 0, err
	}
	for i, p := range predicted {
		if p <= 0 {
			return 0, &models.ValueError{Row: i + 1, Name: "prediction", Got: p, Want: "a number > 0"}
		}
		if actual[i] < 0 {
			return 0, &models.ValueError{Row: i + 1, Name: "actual", Got: actual[i], Want: "a number ≥ 0"}
		}
	}
	return mean(len(actual), weight, func(i int) float64 {
		y, p := actual[i], predicted[i]
		d := p - y
		if y > 0 {
			d += float64(y * math.Log(y/p))
		}
		return 2 * d
	}), nil
}
