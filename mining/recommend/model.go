package recommend

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models/neighbour"
)

// Model holds the data for making lists: the items, the facts about the items on the scoring
// date of the run, the weights, and the probabilities. A Model sees the events of customers
// before scoring; see Prepare.
type Model struct {
	top, horizonDays int
	dimension        string
	ranking
	items         []string // rising
	descriptions  []string // by item, "" for none; nil: no descriptions are mapped
	links         links
	probabilities probabilities
	propensity    *propensity // nil where no category is mapped or could be learned
}

// formatName is what the field "format" of a model's JSON says.
const formatName = "quintile.recommend/1"

// document is a model as JSON. Weights are those of neighbour.Model.MarshalBinary.
type document struct {
	Format        string        `json:"format"`
	Top           int           `json:"top"`
	HorizonDays   int           `json:"horizon_days"`
	Dimension     string        `json:"dimension"`
	RepeatsBy     string        `json:"repeats_by"`
	Probabilities probabilities `json:"probabilities"`
	Items         []string      `json:"items"`
	Descriptions  []string      `json:"descriptions,omitempty"`
	Recent        []uint32      `json:"recent"`
	Ever          []uint32      `json:"ever"`
	NotOffered    []uint32      `json:"not_offered,omitempty"`
	Weights       []byte        `json:"weights,omitempty"`
	Links         []byte        `json:"links,omitempty"`
	Propensity    *propensity   `json:"propensity,omitempty"`
}

// The rankings of items held.
const (
	byRhythm    = "rhythm"
	byFrequency = "frequency"
)

func (r *ranking) repeatsBy() string {
	if r.rhythm {
		return byRhythm
	}
	return byFrequency
}

// MarshalJSON writes all of the model: read again, it scores the same bits.
func (m *Model) MarshalJSON() ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	d := document{
		Format: formatName, Top: m.top, HorizonDays: m.horizonDays, Dimension: m.dimension, RepeatsBy: m.repeatsBy(),
		Probabilities: m.probabilities, Items: m.items, Descriptions: m.descriptions, Recent: m.recent, Ever: m.ever,
		Propensity: m.propensity,
	}
	for item, barred := range m.barred {
		if barred {
			d.NotOffered = append(d.NotOffered, uint32(item))
		}
	}
	if m.weights != nil {
		var err error
		if d.Weights, err = m.weights.MarshalBinary(); err != nil {
			return nil, err
		}
		d.Links = m.links.bytes()
	}
	return json.Marshal(d)
}

// UnmarshalJSON reads the output of MarshalJSON, into a Model not yet in use. Anything
// but a whole, sound model is refused.
func (m *Model) UnmarshalJSON(text []byte) error {
	var d document
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return fmt.Errorf("recommend: reading a model: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("recommend: reading a model: got more than one JSON value")
	}
	read, err := d.model()
	if err == nil {
		err = read.Validate()
	}
	if err != nil {
		return fmt.Errorf("recommend: reading a model: %w", err)
	}
	*m = *read
	return nil
}

func (d *document) model() (*Model, error) {
	n := len(d.Items)
	switch {
	case d.Format != formatName:
		return nil, fmt.Errorf("format: got %q, want %q", d.Format, formatName)
	case len(d.Recent) != n || len(d.Ever) != n || d.Descriptions != nil && len(d.Descriptions) != n:
		return nil, fmt.Errorf("got %d items with %d, %d and %d facts, want one of each for every item",
			n, len(d.Recent), len(d.Ever), len(d.Descriptions))
	case d.RepeatsBy != byRhythm && d.RepeatsBy != byFrequency:
		return nil, fmt.Errorf("repeats_by: got %q, want %s or %s", d.RepeatsBy, byRhythm, byFrequency)
	}
	barred := make([]bool, n)
	for _, item := range d.NotOffered {
		if int(item) >= n {
			return nil, fmt.Errorf("not_offered: got item %d, want one of the %d items", item, n)
		}
		barred[item] = true
	}
	facts, err := newMarket(d.Recent, d.Ever, barred)
	if err != nil {
		return nil, err
	}
	m := &Model{
		top: d.Top, horizonDays: d.HorizonDays, dimension: d.Dimension, items: d.Items, descriptions: d.Descriptions,
		ranking: ranking{market: facts, rhythm: d.RepeatsBy == byRhythm}, probabilities: d.Probabilities, propensity: d.Propensity,
	}
	if d.Weights == nil {
		m.links = newLinks(nil, neighbour.Rows{ItemCount: n})
		return m, nil
	}
	m.weights = new(neighbour.Model)
	if err := m.weights.UnmarshalBinary(d.Weights); err != nil {
		return nil, err
	}
	if m.links, err = readLinks(d.Links, n); err != nil {
		return nil, err
	}
	return m, nil
}

// Validate returns an error where the model cannot score.
func (m *Model) Validate() error {
	switch {
	case m.market == nil || m.probabilities.New == nil:
		return errors.New("recommend: got an empty model, want one that was fitted or read")
	case m.top < 1 || m.horizonDays < 1:
		return fmt.Errorf("recommend: got a list of %d and a horizon of %d days, want at least 1", m.top, m.horizonDays)
	case !slices.IsSorted(m.items) || len(slices.Compact(slices.Clone(m.items))) != len(m.items):
		return errors.New("recommend: items: got codes that do not rise, want each code once, in order")
	case m.weights != nil && m.weights.Items() != len(m.items):
		return fmt.Errorf("recommend: weights: got those of %d items, want %d", m.weights.Items(), len(m.items))
	}
	if m.probabilities.Repeat != nil {
		if err := m.probabilities.Repeat.check(); err != nil {
			return fmt.Errorf("recommend: probabilities of repeats: %w", err)
		}
	}
	if err := m.probabilities.New.check(); err != nil {
		return fmt.Errorf("recommend: probabilities of new items: %w", err)
	}
	return m.propensity.check()
}

// Reads returns none: the model scores what Prepare returns.
func (m *Model) Reads() []string { return nil }

// ScoreTo cannot be used: lists are made from events, which Prepare arranges for.
func (m *Model) ScoreTo(context.Context, *mining.Scores, *mining.Batch, int) error {
	return errors.New("recommend: BUG: a model that has not been prepared is asked for scores")
}

// Prepare returns the scanner that collects the holdings of customers, and then makes
// the lists.
func (m *Model) Prepare(r *mining.Run) (mining.Prepared, error) {
	d, ok := dimensionOf(r, m.dimension)
	if !ok {
		return nil, fmt.Errorf("got no column for %s, by which the model was learned, want one; map it under columns", m.dimension)
	}
	p := &scorer{collector: newCollector(r, d, m.top), model: m, items: translation(texts(r, d), m.items)}
	if m.propensity != nil && p.categories {
		p.groups = translation(m.propensity.names(), mainTexts(r))
	}
	return p, nil
}

// translation returns for each of the texts its place among known, or none.
func translation(texts, known []string) []uint32 {
	out := make([]uint32, len(texts))
	for i, text := range texts {
		out[i] = none
		if at, found := slices.BinarySearch(known, text); found {
			out[i] = uint32(at)
		}
	}
	return out
}
