package boost

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"github.com/quintile-dev/quintile/models"
)

// Streams of the seed, so that no two uses draw the same numbers.
const (
	streamCuts = iota + 1
	streamValid
	streamRows
	streamColumns
)

// Set is a table to learn from or to validate on.
type Set struct {
	X       models.Matrix
	Target  []float64 // one per row
	Weights []float64 // one per row, ≥ 0; nil for all 1
}

// problem is a checked fit: the rows with a weight, rows for learning before
// rows for validation.
type problem struct {
	train, valid source
	target       []float64
	weight       []float64 // nil for all 1
	rows         int       // to learn from; the others validate

	categories []categories // by column, nil for a number; nil where all are numbers
	pooled     []int        // categories that are not told apart, by column; nil likewise

	trainWeight, validWeight float64 // in sum
}

const largestTarget = 1e30 // so that gradients stay within float32

// check refuses a set that cannot be used; zero reports whether some row has
// weight 0 and so is absent.
func (c Config) check(ctx context.Context, s Set) (zero bool, err error) {
	if err := s.X.Validate(); err != nil {
		return false, err
	}
	n, d := s.X.Dims()
	switch {
	case n == 0:
		return false, errors.New("models: got a matrix without rows, want at least one")
	case n > math.MaxInt32:
		return false, &models.ShapeError{What: "rows", Got: n, Want: math.MaxInt32}
	case len(s.Target) != n:
		return false, &models.ShapeError{What: "target", Got: len(s.Target), Want: n}
	case s.Weights != nil && len(s.Weights) != n:
		return false, &models.ShapeError{What: "weights", Got: len(s.Weights), Want: n}
	case c.Monotone != nil && len(c.Monotone) != d:
		return false, &models.ShapeError{What: "monotone", Got: len(c.Monotone), Want: d}
	case c.Categorical != nil && len(c.Categorical) != d:
		return false, &models.ShapeError{What: "categorical", Got: len(c.Categorical), Want: d}
	}
	if err := refuseInfinities(ctx, s.X, c.Workers); err != nil {
		return false, err
	}
	if err := c.checkCodes(s.X); err != nil {
		return false, err
	}
	for i, y := range s.Target {
		if want := c.Loss.refuses(y); want != "" {
			return false, &models.ValueError{Row: i + 1, Name: "target", Got: y, Want: want}
		}
	}
	some := s.Weights == nil
	for i, w := range s.Weights {
		if !(w >= 0 && w <= largestTarget) {
			return false, &models.ValueError{Row: i + 1, Name: "weights", Got: w, Want: "a number from 0 to 1e30"}
		}
		zero = zero || w == 0
		some = some || w > 0
	}
	if !some {
		return false, errors.New("models: weights: got 0 for every row, want at least one above 0")
	}
	return zero, nil
}

// pose checks the sets and lays out the problem. valid may be nil.
func (c Config) pose(ctx context.Context, train Set, valid *Set) (*problem, error) {
	zero, err := c.check(ctx, train)
	if err != nil {
		return nil, err
	}
	p := &problem{valid: source{x: models.Matrix{}}}
	if p.categories, p.pooled, err = c.learnCategories(ctx, train); err != nil {
		return nil, err
	}
	train.X = placed(train.X, p.categories)
	p.train.x = train.X
	if zero {
		p.train.rows = present(train.Weights)
	}
	validSet := train
	switch {
	case valid != nil:
		if zero, err = c.check(ctx, *valid); err != nil {
			return nil, err
		}
		_, d := train.X.Dims()
		if _, got := valid.X.Dims(); got != d {
			return nil, &models.ShapeError{What: "columns of the validation set", Got: got, Want: d}
		}
		validSet, p.valid.x = *valid, placed(valid.X, p.categories)
		if zero {
			p.valid.rows = present(valid.Weights)
		}
	case c.ValidShare > 0:
		p.train.rows, p.valid.rows = c.holdOut(p.train)
		p.valid.x = train.X
	}
	p.rows = p.train.len()
	p.gather(train, validSet)
	p.weighClasses(c)
	p.trainWeight, p.validWeight = p.totalWeight(0, p.rows), p.totalWeight(p.rows, len(p.target))
	return p, nil
}

func present(weights []float64) []int32 {
	rows := []int32{}
	for i, w := range weights {
		if w > 0 {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// holdOut draws ValidShare of the rows, at least one and never all.
func (c Config) holdOut(s source) (train, valid []int32) {
	n := s.len()
	left := min(max(int(math.RoundToEven(c.ValidShare*float64(n))), 1), n-1)
	train, valid = []int32{}, []int32{}
	rng := rand.New(rand.NewPCG(c.Seed, streamValid))
	for i := range n {
		if rng.IntN(n-i) < left {
			left--
			valid = append(valid, int32(s.at(i)))
		} else {
			train = append(train, int32(s.at(i)))
		}
	}
	return train, valid
}

// gather copies the targets and weights of the rows in use into slices without
// gaps, or takes the caller's slices where all rows are in use.
func (p *problem) gather(train, valid Set) {
	if p.train.rows == nil && p.valid.len() == 0 {
		p.target, p.weight = train.Target, train.Weights
		return
	}
	n := p.rows + p.valid.len()
	p.target = make([]float64, n)
	weighted := train.Weights != nil || valid.Weights != nil
	if weighted {
		p.weight = make([]float64, n)
	}
	for i := range n {
		set, row := train, 0
		if i < p.rows {
			row = p.train.at(i)
		} else {
			set, row = valid, p.valid.at(i-p.rows)
		}
		p.target[i] = set.Target[row]
		if weighted {
			p.weight[i] = 1
			if set.Weights != nil {
				p.weight[i] = set.Weights[row]
			}
		}
	}
}

// weighClasses multiplies the class weights in.
func (p *problem) weighClasses(c Config) {
	if c.Loss != Logistic || c.ClassWeights == [2]float64{1, 1} {
		return
	}
	weight := make([]float64, len(p.target))
	for i, y := range p.target {
		weight[i] = p.weightOf(i) * c.ClassWeights[int(y)]
	}
	p.weight = weight
}

func (p *problem) weightOf(i int) float64 {
	if p.weight == nil {
		return 1
	}
	return p.weight[i]
}

// constantTarget reports whether all rows to learn from have the same target.
func (p *problem) constantTarget() bool {
	for _, y := range p.target[:p.rows] {
		if y != p.target[0] {
			return false
		}
	}
	return true
}

func (p *problem) totalWeight(from, to int) float64 {
	if p.weight == nil {
		return float64(to - from)
	}
	var sum float64
	for _, w := range p.weight[from:to] {
		sum += w
	}
	return sum
}
