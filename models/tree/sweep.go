package tree

import "math"

// sweeper moves a node's mass from right to left, value by value, and keeps the
// best split it passes.
type sweeper struct {
	criterion Criterion
	classes   int // 0 for regression
	minRows   int
	minWeight float64

	node                    *nodeStats
	left, right             []float64 // mass on each side, as sample.width
	leftRows                int
	leftWeight, rightWeight float64

	best split
}

// split is a question that sends the rows of a node left or right.
type split struct {
	found       bool
	score       float64 // to be compared within a node only; higher is better
	column      int
	threshold   float64 // numeric: values up to it go left; +Inf: all that are not missing do
	bin         uint8   // numeric column with bins: the last bin that goes left
	inside      bool    // numeric column with bins: the threshold is inside a bin
	set         bitset  // categorical column: the bins that go left
	missingLeft bool
}

func newSweeper(s *sample, c *Config) *sweeper {
	return &sweeper{
		criterion: c.Criterion,
		classes:   s.classes,
		minRows:   c.MinLeafRows,
		minWeight: c.MinLeafWeight,
		left:      make([]float64, s.width()),
		right:     make([]float64, s.width()),
	}
}

// begin puts the whole node on the right.
func (s *sweeper) begin() {
	clear(s.left)
	copy(s.right, s.node.mass)
	s.leftRows, s.leftWeight = 0, 0
}

// move takes the rows of one bin to the left.
func (s *sweeper) move(mass []float64, rows uint32) {
	for k, m := range mass {
		s.left[k] += m
		s.right[k] = s.node.mass[k] - s.left[k]
	}
	s.leftRows += int(rows)
}

// score returns the merit of the present position, and whether both sides have
// enough rows. Up to a constant of the node, the merit is the decrease of
// impurity times weight.
func (s *sweeper) score() (float64, bool) {
	if s.leftRows < s.minRows || s.node.rows-s.leftRows < s.minRows {
		return 0, false
	}
	s.leftWeight, s.rightWeight = s.weigh(s.left), s.weigh(s.right)
	if s.leftWeight < s.minWeight || s.rightWeight < s.minWeight || s.leftWeight <= 0 || s.rightWeight <= 0 {
		return 0, false
	}
	return s.merit(s.left, s.leftWeight) + s.merit(s.right, s.rightWeight), true
}

func (s *sweeper) weigh(mass []float64) float64 {
	if s.classes == 0 {
		return mass[0]
	}
	sum := 0.0
	for _, m := range mass {
		sum += m
	}
	return sum
}

// merit is minus the impurity of a side times its weight, but for a term common
// to all splits of a node:
//
//	variance: (Σ w y)² / Σ w    Gini: Σ mₖ² / Σ mₖ    entropy: Σ mₖ log₂ mₖ − m log₂ m
func (s *sweeper) merit(mass []float64, weight float64) float64 {
	switch {
	case s.classes == 0:
		return float64(mass[1]*mass[1]) / weight
	case s.criterion == Gini:
		sum := 0.0
		for _, m := range mass {
			sum += float64(m * m)
		}
		return sum / weight
	}
	sum := 0.0
	for _, m := range mass {
		sum += xLogX(m)
	}
	return sum - xLogX(weight)
}

func xLogX(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return float64(x * math.Log2(x))
}

// base is the merit of the unsplit node: the gain of a split is its score less
// base.
func (s *sweeper) base() float64 { return s.merit(s.node.mass, s.node.weight) }

// tryNumeric considers the cut of a column at its present position. The
// lowest column and threshold win ties, because they come first.
func (s *sweeper) tryNumeric(column int, bin uint8, threshold float64, missing, missingLeft bool) {
	score, ok := s.score()
	if !ok || s.best.found && score <= s.best.score {
		return
	}
	if !missing {
		missingLeft = s.leftWeight > s.rightWeight
	}
	s.best = split{found: true, score: score, column: column, threshold: threshold, bin: bin, missingLeft: missingLeft}
}

// sweepBins considers every cut of a numeric column: with the missing values on
// the right, on the left, and alone.
func (s *sweeper) sweepBins(j int, c *column, b *binStats) {
	missing := b.present.has(missingCode)
	s.begin()
	last := s.sweepOver(j, c, b, missing, false)
	if !missing || last < 0 {
		return
	}
	s.tryNumeric(j, uint8(last), math.Inf(1), true, false)
	s.begin()
	s.move(b.massOf(missingCode), b.rows[missingCode])
	s.sweepOver(j, c, b, true, true)
}

// sweepOver moves the value bins left in turn, and returns the last.
func (s *sweeper) sweepOver(j int, c *column, b *binStats, missing, missingLeft bool) int {
	last := -1
	for bin := range b.present.all() {
		if bin == missingCode {
			break
		}
		if last >= 0 {
			s.tryNumeric(j, uint8(last), between(c.upper[last], c.lower[bin]), missing, missingLeft)
		}
		s.move(b.massOf(bin), b.rows[bin])
		last = bin
	}
	return last
}

// between returns the middle of two values, exactly.
func between(low, high float32) float64 {
	return float64(low)/2 + float64(high)/2
}
