package mining

import (
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining/words"
	"github.com/quintile-dev/quintile/models"
)

// Batch is some customers to be scored, in the order of their ids.
type Batch struct {
	IDs   datasets.Strings
	First int // position of the first of them among all customers
	Rows  int

	names   []string
	columns [][]float64
	matrix  [][]float32
	scores  map[string]*Scored
	words   *words.Words
}

// Scored is a column of segments.parquet and its values in a batch.
type Scored struct {
	Column Column
	Values table.Values
}

// NewBatch returns a batch of these columns.
func NewBatch(ids datasets.Strings, names []string, columns [][]float64) *Batch {
	return &Batch{IDs: ids, Rows: ids.Len(), names: names, columns: columns, scores: map[string]*Scored{}}
}

// Speak sets the words in which texts of the customers are written.
func (b *Batch) Speak(w *words.Words) { b.words = w }

// Words returns the words in which texts of the customers are written: English where none
// are set.
func (b *Batch) Words() *words.Words {
	if b.words == nil {
		b.words = words.MustOpen(words.English, "")
	}
	return b.words
}

// Column returns a column that the scorer reads. NaN is a missing value.
func (b *Batch) Column(name string) []float64 {
	at := slices.Index(b.names, name)
	if at < 0 {
		panic(fmt.Sprintf("mining: BUG: a scorer reads %s, which it does not name", name))
	}
	return b.columns[at]
}

// Matrix returns columns as they are, rounded to float32. The matrix is good until the
// next call.
func (b *Batch) Matrix(names []string) models.Matrix {
	x := b.Room(names)
	for j, name := range names {
		for i, v := range b.Column(name) {
			x.Cols[j][i] = float32(v)
		}
	}
	return x
}

// Room returns a matrix of named columns to be filled. It is good until the next call of
// Room or Matrix.
func (b *Batch) Room(names []string) models.Matrix {
	for len(b.matrix) < len(names) {
		b.matrix = append(b.matrix, nil)
	}
	x := models.Matrix{Names: names, Cols: make([][]float32, len(names))}
	for j := range names {
		b.matrix[j] = slices.Grow(b.matrix[j][:0], b.Rows)[:b.Rows]
		x.Cols[j] = b.matrix[j]
	}
	return x
}

// Reuse lets b take over the memory of an earlier batch, which is used no more.
func (b *Batch) Reuse(earlier *Batch) { b.matrix = earlier.matrix }

// Score returns a column filled by an earlier step, nil where there is none.
func (b *Batch) Score(name string) *Scored { return b.scores[name] }

// Add makes a column known to the steps after it.
func (b *Batch) Add(s *Scored) { b.scores[s.Column.Name] = s }

// Scores are the columns of one step in a batch, addressed by name.
type Scores struct {
	columns []Column
	values  []table.Values
	set     []bool
	rows    int
}

// NewScores returns columns of so many rows, none of them set.
func NewScores(columns []Column, rows int) *Scores {
	return &Scores{columns, make([]table.Values, len(columns)), make([]bool, len(columns)), rows}
}

// Rows returns the number of customers.
func (s *Scores) Rows() int { return s.rows }

// Set sets a column.
func (s *Scores) Set(name string, v table.Values) {
	at := slices.IndexFunc(s.columns, func(c Column) bool { return c.Name == name })
	if at < 0 {
		panic(fmt.Sprintf("mining: BUG: the step has no column %s", name))
	}
	s.values[at], s.set[at] = v, true
}

// SetNumbers sets a column of numbers from float64, NaN as null. Whole numbers are
// rounded.
func (s *Scores) SetNumbers(name string, values []float64) {
	at := slices.IndexFunc(s.columns, func(c Column) bool { return c.Name == name })
	if at < 0 {
		panic(fmt.Sprintf("mining: BUG: the step has no column %s", name))
	}
	s.values[at], s.set[at] = Numbers(s.columns[at], values), true
}

// SetNames sets a column of texts from labels, −1 as null.
func (s *Scores) SetNames(name string, labels []int32, names []string) {
	v := table.Values{Codes: make([]uint32, len(labels)), Valid: datasets.NewBitmap(len(labels))}
	for _, name := range names {
		v.Dict.Append([]byte(name))
	}
	if len(names) == 0 {
		v.Dict.Append(nil)
	}
	for i, l := range labels {
		if l >= 0 {
			v.Codes[i] = uint32(l)
			v.Valid.Set(i)
		}
	}
	s.Set(name, v)
}

// SetTexts sets a column of texts, "" as null.
func (s *Scores) SetTexts(name string, texts []string) {
	v := table.Values{Strings: texts, Valid: datasets.NewBitmap(len(texts))}
	for i, text := range texts {
		if text != "" {
			v.Valid.Set(i)
		}
	}
	s.Set(name, v)
}

// Columns returns the columns with their values. Columns not set are null.
func (s *Scores) Columns() []*Scored {
	out := make([]*Scored, len(s.columns))
	for i, c := range s.columns {
		if !s.set[i] {
			s.values[i] = Null(c, s.rows)
		}
		out[i] = &Scored{c, s.values[i]}
	}
	return out
}

// Numbers returns the values of a column of numbers, NaN as null.
func Numbers(c Column, values []float64) table.Values {
	if c.Type == table.Float64 {
		return table.Values{Floats: values}
	}
	factor := 1.0
	if c.Type == table.Decimal {
		factor = math.Pow10(c.Scale)
	}
	v := table.Values{Valid: datasets.NewBitmap(len(values))}
	narrow := c.Type == table.Int32 || c.Type == table.Date
	if narrow {
		v.Int32s = make([]int32, len(values))
	} else {
		v.Ints = make([]int64, len(values))
	}
	for i, x := range values {
		if math.IsNaN(x) {
			continue
		}
		v.Valid.Set(i)
		if narrow {
			v.Int32s[i] = int32(math.Round(x))
		} else {
			v.Ints[i] = int64(math.Round(x * factor))
		}
	}
	return v
}

// Null returns a column without any value.
func Null(c Column, rows int) table.Values {
	v := table.Values{Valid: datasets.NewBitmap(rows)}
	switch c.Type {
	case table.Text:
		v.Codes = make([]uint32, rows)
		v.Dict.Append(nil)
	case table.TextList:
		v.Lists = make([][]string, rows)
	case table.Bool:
		v.Bools = make([]bool, rows)
	case table.Float64, table.Float32:
		v.Floats = make([]float64, rows)
	case table.Int32, table.Date:
		v.Int32s = make([]int32, rows)
	default:
		v.Ints = make([]int64, rows)
	}
	return v
}
