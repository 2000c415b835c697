package recommend

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// customerColumn is the key of both tables.
var customerColumn = mining.Column{Column: table.Column{
	Name: "customer", Type: table.Text, Dictionary: true, Description: "id of the customer",
}}

// listColumns describes recommendations.parquet.
var listColumns = []mining.Column{
	customerColumn,
	{Column: table.Column{Name: "rank", Type: table.Int32, Description: "place in the customer's list, from 1"}},
	{Column: table.Column{Name: "product", Type: table.Text, Dictionary: true, Description: "code of the product, or value of the `dimension`"}},
	{Column: table.Column{Name: "description", Type: table.Text, Dictionary: true, Nullable: true, Description: "its most frequent description"}},
	{Column: table.Column{Name: "kind", Type: table.Text, Dictionary: true, Description: "repeat: bought before; new: never bought by the customer"}},
	{Column: table.Column{
		Name: "score", Type: table.Float64, Unit: "probability", Description: "calibrated probability that the customer buys the product within the horizon",
	}},
	{Column: table.Column{Name: "reason", Type: table.Text, Dictionary: true, Description: "why this product, in words"}},
}

// propensityColumns describes propensity.parquet.
var propensityColumns = []mining.Column{
	customerColumn,
	{Column: table.Column{Name: "category", Type: table.Text, Dictionary: true, Description: "one of the categories that most customers bought"}},
	{Column: table.Column{
		Name: "prob", Type: table.Float64, Unit: "probability", Description: "probability that the customer buys in the category within the horizon",
	}},
}

// groupRows is the number of customers whose rows are written at a time.
const groupRows = 1 << 13

// eachRecord calls do with the records of all customers, in the order of their ids. do is
// handed the number of the customer within ids.
func eachRecord(ctx context.Context, in *mining.Input, r *records, do func(i int, words []uint32), flush func(ids datasets.Strings) error) error {
	words := make([]uint32, r.stride)
	for g, err := range in.Table.Groups(ctx, []string{placeColumn}, groupRows) {
		if err != nil {
			return err
		}
		for i, at := range g.Columns[0] {
			if err := r.get(words, place(at)); err != nil {
				return mining.SpillError(err)
			}
			do(i, words)
		}
		if err := flush(g.IDs); err != nil {
			return err
		}
	}
	return nil
}

// listsTable returns recommendations.parquet. It reads the table of features, and so is
// written beside segments.parquet.
func (s *scorer) listsTable(in *mining.Input) mining.Table {
	m := s.model
	return mining.Table{Name: listsFile, Columns: listColumns, SortedBy: []string{"customer", "rank"}, Customers: true,
		Write: func(ctx context.Context, w mining.TableWriter) error {
			items, kinds := dictionary(m.items), dictionary([]string{"new", "repeat"})
			described := dictionary(m.descriptions)
			v := make([]table.Values, len(listColumns))
			rows := 0
			var e entry
			return eachRecord(ctx, in, &s.lists, func(i int, words []uint32) {
				for k := range m.top {
					if !e.get(words[k*entryWords:]) {
						break
					}
					v[0].Codes = append(v[0].Codes, uint32(i))
					v[1].Int32s = append(v[1].Int32s, int32(k+1))
					v[2].Codes = append(v[2].Codes, e.item)
					v[4].Codes = append(v[4].Codes, min(1, e.times))
					v[5].Floats = append(v[5].Floats, e.prob)
					v[6].Strings = append(v[6].Strings, m.reason(&e, in.Words))
					rows++
				}
			}, func(ids datasets.Strings) error {
				v[0].Dict, v[2].Dict, v[4].Dict = ids, items, kinds
				v[3] = m.described(v[2].Codes, described)
				if rows == 0 {
					return nil
				}
				err := w.Write(v, rows)
				for k := range v {
					v[k] = table.Values{
						Codes: v[k].Codes[:0], Int32s: v[k].Int32s[:0], Floats: v[k].Floats[:0], Strings: v[k].Strings[:0],
					}
				}
				rows = 0
				return err
			})
		}}
}

// described returns the descriptions of items, null where there is none.
func (m *Model) described(items []uint32, dict datasets.Strings) table.Values {
	v := table.Values{Codes: make([]uint32, len(items)), Valid: datasets.NewBitmap(len(items)), Dict: dict}
	if m.descriptions == nil {
		return v
	}
	for i, item := range items {
		if m.descriptions[item] != "" {
			v.Codes[i] = item
			v.Valid.Set(i)
		}
	}
	return v
}

// mainTexts returns the categories of a run by code.
func mainTexts(r *mining.Run) []string {
	if !r.Mapped.Has(features.Category) {
		return nil
	}
	return texts(r, datasets.Category)
}

// propensityTable returns propensity.parquet.
func (s *scorer) propensityTable(in *mining.Input) mining.Table {
	names := s.model.propensity.names()
	return mining.Table{Name: propensityFile, Columns: propensityColumns, SortedBy: []string{"customer", "category"}, Customers: true,
		Write: func(ctx context.Context, w mining.TableWriter) error {
			v := make([]table.Values, len(propensityColumns))
			dict := dictionary(names)
			rows := 0
			return eachRecord(ctx, in, &s.propensities, func(i int, words []uint32) {
				for k := range names {
					if words[k] == none {
						continue
					}
					v[0].Codes, v[1].Codes = append(v[0].Codes, uint32(i)), append(v[1].Codes, uint32(k))
					v[2].Floats = append(v[2].Floats, float64(math.Float32frombits(words[k])))
					rows++
				}
			}, func(ids datasets.Strings) error {
				v[0].Dict, v[1].Dict = ids, dict
				if rows == 0 {
					return nil
				}
				err := w.Write(v, rows)
				v[0].Codes, v[1].Codes, v[2].Floats = v[0].Codes[:0], v[1].Codes[:0], v[2].Floats[:0]
				rows = 0
				return err
			})
		}}
}
