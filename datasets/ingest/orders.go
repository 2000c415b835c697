package ingest

import (
	"context"
	"errors"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/quintile-dev/quintile/datasets"
)

// orderSet holds orders with a line that matches a rule for whole orders.
type orderSet map[string]struct{}

// bytesOfOrder is about the memory of an order in a set, beside its text.
const bytesOfOrder = 48

// settleOrders finds the orders taken whole by the rules of each source, in a first pass over the files.
//
// Errors: the errors of reading; *datasets.FileError where the orders take more memory than allowed.
func (c Config) settleOrders(ctx context.Context, files []*file, budget *lineBudget) error {
	bySource := map[*Source][]*file{}
	for _, f := range files {
		if f.source.takesOrders() {
			bySource[f.source] = append(bySource[f.source], f)
		}
	}
	for i := range c.Sources {
		mine := bySource[&c.Sources[i]]
		if len(mine) == 0 {
			continue
		}
		sets, err := c.findOrders(ctx, mine, budget)
		if err != nil {
			return err
		}
		for _, f := range mine {
			f.mapping.eachRule(func(k int, r *boundRule) { r.orders = sets[k] })
		}
	}
	return nil
}

// takesOrders reports whether a rule of the source takes whole orders.
func (s *Source) takesOrders() bool {
	takes := s.Returns != nil && s.Returns.ByOrder
	for i := range s.SetAside {
		takes = takes || s.SetAside[i].ByOrder
	}
	return takes
}

// eachRule calls do with the rules for whole orders, by number.
func (m *mapping) eachRule(do func(k int, r *boundRule)) {
	for k := range m.rules {
		if m.rules[k].ByOrder {
			do(k, &m.rules[k])
		}
	}
	if m.ret != nil && m.ret.ByOrder {
		do(len(m.rules), m.ret)
	}
}

// findOrders returns the orders that each rule matches in any file of a source.
func (c *Config) findOrders(ctx context.Context, files []*file, budget *lineBudget) (map[int]orderSet, error) {
	workers := max(c.Workers, 1)
	found := make([]map[int]orderSet, workers)
	jobs := make(chan job, workers)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(jobs)
		for _, f := range files {
			if err := sendParts(ctx, f, jobs); err != nil {
				return err
			}
		}
		return nil
	})
	for k := range workers {
		g.Go(func() error {
			found[k] = map[int]orderSet{}
			s := orderSearch{found: found[k], budget: budget, w: mapper{clock: newClock(c.Zone)}}
			for j := range jobs {
				if err := j.part.Each(&s.frame, func() error { return s.look(j.file.mapping) }); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all := map[int]orderSet{}
	for _, sets := range found {
		for k, set := range sets {
			if all[k] == nil {
				all[k] = orderSet{}
			}
			for order := range set {
				all[k][order] = struct{}{}
			}
		}
	}
	return all, nil
}

// sendParts opens a file and sends its parts.
func sendParts(ctx context.Context, f *file, jobs chan<- job) (err error) {
	reader, err := f.Open(f.source.CSV)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	reader = f.inOrder(reader, false)
	if err := reader.Select(f.mapping.selected); err != nil {
		return err
	}
	for {
		part, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case jobs <- job{f, part}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// orderSearch looks for orders as one worker does.
type orderSearch struct {
	frame  datasets.Frame
	w      mapper
	found  map[int]orderSet
	budget *lineBudget
}

func (s *orderSearch) look(m *mapping) error {
	w := &s.w
	w.m, w.frame, w.quiet = m, &s.frame, true
	w.counts = &counts{}
	w.addConstants()
	w.addLookups()
	w.prepareNumbers()
	w.markMissing()
	order := w.column(Order)
	added := int64(0)
	m.eachRule(func(k int, r *boundRule) {
		if s.found[k] == nil {
			s.found[k] = orderSet{}
		}
		match := w.matchRow(w.rowsOf(s.frame.Rows), r)
		for i := range uint32(s.frame.Rows) {
			if !match(i) || w.isMissing(order, int(i)) {
				continue
			}
			id := w.textOf(order, i)
			if _, known := s.found[k][string(id)]; !known {
				s.found[k][string(id)] = struct{}{}
				added += bytesOfOrder + int64(len(id))
			}
		}
	})
	return s.budget.take(m.path, added, "orders that rules take whole", "raise memory, or leave by: order out of rules that match most orders")
}
