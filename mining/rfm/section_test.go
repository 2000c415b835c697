package rfm

import (
	"testing"

	"github.com/quintile-dev/quintile/features"
)

func TestEverySegmentOfTheMapHasAnAction(t *testing.T) {
	names := features.QuintileRF().Names()
	if len(actions) != len(names) {
		t.Errorf("got %d actions for %d segments", len(actions), len(names))
	}
	if got := actionsOf(names); got == nil {
		t.Errorf("got no actions for %v", names)
	}
	if now := urgent(names); len(now) != 2 || names[now[0].Group] != "at_risk" || names[now[1].Group] != "cant_lose" {
		t.Errorf("got %+v, want the two segments that are being lost", now)
	}
	if actionsOf([]string{"gold", "silver"}) != nil || urgent([]string{"gold", "at_risk"}) != nil {
		t.Error("got actions for segments of a map of the job's own")
	}
}
