package pipeline

import (
	"math"
	"strconv"

	"github.com/quintile-dev/quintile/mining/churn"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// checkBar stops the run where the job sets a bar for the churn model and what
// was learned is below it, or is nothing to rely on.
func checkBar(set *config.Churn, f *churn.Findings) error {
	if set.MinAUC == nil {
		return nil
	}
	bar := strconv.FormatFloat(*set.MinAUC, 'f', -1, 64)
	switch {
	case f.State == churn.Insufficient:
		return errorf(BadModel, "got too little data for a model (%s), want one with an AUC of at least %s as steps.churn.min_auc says; "+
			"add older files, lower steps.churn.horizon_days, or remove min_auc", f.Message, bar)
	case f.State != churn.OK:
		return errorf(BadModel, "got the state %s (AUC %s by the champion, %s), want ok and an AUC of at least %s as steps.churn.min_auc says; "+
			"name other steps.churn.models or fewer features, or remove min_auc", f.State, aucText(f.AUC), f.Champion, bar)
	case !(f.AUC >= *set.MinAUC): // NaN is below any bar
		return errorf(BadModel, "got an AUC of %s by the champion, %s, on the newest of %d cutoffs, want at least %s as steps.churn.min_auc says; "+
			"map more columns, add older files, change steps.churn.horizon_days or features, or lower min_auc",
			aucText(f.AUC), f.Champion, set.Cutoffs, bar)
	}
	return nil
}

// aucText writes an AUC with four decimal places, rounded down: one just below
// the bar does not look like one that reaches it.
func aucText(auc float64) string { return strconv.FormatFloat(math.Floor(auc*1e4)/1e4, 'f', 4, 64) }
