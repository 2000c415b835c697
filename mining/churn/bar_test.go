package churn

import (
	"math"
	"strings"
	"testing"
)

func TestBarStopsWhatIsBelowIt(t *testing.T) {
	f := func(bar *float64, state State, auc float64, want ...string) {
		t.Helper()
		set := DefaultSettings()
		set.MinAUC = bar
		got := set.unmet(&Findings{State: state, AUC: auc, Champion: "boost", Message: "12 customers, want 500"})
		if (got != "") != (want != nil) {
			t.Errorf("bar %v, %s, AUC %v: got %q, want a fault: %v", bar, state, auc, got, want != nil)
			return
		}
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("got %q, want %q in it", got, w)
			}
		}
	}
	at := func(v float64) *float64 { return &v }
	f(nil, OK, 0.1)
	f(nil, Insufficient, 0)
	f(nil, NotConverged, 0.1)
	f(at(0.65), OK, 0.65)
	f(at(0.65), OK, 0.9)
	f(at(0), OK, 0)
	f(at(0.65), OK, 0.58, "got an AUC of 0.5800 by the champion, boost, on the newest of 3 cutoffs, want at least 0.65 as steps.churn.min_auc says; ", "or lower min_auc")
	f(at(0.65), OK, 0.64999, "got an AUC of 0.6499 ")
	f(at(0), OK, math.NaN(), "want at least 0 as")
	f(at(0), Insufficient, 0, "got too little data for a model (12 customers, want 500)", "steps.churn.min_auc", "add older files")
	f(at(0.5), NotConverged, 0.9, "got the state not_converged (AUC 0.9000 by the champion, boost), want ok", "remove min_auc")
}
