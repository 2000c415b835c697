package itemset

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
)

// doneAfter is a context that is done once it has been asked so many times.
type doneAfter struct {
	context.Context
	left atomic.Int64
}

func (c *doneAfter) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestRulesAreWholeOrCancelled(t *testing.T) {
	var build Builder
	for range 5 {
		build.Add([]uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	}
	c := plain(1)
	c.MaxLength = AnyLength
	sets := mine(t, c, build.Baskets())
	rc := DefaultRuleConfig()
	rc.Workers = 4
	for _, rc.MaxRules = range []int{1_000_000, 10_000} { // enough, or so few that they are sought again
		want, _ := derive(t, sets, rc)
		cancelled, whole := 0, 0
		for asked := int64(0); asked < 1_000; asked += 7 {
			ctx := &doneAfter{Context: context.Background()}
			ctx.left.Store(asked)
			got, _, err := sets.Rules(ctx, rc)
			switch {
			case errors.Is(err, context.Canceled):
				cancelled++
			case err != nil:
				t.Fatalf("asked %d times: %v", asked, err)
			default:
				whole++
				if !slices.Equal(got.flat(), want.flat()) || !slices.Equal(got.items, want.items) || !slices.Equal(got.p, want.p) {
					t.Fatalf("at most %d rules, asked %d times: other rules than of a run that is not cancelled", rc.MaxRules, asked)
				}
			}
		}
		if cancelled < 10 || whole < 10 {
			t.Errorf("at most %d rules: %d runs cancelled and %d whole, want both", rc.MaxRules, cancelled, whole)
		}
	}
}

func TestAPanicOfAHelperReachesTheCaller(t *testing.T) {
	var build Builder
	build.Add([]uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	c := plain(1)
	c.MaxLength = AnyLength
	sets := *mine(t, c, build.Baskets())
	sets.counts = sets.counts[:1_000] // which Mine never does
	rc := DefaultRuleConfig()
	rc.Workers = 4
	defer func() {
		if recover() == nil {
			t.Error("got rules of sets without counts")
		}
	}()
	_, _, _ = sets.Rules(context.Background(), rc)
}
