package mining

import (
	"math"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining/filter"
)

// ColumnOf returns a column of a batch in the form for conditions and rankings, whether
// filled by a step or held by the table of features. Attributes of text are texts. A list
// of texts has no values.
func (r *Run) ColumnOf(b *Batch, name string) filter.Column {
	if s := b.Score(name); s != nil {
		return scoredColumn(s, b.Rows)
	}
	values := b.Column(name)
	for _, a := range r.Attributes {
		if a.Name == name && a.Category {
			return filter.Column{Texts: textsOf(values, textList(r.Categories(name)))}
		}
	}
	return filter.Column{Numbers: values}
}

// textList copies texts.
func textList(s *datasets.Strings) []string {
	out := make([]string, s.Len())
	for i := range out {
		out[i] = string(s.At(i))
	}
	return out
}

// textsOf returns the texts of codes, "" for NaN.
func textsOf(codes []float64, names []string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		if c == c {
			out[i] = names[int(c)]
		}
	}
	return out
}

// scoredColumn returns a column that a step has filled.
func scoredColumn(s *Scored, rows int) filter.Column {
	v := &s.Values
	switch s.Column.Type {
	case table.TextList:
		return filter.Column{}
	case table.Text:
		return filter.Column{Texts: scoredTexts(v, rows)}
	}
	out := make([]float64, rows)
	for i := range out {
		switch {
		case !v.Valid.Get(i):
			out[i] = math.NaN()
		case v.Floats != nil:
			out[i] = v.Floats[i]
		case v.Float32s != nil:
			out[i] = float64(v.Float32s[i])
		case v.Int32s != nil:
			out[i] = float64(v.Int32s[i])
		case v.Bools != nil:
			if v.Bools[i] {
				out[i] = 1
			}
		default:
			out[i] = float64(v.Ints[i])
			if s.Column.Type == table.Decimal {
				out[i] /= math.Pow10(s.Column.Scale)
			}
		}
	}
	return filter.Column{Numbers: out}
}

func scoredTexts(v *table.Values, rows int) []string {
	out := make([]string, rows)
	names := textList(&v.Dict)
	for i := range out {
		switch {
		case !v.Valid.Get(i):
		case v.Codes != nil:
			out[i] = names[v.Codes[i]]
		case v.Strings != nil:
			out[i] = v.Strings[i]
		default:
			out[i] = string(v.Texts.At(i))
		}
	}
	return out
}
