// Package profile describes the marks of groups of customers: a decision tree
// that tells labelled groups apart, and a description of each group in the
// words and units of the features.
package profile

import (
	"context"
	"fmt"
	"slices"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/tree"
)

// Config says how groups are told apart.
type Config struct {
	Features []string
	MaxDepth int
	MinLeaf  int
	Prune    bool // by cross-validation
	Seed     uint64
	Workers  int
}

// maxValues bounds the training matrix: 128 MiB of float32.
const maxValues = 32 << 20

// MaxBytes is the memory of the largest training matrix, with the bins made of it.
const MaxBytes = 5 * maxValues

// State says whether the findings can be used.
type State string

// The states of the findings.
const (
	OK           State = "ok"
	Insufficient State = "insufficient_data"
)

// minRows is the number of customers below which no tree is grown.
const minRows = 50

// Classes are groups of customers: a label for each customer chosen.
type Classes struct {
	Names  []string
	Labels []int32 // in [0, len(Names)), or −1 for none, in the order of ids
}

// labelled returns the customers who have a label, and the labels.
func (c Classes) labelled(chosen []uint32) ([]uint32, []int32) {
	if !slices.ContainsFunc(c.Labels, func(l int32) bool { return l < 0 }) {
		return chosen, c.Labels
	}
	var rows []uint32
	var labels []int32
	for i, l := range c.Labels {
		if l < 0 {
			continue
		}
		at := uint32(i)
		if chosen != nil {
			at = chosen[i]
		}
		rows, labels = append(rows, at), append(labels, l)
	}
	return rows, labels
}

// Tree tells groups apart.
type Tree struct {
	State    State
	Model    *TreeModel
	Report   tree.Report
	Rules    []tree.Rule
	Sampled  int     // customers the tree was grown on
	Accuracy float64 // share of all chosen customers put into the right group, in [0,1]
	Leaves   []int32 // of each customer chosen
	Warnings []models.Warning
}

// TreeModel puts a customer into a leaf. The JSON form restores the model.
type TreeModel struct {
	Features []string   `json:"features"`
	Classes  []string   `json:"classes"`
	Tree     *tree.Tree `json:"tree"`
	Rules    []string   `json:"rules"` // of each leaf, in words
}

// Classify grows a tree that tells the classes apart by the features of the chosen
// customers (nil: all) with a class. The tree learns from all such customers, or from
// a sample, evenly spread over the order of ids, where memory is too small for all,
// and is then applied to all.
//
// Errors: the errors of reading the table, *models.ConfigError, ctx.Err(). Too few
// customers, or one class alone, are no error: see State.
func Classify(ctx context.Context, c Config, table *features.Table, chosen []uint32, classes Classes) (*Tree, error) {
	n := len(classes.Labels)
	if chosen == nil && n != table.Len() || chosen != nil && n != len(chosen) {
		return nil, fmt.Errorf("profile: BUG: %d labels for the customers chosen", n)
	}
	chosen, classes.Labels = classes.labelled(chosen)
	n = len(classes.Labels)
	out := &Tree{State: OK}
	if present := distinct(classes.Labels); n < minRows || present < 2 {
		out.State = Insufficient
		out.Warnings = []models.Warning{{Code: "too_few_customers", Count: n,
			Message: fmt.Sprintf("%d customers in %d groups, want at least %d in 2", n, present, minRows)}}
		return out, nil
	}
	rows, labels := sampleOf(n, chosen, classes.Labels, maxValues/max(1, len(c.Features)))
	columns, err := table.Matrix(ctx, c.Features, rows)
	if err != nil {
		return nil, err
	}
	config := tree.Default()
	config.MaxDepth, config.MinLeafRows, config.Seed, config.Workers = c.MaxDepth, c.MinLeaf, c.Seed, c.Workers
	if !c.Prune {
		config.Folds, config.OneSE = 0, false
	}
	fitted, report, err := config.FitClasses(ctx, models.Matrix{Names: c.Features, Cols: columns}, labels, len(classes.Names), nil)
	if err != nil {
		return nil, err
	}
	out.Report, out.Sampled, out.Warnings = report, len(labels), report.Warnings
	out.Rules = fitted.Rules(c.Features, classes.Names, nil)
	out.Model = &TreeModel{Features: c.Features, Classes: classes.Names, Tree: fitted}
	for _, r := range out.Rules {
		out.Model.Rules = append(out.Model.Rules, r.Text)
	}
	return out, out.apply(ctx, table, chosen, classes, c.Workers)
}

func distinct(labels []int32) int {
	seen := map[int32]bool{}
	for _, l := range labels {
		seen[l] = true
	}
	return len(seen)
}

// sampleOf returns the customers to learn from, and their labels: all, or as
// many as allowed, evenly spread over the order of ids.
func sampleOf(n int, chosen []uint32, labels []int32, allowed int) ([]uint32, []int32) {
	if n <= allowed {
		return chosen, labels
	}
	step := (n + allowed - 1) / allowed
	rows, picked := make([]uint32, 0, allowed), make([]int32, 0, allowed)
	for i := 0; i < n; i += step {
		at := uint32(i)
		if chosen != nil {
			at = chosen[i]
		}
		rows, picked = append(rows, at), append(picked, labels[i])
	}
	return rows, picked
}

// apply puts every customer into a leaf and measures the accuracy.
func (t *Tree) apply(ctx context.Context, table *features.Table, chosen []uint32, classes Classes, workers int) error {
	leaves, err := t.Model.Leaves(ctx, table, workers)
	if err != nil {
		return err
	}
	t.Leaves = pick(leaves, chosen)
	classOf := make([]int32, len(t.Rules))
	for _, r := range t.Rules {
		classOf[r.Leaf] = r.Class
	}
	right := 0
	for i, leaf := range t.Leaves {
		if classOf[leaf] == classes.Labels[i] {
			right++
		}
	}
	t.Accuracy = float64(right) / float64(len(t.Leaves))
	return nil
}

// pick returns the values of the chosen customers, rising positions.
func pick(values []int32, chosen []uint32) []int32 {
	if chosen == nil {
		return values
	}
	out := make([]int32, len(chosen))
	for i, at := range chosen {
		out[i] = values[at]
	}
	return out
}

// groupRows is the number of customers read at a time, leafRows the number put into
// leaves by one worker at a time.
const (
	groupRows = 1 << 16
	leafRows  = 1 << 12
)

// Leaves returns the leaf of every customer of the table, in the order of ids.
func (m *TreeModel) Leaves(ctx context.Context, table *features.Table, workers int) ([]int32, error) {
	leaves, names := make([]int32, table.Len()), m.Reads()
	for s, err := range table.Stretches(ctx, names, nil, groupRows) {
		if err != nil {
			return nil, err
		}
		column := func(name string) []float64 { return s.Columns[slices.Index(names, name)] }
		n := min(groupRows, len(leaves)-s.First)
		if err := m.LeafTo(ctx, leaves[s.First:][:n], column, workers); err != nil {
			return nil, err
		}
	}
	return leaves, nil
}

// Reads returns the features in the questions of the tree. Other features in
// learning do not matter to the tree.
func (m *TreeModel) Reads() []string {
	var names []string
	for _, j := range m.Tree.Asked() {
		names = append(names, m.Features[j])
	}
	return names
}

// LeafTo sets dst to the leaf of each customer. column returns the values of a
// feature read by the model; workers share the customers.
func (m *TreeModel) LeafTo(ctx context.Context, dst []int32, column func(name string) []float64, workers int) error {
	asked := m.Tree.Asked()
	values := make([][]float64, len(asked))
	for k, j := range asked {
		values[k] = column(m.Features[j])
	}
	return models.Parallel(ctx, workers, (len(dst)+leafRows-1)/leafRows, func(block int) error {
		part := dst[block*leafRows:]
		n := min(leafRows, len(part))
		room := make([]float32, (len(asked)+1)*n)
		x := models.Matrix{Names: m.Features, Cols: make([][]float32, len(m.Features))}
		for j := range x.Cols {
			x.Cols[j] = room[len(asked)*n:] // zeros, for what the tree does not ask about
		}
		for k, j := range asked {
			x.Cols[j] = room[k*n : (k+1)*n]
			for i, v := range values[k][block*leafRows:][:n] {
				x.Cols[j][i] = float32(v)
			}
		}
		return m.Tree.LeafTo(part[:n], x)
	})
}

// Validate returns an error where the model, as from a file, cannot be used.
func (m *TreeModel) Validate() error {
	if m.Tree == nil {
		return fmt.Errorf("profile: got a model without a tree, want one")
	}
	if m.Tree.Columns() != len(m.Features) {
		return fmt.Errorf("profile: got %d features for a tree of %d columns, want as many", len(m.Features), m.Tree.Columns())
	}
	return nil
}
