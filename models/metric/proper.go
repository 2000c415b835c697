package metric

import "math"

// clip is the distance from 0 and 1 within which LogLoss and FitCalibration
// move probabilities: the spacing of float64 at 1, as scikit-learn does.
const clip = 0x1p-52

// LogLoss is the mean negative log-likelihood of the labels, in nats.
//
//	L = −Σ wᵢ (yᵢ ln pᵢ + (1−yᵢ) ln(1−pᵢ)) / Σ wᵢ
//
// Probabilities are first moved into [2⁻⁵², 1−2⁻⁵²], so that one confident
// mistake costs 36 nats and not infinity.
//
// Shape: one probability, label (0 or 1) and weight per row; weight may be nil.
//
// Missing: NaN without rows.
//
// Errors: *models.ShapeError; *models.ValueError for a probability outside
// [0,1], a label other than 0 and 1, or a bad weight.
//
// Cost: O(n) time, no allocation.
func LogLoss(prob, label, weight []float64) (float64, error) {
	if err := probabilities(prob, label, weight); err != nil {
		return 0, err
	}
	return mean(len(prob), weight, func(i int) float64 {
		p := min(max(prob[i], clip), 1-clip)
		if label[i] == 1 {
			return -math.Log(p)
		}
		return -math.Log(1 - p)
	}), nil
}

// Brier is the mean squared error of the probabilities, in [0,1].
//
//	B = Σ wᵢ (pᵢ − yᵢ)² / Σ wᵢ
//
// Shape, missing, errors and cost are as for [LogLoss].
func Brier(prob, label, weight []float64) (float64, error) {
	if err := probabilities(prob, label, weight); err != nil {
		return 0, err
	}
	return mean(len(prob), weight, func(i int) float64 {
		d := prob[i] - label[i]
		return d * d
	}), nil
}

// BrierSkill is the share of the Brier score of the base rate that the
// probabilities do away with: 1 is perfect, 0 no better than predicting the
// base rate for everyone, negative worse.
//
//	BSS = 1 − B / (ȳ(1 − ȳ))
//
// Shape, errors and cost are as for [LogLoss].
//
// Missing: NaN where all labels are the same.
func BrierSkill(prob, label, weight []float64) (float64, error) {
	score, err := Brier(prob, label, weight)
	if err != nil {
		return 0, err
	}
	base := mean(len(label), weight, func(i int) float64 { return label[i] })
	reference := base * (1 - base)
	if reference == 0 {
		return math.NaN(), nil
	}
	return 1 - score/reference, nil
}
