package neighbour

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// Candidate is an item that is offered to a row.
type Candidate struct {
	Item  uint32
	Score float64
}

// Top holds the settings for lists of the best items. Order is required; no
// value of the other fields means "default".
type Top struct {
	K int // length of a list, ≥ 1; shorter where the items run out
	// Order is the place of each item among items of equal score, the lowest
	// first, as [Order] gives it.
	Order []uint32
	// Factor multiplies the score of each item, such as [Trend]; finite; nil for 1.
	Factor []float64
	// Exclude marks items that are never offered; nil for none.
	Exclude []bool
	// Repeats offers also what the row holds.
	Repeats bool
	Workers int // ≥ 1; never changes a result
}

// Scorer fills dst, which is 0 for every item, with the scores of the items for
// the row with the given number and items. Several goroutines call a Scorer at
// once, each with its own dst.
type Scorer func(dst []float64, row int, held []uint32)

// decimals is the grain of scores: scores that agree to 1e-9 are equal, so that
// rounding does not decide between equally good items.
const decimals = 1e9

// Recommend returns the best items of each row by the weights of m.
//
// Shape, determinism and errors are as for [Top.Of].
//
// Cost: per row one addition per weight of an item held, and one look at every
// item.
func (m *Model) Recommend(ctx context.Context, held Rows, t Top) ([][]Candidate, error) {
	if held.ItemCount != m.Items() {
		return nil, &models.ShapeError{What: "items of the rows", Got: held.ItemCount, Want: m.Items()}
	}
	return t.Of(ctx, held, func(dst []float64, _ int, row []uint32) { m.addTo(dst, row) })
}

// Of returns the best items of each row by the scorer, the best first. A scorer
// with every score 0 gives the order of t.Order, such as popularity.
//
// Shape: one list per row of held. No input is modified.
//
// Missing: a score that is NaN offers nothing.
//
// Determinism: scores are compared after rounding to 1e-9 and equal ones ranked
// by t.Order; the number of workers does not matter.
//
// Errors: *models.ConfigError, *models.ShapeError, *models.ValueError; ctx.Err().
func (t Top) Of(ctx context.Context, held Rows, score Scorer) ([][]Candidate, error) {
	if err := t.validate(held); err != nil {
		return nil, err
	}
	const rows = 256 // of a task
	n := held.Len()
	lists := make([][]Candidate, n)
	err := models.Parallel(ctx, t.Workers, (n+rows-1)/rows, func(task int) error {
		scores := make([]float64, held.ItemCount)
		from, to := task*rows, min(n, (task+1)*rows)
		room := make([]Candidate, 0, (to-from)*min(t.K, held.ItemCount))
		for i := from; i < to; i++ {
			clear(scores)
			score(scores, i, held.Row(i))
			start := len(room)
			room = t.best(room, scores, held.Row(i))
			lists[i] = room[start:len(room):len(room)]
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	return lists, nil
}

func (t Top) validate(held Rows) error {
	if t.K < 1 {
		return &models.ConfigError{Field: "k", Got: t.K, Want: "an integer ≥ 1"}
	}
	if t.Workers < 1 {
		return &models.ConfigError{Field: "workers", Got: t.Workers, Want: "an integer ≥ 1"}
	}
	if err := held.Validate(); err != nil {
		return err
	}
	if len(t.Order) != held.ItemCount {
		return &models.ShapeError{What: "order", Got: len(t.Order), Want: held.ItemCount}
	}
	if t.Factor != nil && len(t.Factor) != held.ItemCount {
		return &models.ShapeError{What: "factor", Got: len(t.Factor), Want: held.ItemCount}
	}
	for i, f := range t.Factor {
		if f-f != 0 {
			return &models.ValueError{Row: i + 1, Name: "factor", Got: f, Want: "a finite number"}
		}
	}
	if t.Exclude != nil && len(t.Exclude) != held.ItemCount {
		return &models.ShapeError{What: "exclude", Got: len(t.Exclude), Want: held.ItemCount}
	}
	return nil
}

// best appends the best items to list.
func (t Top) best(list []Candidate, scores []float64, held []uint32) []Candidate {
	start := len(list)
	for i, score := range scores {
		if t.Factor != nil {
			score *= t.Factor[i]
		}
		full := len(list)-start == t.K
		if full && score < list[len(list)-1].Score-1/decimals { // the common case, before it is rounded
			continue
		}
		for len(held) > 0 && int(held[0]) < i {
			held = held[1:]
		}
		offered := t.Repeats || len(held) == 0 || int(held[0]) != i
		if math.IsNaN(score) || !offered || t.Exclude != nil && t.Exclude[i] {
			continue
		}
		c := Candidate{uint32(i), rounded(score)}
		if full {
			if !t.before(c, list[len(list)-1]) {
				continue
			}
			list = list[:len(list)-1]
		}
		list = append(list, c)
		for k := len(list) - 1; k > start && t.before(c, list[k-1]); k-- {
			list[k-1], list[k] = c, list[k-1]
		}
	}
	return list
}

// rounded returns a score rounded to the grain of comparison; a score too large
// for rounding is unchanged.
func rounded(score float64) float64 {
	if math.Abs(score) >= 1<<52/decimals {
		return score
	}
	return math.Round(score*decimals) / decimals
}

func (t Top) before(a, b Candidate) bool {
	if a.Score != b.Score {
		return a.Score > b.Score
	}
	return t.Order[a.Item] < t.Order[b.Item]
}
