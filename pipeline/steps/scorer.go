package steps

import (
	"context"
	"fmt"
	"iter"
	"math"
	"runtime/debug"
	"slices"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/mining/words"
)

// batchRows is the number of customers scored and written at a time.
const batchRows = 1 << 16

// Scorer fills the columns of all steps, batch by batch, in the order of the table.
type Scorer struct {
	base    []mining.Column
	parts   []part
	reads   []string
	workers int
	fill    func(dst *mining.Scores, b *mining.Batch)
	words   *words.Words
}

// part is a step and the scorer of its columns: nil where the columns stay
// null.
type part struct {
	step   *mining.Step
	scorer mining.Scorer
}

// Base are the columns before the columns of the steps: for every customer, in every
// job.
type Base struct {
	Columns []mining.Column
	Reads   []string
	Fill    func(dst *mining.Scores, b *mining.Batch)
}

// recency is the feature that distinguishes customers with a purchase from customers
// without.
const recency = "recency_days"

// NewScorer returns a scorer of the steps of a table. of returns the scorer for the
// columns of a step, nil for none.
func NewScorer(table []*mining.Step, of func(*mining.Step) mining.Scorer, base Base, workers int) *Scorer {
	s := &Scorer{base: base.Columns, fill: base.Fill, workers: workers}
	s.read(base.Reads...)
	s.read(recency)
	for _, step := range table {
		if len(step.Columns) == 0 {
			continue
		}
		p := part{step, of(step)}
		if p.scorer != nil {
			s.read(p.scorer.Reads()...)
		}
		s.parts = append(s.parts, p)
	}
	return s
}

func (s *Scorer) read(names ...string) {
	for _, name := range names {
		if !slices.Contains(s.reads, name) {
			s.reads = append(s.reads, name)
		}
	}
}

// Also adds columns of the table to the batches, beside the columns read in scoring.
func (s *Scorer) Also(names ...string) { s.read(names...) }

// Speak sets the words in which texts of the customers are written. Without it they are
// written in English.
func (s *Scorer) Speak(w *words.Words) { s.words = w }

// Reads returns the columns of the table read in scoring, each once.
func (s *Scorer) Reads() []string { return s.reads }

// Columns returns the columns in order, the key left out.
func (s *Scorer) Columns() []mining.Column {
	columns := slices.Clone(s.base)
	for _, p := range s.parts {
		columns = append(columns, p.step.Columns...)
	}
	return columns
}

// Batches returns the scores of all customers in the order of ids: each batch with
// columns in the order of Columns.
func (s *Scorer) Batches(ctx context.Context, table *features.Table) iter.Seq2[*Scored, error] {
	return func(yield func(*Scored, error) bool) {
		var last *mining.Batch
		for g, err := range table.Groups(ctx, s.reads, batchRows) {
			if err != nil {
				yield(nil, err)
				return
			}
			b := mining.NewBatch(g.IDs, s.reads, g.Columns)
			b.First = g.First
			b.Speak(s.words)
			if last != nil {
				b.Reuse(last)
			}
			last = b
			columns, err := s.score(ctx, b)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&Scored{b, columns}, nil) {
				return
			}
		}
	}
}

// Scored is a batch with its columns.
type Scored struct {
	*mining.Batch
	Columns []*mining.Scored
}

func (s *Scorer) score(ctx context.Context, b *mining.Batch) ([]*mining.Scored, error) {
	base := mining.NewScores(s.base, b.Rows)
	s.fill(base, b)
	columns := base.Columns()
	for _, c := range columns {
		b.Add(c)
	}
	never := neverBought(b)
	for _, p := range s.parts {
		dst := mining.NewScores(p.step.Columns, b.Rows)
		if p.scorer != nil {
			if err := scoreGuarded(ctx, p, dst, b, s.workers); err != nil {
				return nil, err
			}
		}
		for _, c := range dst.Columns() {
			if !p.step.Returners {
				makeNull(c, never)
			}
			b.Add(c)
			columns = append(columns, c)
		}
	}
	return columns, nil
}

// scoreGuarded turns a panic of a step, a bug of ours, into an error with the name of the
// step.
func scoreGuarded(ctx context.Context, p part, dst *mining.Scores, b *mining.Batch, workers int) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("step %s: BUG: %v\n%s", p.step.Name, v, debug.Stack())
		}
	}()
	if err := p.scorer.ScoreTo(ctx, dst, b, workers); err != nil {
		return fmt.Errorf("step %s: scoring: %w", p.step.Name, err)
	}
	return nil
}

// neverBought returns the rows of customers who have bought nothing: only returns are on
// record.
func neverBought(b *mining.Batch) []int {
	var rows []int
	for i, days := range b.Column(recency) {
		if math.IsNaN(days) {
			rows = append(rows, i)
		}
	}
	return rows
}

// makeNull makes the values of rows null.
func makeNull(c *mining.Scored, rows []int) {
	if len(rows) == 0 {
		return
	}
	v := &c.Values
	if v.Floats != nil {
		v.Floats = slices.Clone(v.Floats) // which may be a column of the table
		for _, i := range rows {
			v.Floats[i] = math.NaN()
		}
		if v.Valid == nil {
			return
		}
	}
	if v.Valid == nil {
		panic(fmt.Sprintf("steps: BUG: column %s cannot be null", c.Column.Name))
	}
	v.Valid = slices.Clone(v.Valid)
	for _, i := range rows {
		v.Valid.Clear(i)
	}
}
