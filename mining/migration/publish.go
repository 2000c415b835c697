package migration

import (
	"context"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
)

// scorer fills the columns of the step from the findings about each customer.
type scorer struct{ groupings []*followed }

// Reads returns none: the customers of a batch are known by their places.
func (s *scorer) Reads() []string { return nil }

// ScoreTo sets the group in the reference and the day since which the group is the same.
func (s *scorer) ScoreTo(_ context.Context, dst *mining.Scores, b *mining.Batch, _ int) error {
	for _, g := range s.groupings {
		last, since := g.last[b.First:b.First+b.Rows], g.since[b.First:b.First+b.Rows]
		if g.named == "" {
			dst.SetNames(g.column+beforeSuffix, last, g.book.names)
		} else {
			dst.Set(g.column+beforeSuffix, wholes(last))
		}
		dst.Set(g.column+sinceSuffix, wholes(since))
	}
	return nil
}

// wholes returns whole numbers or days, none as null.
func wholes(values []int32) table.Values {
	v := table.Values{Int32s: values, Valid: datasets.NewBitmap(len(values))}
	for i, x := range values {
		if x != none {
			v.Valid.Set(i)
		}
	}
	return v
}

// noGroup stands for no group in tables.
const noGroup = "(none)"

func (g *followed) name(label int32) string {
	if label == none {
		return noGroup
	}
	return g.book.names[label]
}

// tables returns the tables of the step.
func (f *findings) tables() []mining.Table {
	matrix := mining.Table{Name: matrixFile, Columns: matrixColumns, Write: func(_ context.Context, w mining.TableWriter) error {
		for _, g := range f.groupings {
			values, rows := g.rows(f.money)
			if err := w.Write(values, rows); err != nil {
				return err
			}
		}
		return nil
	}}
	drift := mining.Table{Name: driftFile, Columns: driftColumns, Write: func(_ context.Context, w mining.TableWriter) error {
		v := make([]table.Values, len(driftColumns))
		for _, s := range f.shifts {
			v[0].Strings = append(v[0].Strings, s.feature)
			v[1].Floats, v[2].Floats, v[3].Floats = append(v[1].Floats, s.psi), append(v[2].Floats, s.js), append(v[3].Floats, s.ks)
			v[4].Bools, v[5].Bools = append(v[4].Bools, s.exact), append(v[5].Bools, s.makes)
		}
		return w.Write(v, len(f.shifts))
	}}
	return []mining.Table{matrix, drift}
}

// rows returns the rows of a grouping in the matrix.
func (g *followed) rows(money bool) (v []table.Values, rows int) {
	v = make([]table.Values, len(matrixColumns))
	ways := g.limits.ways()
	v[4].Valid = datasets.NewBitmap(len(ways))
	for i, way := range ways {
		c := g.limits[way]
		v[0].Strings = append(v[0].Strings, g.column)
		v[1].Strings, v[2].Strings = append(v[1].Strings, g.name(way[0])), append(v[2].Strings, g.name(way[1]))
		v[3].Ints = append(v[3].Ints, c.customers)
		v[4].Floats = append(v[4].Floats, float64(c.money)/1e6)
		if money {
			v[4].Valid.Set(i)
		}
		v[5].Floats = append(v[5].Floats, float64(c.customers)/float64(g.limits.row(way[0])))
	}
	return v, len(ways)
}
