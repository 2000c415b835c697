package migration

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
)

// follower goes through the customers of both runs side by side, in the order of their ids.
type follower struct {
	asOf, then datasets.Day
	groupings  []*followed
	money      bool // some customer has money

	before, now, both int64 // customers of the reference, of this run, and of both
}

// followed holds the findings about a grouping.
type followed struct {
	grouping
	book

	limits matrix // both by the limits of the reference
	own    matrix // each as its run ranked customers itself
	scored bool   // a model of the reference has scored the customers of this run
	apart  bool   // the numbers of the reference and of this run have nothing to do with each other
	seen   bool   // somebody has a group in this run

	last   []int32 // of each customer of this run, the group in the reference: its label, or its number where it is one; none for no group
	since  []int32 // day
	labels [3][]int32
}

// The places of labels: the groups of a batch of the reference, of this run by its own limits, and of this run by the
// limits of the reference.
const (
	thenLabels = iota
	ownLabels
	nowLabels
)

// none is the label of no group.
const none = -1

func newFollower(in *mining.Input) *follower {
	f := &follower{asOf: in.AsOf, then: in.Reference.AsOf}
	for _, g := range groupings {
		// Groups found for an earlier day on the way are numbered by themselves.
		w := &followed{apart: in.Reference.Made && g.named != "", grouping: g, book: newBook(), last: make([]int32, in.Table.Len()), since: make([]int32, in.Table.Len())}
		w.limits, w.own = matrix{}, matrix{}
		if known := in.Groups(g.column); known != nil {
			for _, name := range known.Names {
				w.code(name)
			}
		}
		f.groupings = append(f.groupings, w)
	}
	return f
}

// walk follows all customers.
func (f *follower) walk(ctx context.Context, in *mining.Input) error {
	var here, there []string
	for _, g := range f.groupings {
		here = append(here, g.column)
		there = append(there, g.column, g.column+sinceSuffix)
		if g.named != "" {
			here, there = append(here, g.named), append(there, g.named)
		}
	}
	next, stop := iter.Pull2(in.Reference.Now(ctx, here))
	defer stop()
	past := newCursor(in.Reference.Then(ctx, append(there, "monetary")))
	defer past.stop()
	if err := past.next(f); err != nil {
		return err
	}
	for own, err := range in.Scores(ctx, here) {
		if err != nil {
			return err
		}
		now, err, more := next()
		if err != nil {
			return err
		}
		if !more || now.First != own.First || now.Rows != own.Rows {
			return errors.New("BUG: the customers of this run come in other batches by the limits of the reference")
		}
		if err := f.batch(own, now, past); err != nil {
			return err
		}
	}
	for !past.ended {
		if err := f.leave(past); err != nil {
			return err
		}
	}
	return nil
}

// batch follows the customers of a batch of this run.
func (f *follower) batch(own, now *mining.Batch, past *cursor) error {
	for _, g := range f.groupings {
		g.read(ownLabels, own)
		if now.Score(g.nameColumn()) != nil {
			g.scored = true
			g.read(nowLabels, now)
		} else {
			g.labels[nowLabels] = append(g.labels[nowLabels][:0], g.labels[ownLabels]...)
		}
	}
	money := moneyOf(own)
	for i := range own.Rows {
		id := own.IDs.At(i)
		for !past.ended && bytes.Compare(past.id(), id) < 0 {
			if err := f.leave(past); err != nil {
				return err
			}
		}
		f.now++
		met := !past.ended && bytes.Equal(past.id(), id)
		f.money = f.money || !math.IsNaN(money(i))
		for _, g := range f.groupings {
			g.meet(f, past, met, i, own.First+i, millionths(money(i)), own)
		}
		if !met {
			continue
		}
		f.both++
		if err := past.next(f); err != nil {
			return err
		}
	}
	return nil
}

// meet notes a customer of this run, row i of the batch and the customer at in all.
func (g *followed) meet(f *follower, past *cursor, met bool, i, at int, money int64, own *mining.Batch) {
	before := int32(none)
	if met {
		before = g.labels[thenLabels][past.at]
	}
	label, ranked := g.labels[nowLabels][i], g.labels[ownLabels][i]
	g.limits.add(before, label, money)
	if !g.apart {
		g.own.add(before, ranked, money)
	}
	g.last[at], g.since[at] = none, none
	g.seen = g.seen || ranked != none
	if ranked == none || g.apart {
		return
	}
	g.since[at] = int32(f.asOf)
	if before == none {
		return
	}
	g.last[at] = before
	same := ranked == before
	if g.named != "" {
		number, _ := whole(past.batch.Score(g.column), past.at)
		this, _ := whole(own.Score(g.column), i)
		g.last[at], same = number, this == number
	}
	if !same {
		return
	}
	g.since[at] = int32(f.then)
	if day, has := whole(past.batch.Score(g.column+sinceSuffix), past.at); has {
		g.since[at] = day
	}
}

// leave notes a customer of the reference who is not there any more, and goes on to the next.
func (f *follower) leave(past *cursor) error {
	for _, g := range f.groupings {
		before := g.labels[thenLabels][past.at]
		money := millionths(past.money(past.at))
		g.limits.add(before, none, money)
		if !g.apart {
			g.own.add(before, none, money)
		}
	}
	return past.next(f)
}

// cursor goes through the customers of the reference.
type cursor struct {
	pull  func() (*mining.Batch, error, bool)
	stop  func()
	batch *mining.Batch
	at    int
	money func(i int) float64
	ended bool
}

func newCursor(batches iter.Seq2[*mining.Batch, error]) *cursor {
	c := &cursor{}
	c.pull, c.stop = iter.Pull2(batches)
	return c
}

func (c *cursor) id() []byte { return c.batch.IDs.At(c.at) }

// next goes on to the next customer.
func (c *cursor) next(f *follower) error {
	c.at++
	for c.batch == nil || c.at >= c.batch.Rows {
		b, err, more := c.pull()
		if err != nil {
			return err
		}
		if !more {
			c.ended = true
			return nil
		}
		c.batch, c.at, c.money = b, 0, moneyOf(b)
		for _, g := range f.groupings {
			g.read(thenLabels, b)
		}
	}
	f.before++
	return nil
}

// book numbers the names of groups in the order of appearance.
type book struct {
	names []string
	of    map[string]int32
}

func newBook() book { return book{of: map[string]int32{}} }

func (b *book) code(name string) int32 {
	code, known := b.of[name]
	if !known {
		code = int32(len(b.names))
		b.names, b.of[name] = append(b.names, name), code
	}
	return code
}

// read sets labels of a place to the groups of a batch.
func (g *followed) read(place int, b *mining.Batch) {
	labels := g.labels[place][:0]
	defer func() { g.labels[place] = labels }()
	s := b.Score(g.nameColumn())
	if s == nil {
		for range b.Rows {
			labels = append(labels, none)
		}
		return
	}
	v := &s.Values
	codes := map[uint32]int32{} // of the entries of the dictionary that occur
	for i := range b.Rows {
		if v.Valid != nil && !v.Valid.Get(i) {
			labels = append(labels, none)
			continue
		}
		if v.Codes == nil {
			labels = append(labels, g.code(text(v, i)))
			continue
		}
		code, known := codes[v.Codes[i]]
		if !known {
			code = g.code(string(v.Dict.At(int(v.Codes[i]))))
			codes[v.Codes[i]] = code
		}
		labels = append(labels, code)
	}
}

// text returns a text of a column without a dictionary.
func text(v *table.Values, i int) string {
	if v.Strings != nil {
		return v.Strings[i]
	}
	return string(v.Texts.At(i))
}

// whole returns a whole number or a day of a column, and false where there is none.
func whole(s *mining.Scored, i int) (int32, bool) {
	if s == nil || s.Values.Valid != nil && !s.Values.Valid.Get(i) {
		return none, false
	}
	if s.Values.Int32s != nil {
		return s.Values.Int32s[i], true
	}
	return int32(s.Values.Ints[i]), true
}

// moneyOf returns a function from the row of a batch to the money of the customer, NaN for unknown money.
func moneyOf(b *mining.Batch) func(i int) float64 {
	s := b.Score("monetary")
	if s == nil || s.Values.Floats == nil {
		return func(int) float64 { return math.NaN() }
	}
	return func(i int) float64 {
		if s.Values.Valid != nil && !s.Values.Valid.Get(i) {
			return math.NaN()
		}
		return s.Values.Floats[i]
	}
}

// millionths returns money in whole millionths, so that sums are exact; 0 for unknown money.
func millionths(v float64) int64 {
	if math.IsNaN(v) {
		return 0
	}
	return int64(math.Round(v * 1e6))
}
