package recommend

import (
	"context"
	"sync/atomic"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features/holdings"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/neighbour"
)

// scorer makes the lists of customers from their holdings, and fills the columns from the
// lists. A run and "quintile score" share the scorer.
type scorer struct {
	*collector
	model  *Model
	items  []uint32 // of the model, by code of the run; none where the model does not know it
	groups []uint32 // of the run, by category of the model's propensity; none where the run has not got it; nil: there are none

	first     []uint32 // customers by item that begins their list
	customers int64    // with a list
	repeats   int64    // whose list begins with an item held
}

// known replaces the codes of items by the codes of the model, and drops
// unknown items.
func known(items []holdings.Item, of []uint32) []holdings.Item {
	kept := items[:0]
	for _, it := range items {
		if it.Code = of[it.Code]; it.Code != none {
			kept = append(kept, it)
		}
	}
	return kept
}

// makeLists makes the list of every customer, partition by partition.
func (s *scorer) makeLists(ctx context.Context, workers int) error {
	s.first = make([]uint32, len(s.model.items))
	return models.Parallel(ctx, workers, s.held.Partitions(), func(p int) error {
		var part holdings.Part
		if err := s.held.Read(&part, p); err != nil {
			return mining.SpillError(err)
		}
		words, err := s.partition(ctx, &part)
		if err != nil {
			return err
		}
		return mining.SpillError(s.lists.put(p, p%workers, words))
	})
}

// partition returns the records of the customers of a partition.
func (s *scorer) partition(ctx context.Context, part *holdings.Part) ([]uint32, error) {
	m := s.model
	rows := neighbour.Rows{ItemCount: len(m.items)}
	holders := make([]holder, part.Len())
	var items []holdings.Item
	for i := range holders {
		items = known(part.Items(items[:0], i), s.items)
		holders[i].set(items, s.asOf)
		rows.Add(holders[i].row)
	}
	fresh, err := m.fresh(ctx, rows, max(freshCandidates, m.top), 1)
	if err != nil {
		return nil, err
	}
	words := make([]uint32, 0, len(holders)*s.lists.stride)
	var list []candidate
	for i := range holders {
		h := &holders[i]
		list = list[:0]
		if len(h.held) > 0 {
			list = m.list(list, h, s.asOf, fresh[i], &m.probabilities, m.top)
			s.count(list)
		}
		for k := range m.top {
			words = append(words, none, 0, 0, 0, 0, 0)
			if k < len(list) {
				e := m.entry(&list[k], h, s.asOf)
				e.put(words[len(words)-entryWords:])
			}
		}
	}
	return words, nil
}

func (s *scorer) count(list []candidate) {
	if len(list) == 0 {
		return
	}
	atomic.AddUint32(&s.first[list[0].item], 1)
	atomic.AddInt64(&s.customers, 1)
	atomic.AddInt64(&s.repeats, int64(kind(&list[0])))
}

// entry describes a candidate with the data for its reason.
func (m *Model) entry(c *candidate, h *holder, day datasets.Day) entry {
	e := entry{item: c.item, prob: c.prob, with: none}
	if c.held != nil {
		e.times, e.since, e.gap = uint32(c.held.Times), uint32(day-c.held.Last), float32(c.held.MeanGap())
		return e
	}
	if source, both, found := m.links.strongest(c.item, h.row); found && m.ever[source] > 0 {
		e.with, e.share = source, float32(float64(both)/float64(m.ever[source]))
	}
	return e
}

// Reads returns the column that says where a customer is.
func (s *scorer) Reads() []string { return []string{placeColumn} }

// ScoreTo sets the first product of each customer's list and its reason.
func (s *scorer) ScoreTo(_ context.Context, dst *mining.Scores, b *mining.Batch, _ int) error {
	v := table.Values{Codes: make([]uint32, b.Rows), Valid: datasets.NewBitmap(b.Rows), Dict: dictionary(s.model.items)}
	reasons := make([]string, b.Rows)
	var e entry
	var words [entryWords]uint32
	for i, at := range b.Column(placeColumn) {
		if err := s.lists.get(words[:], place(at)); err != nil {
			return mining.SpillError(err)
		}
		if e.get(words[:]) {
			v.Codes[i], reasons[i] = e.item, s.model.reason(&e, b.Words())
			v.Valid.Set(i)
		}
	}
	dst.Set(productColumn, v)
	dst.SetTexts(reasonColumn, reasons)
	return nil
}

// dictionary returns texts in the form for a column of codes: at least one
// text.
func dictionary(texts []string) (d datasets.Strings) {
	for _, text := range texts {
		d.Append([]byte(text))
	}
	if len(texts) == 0 {
		d.Append(nil)
	}
	return d
}

// Tables makes the lists, and returns the tables of "quintile score".
func (s *scorer) Tables(in *mining.Input) ([]mining.Table, error) {
	ctx := context.Background()
	if err := s.makeLists(ctx, in.Workers); err != nil {
		return nil, err
	}
	if err := s.makePropensities(ctx, in.Workers); err != nil {
		return nil, err
	}
	return s.tables(in), nil
}

func (s *scorer) tables(in *mining.Input) []mining.Table {
	tables := []mining.Table{s.listsTable(in)}
	if s.groups != nil {
		tables = append(tables, s.propensityTable(in))
	}
	return tables
}
