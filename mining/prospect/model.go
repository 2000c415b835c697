package prospect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models/boost"
	"github.com/quintile-dev/quintile/models/linear"
)

// Model is what was learned of the best customers. It ranks the prospects of a later job.
type Model struct {
	encoding encoding
	ranker   ranker
}

// format tells files of the model from others.
const format = "quintile-prospect-1"

// document is a Model on paper.
type document struct {
	Format     string          `json:"format"`
	Attributes []attributeJSON `json:"attributes"`
	Champion   string          `json:"champion"`
	Ranker     json.RawMessage `json:"ranker"`
}

// attributeJSON is an attribute of the encoding on paper.
type attributeJSON struct {
	Name     string    `json:"name"`
	Category bool      `json:"category"`
	Levels   []string  `json:"levels,omitempty"`
	Shares   []float64 `json:"shares,omitempty"`
	Median   float64   `json:"median"`
	Missing  bool      `json:"missing"`
}

// MarshalJSON writes all of the model: read again, it scores the same bits.
func (m *Model) MarshalJSON() ([]byte, error) {
	d := document{Format: format}
	for _, a := range m.encoding {
		d.Attributes = append(d.Attributes, attributeJSON{a.name, a.category, a.levels, a.shares, a.median, a.missing})
	}
	var err error
	switch r := m.ranker.(type) {
	case *logistic:
		d.Champion = candidates[0].name
		d.Ranker, err = json.Marshal(r.model)
	case *boosted:
		d.Champion = candidates[1].name
		d.Ranker, err = json.Marshal(r.ensemble)
	default:
		err = errors.New("prospect: writing a model: got none, want one that was learned")
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(d)
}

// UnmarshalJSON reads what MarshalJSON wrote, into a Model that nothing else uses yet. It
// refuses anything that is not a whole, sound model.
func (m *Model) UnmarshalJSON(text []byte) error {
	var d document
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return fmt.Errorf("prospect: reading a model: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("prospect: reading a model: got more than one JSON value")
	}
	if d.Format != format {
		return fmt.Errorf("prospect: reading a model: got the format %q, want %q", d.Format, format)
	}
	e := make(encoding, len(d.Attributes))
	for k, a := range d.Attributes {
		e[k] = attribute{name: a.Name, category: a.Category, levels: a.Levels, shares: a.Shares, median: a.Median, missing: a.Missing}
		if a.Category {
			e[k].code = map[string]int{}
			for level, name := range a.Levels {
				e[k].code[name] = level
			}
		}
	}
	out := Model{encoding: e}
	switch d.Champion {
	case candidates[0].name:
		model := new(linear.Model)
		if err := json.Unmarshal(d.Ranker, model); err != nil {
			return fmt.Errorf("prospect: reading a model: %w", err)
		}
		out.ranker = &logistic{e, model}
	case candidates[1].name:
		ensemble := new(boost.Ensemble)
		if err := json.Unmarshal(d.Ranker, ensemble); err != nil {
			return fmt.Errorf("prospect: reading a model: %w", err)
		}
		out.ranker = &boosted{e, ensemble, 1}
	default:
		return fmt.Errorf("prospect: reading a model: got the champion %q, want logistic or boosting", d.Champion)
	}
	if err := out.Validate(); err != nil {
		return err
	}
	*m = out
	return nil
}

// Validate refuses a model whose ranker reads other columns than its attributes make.
func (m *Model) Validate() error {
	if m.ranker == nil || len(m.encoding) == 0 {
		return errors.New("prospect: got a model without attributes, want at least one")
	}
	none := make(values, len(m.encoding))
	for k, a := range m.encoding {
		none[k] = []float64{math.NaN()}
		if len(a.shares) != len(a.levels) || len(a.code) != len(a.levels) {
			return fmt.Errorf("prospect: attribute %d: got %d levels, %d of them different, and %d shares; want one share for each", k+1, len(a.levels), len(a.code), len(a.shares))
		}
	}
	if err := m.ranker.scoreTo(context.Background(), make([]float64, 1), none); err != nil {
		return fmt.Errorf("prospect: got a model that does not fit its attributes: %w", err)
	}
	return nil
}

// Reads returns none: the model fills no column of customers.
func (m *Model) Reads() []string { return nil }

// ScoreTo has no column to fill.
func (m *Model) ScoreTo(context.Context, *mining.Scores, *mining.Batch, int) error { return nil }

// Prepare returns what ranks the prospects of a job.
//
// Errors: where prospects lack an attribute that the model reads.
func (m *Model) Prepare(r *mining.Run) (mining.Prepared, error) {
	p := &prepared{Model: m, people: r.Prospects}
	if b, ok := m.ranker.(*boosted); ok {
		p.ranker = &boosted{b.encoding, b.ensemble, r.Workers}
	} else {
		p.ranker = m.ranker
	}
	if p.people == nil {
		return p, nil
	}
	for _, a := range m.encoding {
		if !slices.Contains(p.people.List(), datasets.Attribute{Name: a.name, Category: a.category}) {
			return nil, fmt.Errorf("got no attribute %s of prospects, by which the model was learned, want one; map it under inputs.prospects", a.name)
		}
	}
	return p, nil
}

// prepared ranks the prospects of a job.
type prepared struct {
	*Model
	ranker ranker
	people *datasets.Attributes // nil: the job names none
}

// Tables returns prospects.parquet, of those prospects who are no customers of the job.
func (p *prepared) Tables(in *mining.Input) ([]mining.Table, error) {
	if p.people == nil {
		return nil, nil
	}
	ctx := context.Background()
	customers := make([]bool, p.people.Len())
	for b, err := range in.Scores(ctx, nil) {
		if err != nil {
			return nil, err
		}
		markCustomers(customers, p.people, b)
	}
	l := &learned{encoding: p.encoding, ranker: p.ranker}
	for _, a := range p.encoding {
		l.list = append(l.list, datasets.Attribute{Name: a.name, Category: a.category})
	}
	ranked, err := l.rank(ctx, p.people, customers, in.Words)
	if err != nil {
		return nil, err
	}
	return []mining.Table{ranked.table()}, nil
}

// markCustomers notes which prospects are customers of a batch.
func markCustomers(customers []bool, people *datasets.Attributes, b *mining.Batch) {
	for i := range b.Rows {
		if number, found := people.Number(b.IDs.At(i)); found {
			customers[number] = true
		}
	}
}
