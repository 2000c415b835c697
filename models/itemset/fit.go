package itemset

import (
	"context"
)

// Mine finds the item sets of MinLength to MaxLength items that occur in at least
// the minimum count of baskets: all sets, or only the closed or the maximal sets.
//
//	count(S) = |{b : S ⊆ basket b}|,  support(S) = count(S)/n
//
// A set is closed if every further item lowers its count, maximal if every
// further item makes it infrequent. Both are judged among sets of any length, so
// MaxLength only limits the listed sets.
//
// The baskets are recoded by falling item count, and equal baskets are merged.
// Then each item is a task of its own: its candidates are counted by delivering
// its occurrences [1] into one array, and the rest is done on bitmaps [2], or
// again by occurrences within the shrunken database, depending on the expected
// work.
//
// Budget: where the sets do not fit, the minimum count is raised to the lowest
// count at which the sets fit, and the result equals a run with this minimum
// count; Report.MinCount holds the count. Maximal sets do not shrink with the
// threshold, so the threshold rises by a quarter at a time until the sets fit.
// Where Stop ends the run, the result holds the completed part: all sets among
// the most frequent Report.CompleteItems items.
//
// Shape: b is not modified and not kept.
//
// Determinism: the result depends on b and c only, not on Workers, and not on the
// order of the baskets or of the items in them, unless Stop says yes.
//
// Errors: *models.ConfigError for each fault of c, joined; a plain error for
// baskets refused by Baskets.Validate; ctx.Err() if cancelled, within 100 ms.
// Reaching a budget is not an error.
//
// Cost: O(nnz) to prepare, O(Σ|b|²) to count pairs, then O(candidates × the
// baskets in question/64). Memory: some 20 bytes per item of a basket, 32 bytes
// per distinct basket, 8 bytes per item code, and up to twice Budget.Bytes.
//
// [1] T. Uno, M. Kiyomi and H. Arimura, "LCM ver. 2: Efficient Mining Algorithms
// for Frequent/Closed/Maximal Itemsets", FIMI 2004, CEUR-WS 126.
//
// [2] M. J. Zaki, "Scalable Algorithms for Association Mining", IEEE Trans.
// Knowl. Data Eng. 12(3), 2000, pp. 372–390, doi:10.1109/69.846291.
func (c Config) Mine(ctx context.Context, b Baskets) (*Sets, Report, error) {
	if err := c.Validate(); err != nil {
		return nil, Report{}, err
	}
	if err := b.Validate(); err != nil {
		return nil, Report{}, err
	}
	report := Report{Baskets: b.Len(), AskedCount: c.minCount(b.Len())}
	report.MinCount = report.AskedCount
	for {
		s, err := c.prepare(ctx, b, &report)
		if err != nil {
			return nil, report, err
		}
		if err := s.run(c.Workers); err != nil {
			return nil, report, err
		}
		if s.limit.over.Load() {
			report.MinCount += max(1, report.MinCount/4)
			continue
		}
		sets, err := assemble(ctx, s, c)
		if err != nil {
			return nil, report, err
		}
		report.Heavy = weighBaskets(s.longest, b, s.alphabet, sets)
		report.conclude(sets, c)
		return sets, report, nil
	}
}

// prepare sets up the search at the minimum count that the report names.
func (c Config) prepare(ctx context.Context, b Baskets, r *Report) (*search, error) {
	a, err := newAlphabet(ctx, b, r.MinCount)
	if err != nil {
		return nil, err
	}
	blocks, err := filter(ctx, b, a, c.Workers)
	if err != nil {
		return nil, err
	}
	if r.MinCount == r.AskedCount {
		r.Items, r.FrequentItems = a.occurring, len(a.code)
		for i := range b.Len() {
			if len(b.Basket(i)) == 0 {
				r.EmptyBaskets++
			}
		}
	}
	db, err := mergeEqual(ctx, blocks, len(a.code))
	if err != nil {
		return nil, err
	}
	db.label, db.closed = a.byRank, c.Kind != Frequent
	if err := db.index(ctx, len(a.code)); err != nil {
		return nil, err
	}
	return &search{
		ctx: ctx, db: db, alphabet: a, maxLength: c.MaxLength, kind: c.Kind,
		limit: newLimit(c.Budget, c.Kind, r.MinCount, b.Len()), stop: c.Stop,
		dense: denseIsCheaper, lookups: lookupsPerSpan, longest: longest(blocks),
	}, nil
}
