package tree

import (
	"cmp"
	"slices"
)

// maxExhaustive is the most categories of which every two-way division is
// tried, where there are more than two classes.
const maxExhaustive = 8

// sweepSets considers the divisions of a categorical column into two sets of
// bins. Missing values are one more category.
//
// For two classes and for regression, the best division is a cut of the
// categories in the order of their mean target [1], so one sweep finds the
// division. For more classes no single order is enough: up to 8 categories are
// divided in every way. More categories are swept in the order of each class's
// share, one sweep per class, which finds a good division though not always the
// best.
//
// [1] L. Breiman, J. Friedman, R. Olshen, C. Stone, "Classification and
// Regression Trees", 1984, theorem 4.5.
func (s *sweeper) sweepSets(j int, b *binStats) {
	bins := slices.Collect(b.present.all())
	if len(bins) < 2 {
		return
	}
	if s.classes == 0 {
		s.sweepOrder(j, b, orderBy(bins, func(bin int) float64 {
			m := b.massOf(bin)
			return m[1] / m[0]
		}))
		return
	}
	classes := s.classesPresent()
	if len(classes) > 2 && len(bins) <= maxExhaustive {
		s.tryEveryDivision(j, b, bins)
		return
	}
	if len(classes) == 2 {
		classes = classes[1:]
	}
	for _, k := range classes {
		s.sweepOrder(j, b, orderBy(bins, func(bin int) float64 {
			m := b.massOf(bin)
			return m[k] / s.weigh(m)
		}))
	}
}

func (s *sweeper) classesPresent() []int {
	var classes []int
	for k, m := range s.node.mass {
		if m > 0 {
			classes = append(classes, k)
		}
	}
	return classes
}

// orderBy returns bins in ascending order of mean; equals keep their order.
func orderBy(bins []int, mean func(bin int) float64) []int {
	type entry struct {
		mean float64
		bin  int
	}
	entries := make([]entry, len(bins))
	for i, bin := range bins {
		entries[i] = entry{mean(bin), bin}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.mean, b.mean) })
	ordered := make([]int, len(bins))
	for i, e := range entries {
		ordered[i] = e.bin
	}
	return ordered
}

func (s *sweeper) sweepOrder(j int, b *binStats, bins []int) {
	s.begin()
	var set bitset
	for _, bin := range bins[:len(bins)-1] {
		s.move(b.massOf(bin), b.rows[bin])
		set.add(bin)
		s.trySet(j, set, b.present)
	}
}

func (s *sweeper) tryEveryDivision(j int, b *binStats, bins []int) {
	for mask := 1; mask < 1<<(len(bins)-1); mask++ {
		s.begin()
		var set bitset
		for i, bin := range bins {
			if mask>>i&1 != 0 {
				s.move(b.massOf(bin), b.rows[bin])
				set.add(bin)
			}
		}
		s.trySet(j, set, b.present)
	}
}

// trySet considers sending the bins in set left. Bins that the node does not
// have go to the heavier side.
func (s *sweeper) trySet(j int, set, present bitset) {
	score, ok := s.score()
	if !ok || s.best.found && score <= s.best.score {
		return
	}
	if s.leftWeight > s.rightWeight {
		for i := range set {
			set[i] |= ^present[i]
		}
	}
	s.best = split{found: true, score: score, column: j, set: set, missingLeft: set.has(missingCode)}
}
