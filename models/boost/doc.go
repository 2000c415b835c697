// Package boost fits ensembles of regression trees by gradient boosting over
// histograms: the method of LightGBM, with the same parameters and the same
// quality, in exact integer arithmetic.
//
// A fit cuts every column into at most 255 bins, and then adds one tree a round.
// Each tree is grown leaf by leaf, always at the leaf with the greatest gain,
// and is fitted to the gradients of the loss. The gradients are rounded once to
// fixed-point integers, so every sum in a tree is an integer sum: exact, and
// independent of the order of the rows and of the number of workers.
//
// Start from [Default], call [Config.Fit], and use the returned [Ensemble]:
//
//	c := boost.Default()
//	model, report, err := c.Fit(ctx, x, churned, nil)
//	err = model.ProbTo(ctx, prob, x, c.Workers)
//
// A NaN in the matrix is a missing value: each split learns to which side such
// rows go. Infinities are refused.
package boost
