package metric

import "math"

// ROCAUC is the area under the receiver operating characteristic: the chance
// that a random positive scores higher than a random negative, ties counting
// one half.
//
//	AUC = Σ w⁺ᵢ w⁻ⱼ ([sᵢ > sⱼ] + ½[sᵢ = sⱼ]) / (W⁺ W⁻)
//
// Shape: one score, one label (0 or 1) and one weight per row; weight may be
// nil. Nothing is modified.
//
// Missing: NaN without positives or without negatives; a NaN score is an error.
//
// Determinism: with weights that are nil or whole numbers the order of the rows
// does not matter to the bit.
//
// Errors: *models.ShapeError, *models.ValueError.
//
// Cost: O(n) time in 8 passes, 36 bytes per row.
func ROCAUC(score, label, weight []float64) (float64, error) {
	if err := binary(score, "score", label, weight); err != nil {
		return 0, err
	}
	order := descending(score)
	var positives, negatives, won float64
	for from, to := range ties(score, order) {
		p, q := classWeights(label, weight, order[from:to])
		won += float64(q * (positives + p/2))
		positives += p
		negatives += q
	}
	return won / float64(positives*negatives), nil
}

// classWeights returns the weight of the positives and of the negatives among
// the given rows.
func classWeights(label, weight []float64, rows []int32) (positives, negatives float64) {
	for _, i := range rows {
		if label[i] == 1 {
			positives += at(weight, int(i))
		} else {
			negatives += at(weight, int(i))
		}
	}
	return positives, negatives
}

// AveragePrecision summarises the precision-recall curve as the mean of the
// precisions at each distinct score, weighted by the recall gained there. "PR
// AUC" usually means this figure; no line is drawn between the points.
//
//	AP = Σₖ (Rₖ − Rₖ₋₁) Pₖ
//
// Compare the figure with the base rate, the result of a random ranking.
//
// Shape, determinism, errors and cost are as for [ROCAUC].
//
// Missing: NaN without positives.
func AveragePrecision(score, label, weight []float64) (float64, error) {
	if err := binary(score, "score", label, weight); err != nil {
		return 0, err
	}
	order := descending(score)
	var positives, all, sum float64
	for from, to := range ties(score, order) {
		p, q := classWeights(label, weight, order[from:to])
		positives += p
		all += p + q
		if p > 0 {
			sum += float64(p * (positives / all))
		}
	}
	return sum / positives, nil
}

// KS is the Kolmogorov-Smirnov distance between the scores of the positives
// and those of the negatives: the greatest gap between the two cumulative
// distributions, in [0,1].
//
// Shape, determinism, errors and cost are as for [ROCAUC].
//
// Missing: NaN without positives or without negatives.
func KS(score, label, weight []float64) (float64, error) {
	if err := binary(score, "score", label, weight); err != nil {
		return 0, err
	}
	order := descending(score)
	allPositives, allNegatives := classWeights(label, weight, order)
	if allPositives == 0 || allNegatives == 0 {
		return math.NaN(), nil
	}
	var positives, negatives, gap float64
	for from, to := range ties(score, order) {
		p, q := classWeights(label, weight, order[from:to])
		positives += p
		negatives += q
		gap = max(gap, math.Abs(positives/allPositives-negatives/allNegatives))
	}
	return gap, nil
}
