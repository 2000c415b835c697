package itemset

import (
	"fmt"

	"github.com/quintile-dev/quintile/models"
)

// Reason says why a result is partial.
type Reason string

const (
	// OverBudget says that the requested sets exceed the Budget, so that the
	// minimum count was raised until the sets fitted.
	OverBudget Reason = "over_budget"
	// Stopped says that Config.Stop ended the search.
	Stopped Reason = "stopped"
)

// Report says how a run of Mine went.
type Report struct {
	Baskets       int // n, empty ones included
	EmptyBaskets  int // without any item
	Items         int // distinct codes
	FrequentItems int // of these, in at least MinCount baskets
	AskedCount    int // minimum count that the Config asks for
	MinCount      int // minimum count of the result: AskedCount, or more if a budget raised it

	Sets     int
	ByLength []int // sets by number of items; ByLength[0] is 0
	Bytes    int64 // of the sets in the result, 4 for each item and 8 for each set

	// Partial says that some sets are missing from the result: see Reason. The
	// result always holds every subset of every set.
	Partial bool
	Reason  Reason // "" where not partial
	// CompleteItems is the number of items, the most frequent ones, with all
	// their sets in the result: FrequentItems, or fewer if Stop ended the
	// search; sets with any item beyond are then left out.
	CompleteItems int

	Heavy    []HeavyBasket // the heaviest first
	Warnings []models.Warning
}

// conclude fills in the fields that are known at the end of the search.
func (r *Report) conclude(s *Sets, c Config) {
	r.MinCount = s.MinCount()
	r.Sets = s.Len()
	r.ByLength = make([]int, s.MaxLength()+1)
	for l := 1; l <= s.MaxLength(); l++ {
		from, to := s.OfLength(l)
		r.ByLength[l] = to - from
		r.Bytes += setBytes(l) * int64(to-from)
	}
	r.CompleteItems = r.FrequentItems
	switch {
	case s.complete >= 0:
		r.Partial, r.Reason, r.CompleteItems = true, Stopped, s.complete
	case r.MinCount > r.AskedCount:
		r.Partial, r.Reason = true, OverBudget
	}
	r.warn(c)
}

// warn adds the warnings that the figures call for.
func (r *Report) warn(asked Config) {
	add := func(code string, count int, format string, args ...any) {
		r.Warnings = append(r.Warnings, models.Warning{Code: code, Message: fmt.Sprintf(format, args...), Count: count})
	}
	switch r.Reason {
	case OverBudget:
		add("over_budget", 1, "the sets in %d or more baskets exceed the budget of %d sets and %d bytes, those in %d or more do not: ask for a higher support or a shorter length, or allow more",
			r.AskedCount, asked.Budget.Sets, asked.Budget.Bytes, r.MinCount)
	case Stopped:
		add("stopped", 1, "stopped early: sets are complete among the %d most frequent of %d items, and none has another item",
			r.CompleteItems, r.FrequentItems)
	}
	share := 0.0
	for _, h := range r.Heavy {
		share += h.Share
	}
	if share >= 0.5 {
		add("heavy_baskets", len(r.Heavy), "%d of %d baskets hold %.0f %% of all occurrences of the sets: look whether they are of the same kind as the others",
			len(r.Heavy), r.Baskets, 100*share)
	}
	if r.Baskets > 0 && r.FrequentItems == 0 {
		add("no_frequent_items", 1, "no item is in %d or more of %d baskets", r.AskedCount, r.Baskets)
	}
	if r.Baskets > 0 && r.AskedCount == 1 {
		add("count_of_one", 1, "a minimum count of 1 makes every combination in every one of %d baskets frequent; name a higher support", r.Baskets)
	}
}
