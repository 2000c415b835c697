package churn

import (
	"fmt"
	"math"
	"strconv"
)

// unmet says how the findings miss the threshold in the settings, "" without a threshold
// or where the findings reach it.
func (s *Settings) unmet(f *Findings) string {
	if s.MinAUC == nil {
		return ""
	}
	bar := strconv.FormatFloat(*s.MinAUC, 'f', -1, 64)
	switch {
	case f.State == Insufficient:
		return fmt.Sprintf("got too little data for a model (%s), want one with an AUC of at least %s as steps.churn.min_auc says; "+
			"add older files, lower steps.churn.horizon_days, or remove min_auc", f.Message, bar)
	case f.State != OK:
		return fmt.Sprintf("got the state %s (AUC %s by the champion, %s), want ok and an AUC of at least %s as steps.churn.min_auc says; "+
			"name other steps.churn.models or fewer features, or remove min_auc", f.State, aucText(f.AUC), f.Champion, bar)
	case !(f.AUC >= *s.MinAUC): // NaN is below any bar
		return fmt.Sprintf("got an AUC of %s by the champion, %s, on the newest of %d cutoffs, want at least %s as steps.churn.min_auc says; "+
			"map more columns, add older files, change steps.churn.horizon_days or features, or lower min_auc",
			aucText(f.AUC), f.Champion, s.Cutoffs, bar)
	}
	return ""
}

// aucText writes an AUC with four decimal places, rounded down: an AUC just below the
// threshold does not look like an AUC at the threshold.
func aucText(auc float64) string { return strconv.FormatFloat(math.Floor(auc*1e4)/1e4, 'f', 4, 64) }

// Judging returns the bar, which is for what was learned and not for a model that is applied.
func (s *Settings) Judging() []string { return []string{"min_auc"} }
