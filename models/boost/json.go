package boost

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// formatName is what the field "format" of an ensemble's JSON says.
const formatName = "quintile.boost/1"

// document is an ensemble as JSON. Numbers are written with the fewest digits
// that read back as the same bits.
type document struct {
	Format       string   `json:"format"`
	Loss         Loss     `json:"loss"`
	QuantileProb float64  `json:"quantile_prob,omitempty"`
	Columns      []string `json:"columns"`
	BaseScore    float64  `json:"base_score"`
	// Categories are the codes that are told apart, null for a column of numbers.
	Categories []categories   `json:"categories,omitempty"`
	Trees      []treeDocument `json:"trees"`
}

// treeDocument is a tree, one entry per node in each list, the root first. A
// leaf has column −1.
type treeDocument struct {
	Column      []int32   `json:"column"`
	Threshold   []float32 `json:"threshold"`
	MissingLeft []bool    `json:"missing_left"`
	Left        []int32   `json:"left"`
	Right       []int32   `json:"right"`
	Rows        []int64   `json:"rows"`
	Gain        []float64 `json:"gain"`
	Value       []float64 `json:"value"`
	// Set holds the places of the categories that go left, null for a node without;
	// absent where no node has any.
	Set [][]int `json:"set,omitempty"`
}

// MarshalJSON writes all of the ensemble: read again, it scores the same bits.
func (m *Ensemble) MarshalJSON() ([]byte, error) {
	d := document{
		Format: formatName, Loss: m.loss, QuantileProb: m.parameter,
		Columns: m.names, BaseScore: m.base, Categories: m.categories, Trees: make([]treeDocument, len(m.trees)),
	}
	for i, t := range m.trees {
		d.Trees[i] = t.document()
	}
	return json.Marshal(d)
}

// UnmarshalJSON reads the output of MarshalJSON, into an Ensemble not yet in
// use. Anything but a whole, sound ensemble is refused.
func (m *Ensemble) UnmarshalJSON(b []byte) error {
	var d document
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return fmt.Errorf("reading an ensemble: %w", err)
	}
	if d.Format != formatName {
		return fmt.Errorf("reading an ensemble: format: got %q, want %q", d.Format, formatName)
	}
	if d.Loss != Quantile && d.QuantileProb != 0 {
		return errors.New("reading an ensemble: quantile_prob: got one, want none with this loss")
	}
	trees := make([]tree, len(d.Trees))
	for i, td := range d.Trees {
		t, err := td.tree()
		if err != nil {
			return fmt.Errorf("reading an ensemble: trees[%d]: %w", i, err)
		}
		trees[i] = t
	}
	read, err := newEnsemble(d.Loss, d.QuantileProb, d.Columns, d.BaseScore, d.Categories, trees)
	if err != nil {
		return fmt.Errorf("reading an ensemble: %w", err)
	}
	*m = *read
	return nil
}

func (t tree) document() treeDocument {
	n := len(t)
	d := treeDocument{
		Column: make([]int32, n), Threshold: make([]float32, n), MissingLeft: make([]bool, n),
		Left: make([]int32, n), Right: make([]int32, n),
		Rows: make([]int64, n), Gain: make([]float64, n), Value: make([]float64, n),
	}
	for i, v := range t {
		d.Column[i], d.Threshold[i], d.MissingLeft[i] = v.column, v.threshold, v.missingLeft
		d.Left[i], d.Right[i] = v.left, v.right
		d.Rows[i], d.Gain[i], d.Value[i] = v.rows, v.gain, v.value
		if v.set != nil {
			if d.Set == nil {
				d.Set = make([][]int, n)
			}
			d.Set[i] = append([]int{}, v.set.members()...)
		}
	}
	return d
}

func (d treeDocument) tree() (tree, error) {
	n := len(d.Column)
	for name, got := range d.lengths() {
		if got != n {
			return nil, fmt.Errorf("%s: got %d values, want %d as in column", name, got, n)
		}
	}
	t := make(tree, n)
	for i := range t {
		t[i] = node{
			column: d.Column[i], threshold: d.Threshold[i], missingLeft: d.MissingLeft[i],
			left: d.Left[i], right: d.Right[i],
			rows: d.Rows[i], gain: d.Gain[i], value: d.Value[i],
		}
		if d.Set == nil || d.Set[i] == nil {
			continue
		}
		t[i].set = new(categorySet)
		for _, k := range d.Set[i] {
			if k < 0 || k >= maxBins {
				return nil, fmt.Errorf("set[%d]: got category %d, want one from 0 to %d", i, k, maxBins-1)
			}
			t[i].set.add(k)
		}
	}
	return t, nil
}

// lengths yields the lengths of the lists, in their order.
func (d treeDocument) lengths() func(yield func(string, int) bool) {
	return func(yield func(string, int) bool) {
		_ = yield("threshold", len(d.Threshold)) && yield("missing_left", len(d.MissingLeft)) &&
			yield("left", len(d.Left)) && yield("right", len(d.Right)) &&
			(d.Set == nil || yield("set", len(d.Set))) && yield("rows", len(d.Rows)) && yield("gain", len(d.Gain)) && yield("value", len(d.Value))
	}
}
