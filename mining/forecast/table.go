package forecast

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
)

// table returns forecast.parquet: series by series, the past and then what is to come.
func (t *task) table(list []*series) mining.Table {
	return mining.Table{Name: file, Columns: columns, Write: func(_ context.Context, w mining.TableWriter) error {
		for _, s := range list {
			if err := w.Write(t.rows(s)); err != nil {
				return err
			}
		}
		return nil
	}}
}

// rows returns the rows of a series.
func (t *task) rows(s *series) (v []table.Values, rows int) {
	past := len(s.values)
	rows = past + len(s.point)
	v = make([]table.Values, len(columns))
	nan := func(n int) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = math.NaN()
		}
		return out
	}
	constant := func(text string) table.Values {
		c := table.Values{Codes: make([]uint32, rows)}
		c.Dict.Append([]byte(text))
		return c
	}
	for i := range rows {
		v[1].Int32s = append(v[1].Int32s, int32(t.calendar.start(s.from+i)))
	}
	v[2].Floats = append(append(v[2].Floats, s.values...), nan(len(s.point))...)
	for k, values := range [][]float64{s.point, s.low, s.high} {
		v[3+k].Floats = append(nan(past), values...)
	}
	v[0], v[6], v[7], v[8] = constant(s.name()), constant(s.dimension), constant(s.member), constant(s.measure)
	v[7].Valid = datasets.NewBitmap(rows)
	if s.dimension != all {
		for i := range rows {
			v[7].Valid.Set(i)
		}
	}
	return v, rows
}
