package outlier

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const jsonVersion = 1

// forestJSON is a Forest on paper. Node 0 of a tree is its root; a cut sends
// rows below split to node left and the others to node left+1, both after it;
// a leaf has column −1, and split and left 0.
type forestJSON struct {
	Model   string     `json:"model"`
	Version int        `json:"version"`
	Columns []string   `json:"columns"`
	Sample  int        `json:"sample"`
	Trees   []treeJSON `json:"trees"`
}

type treeJSON struct {
	Column []int32   `json:"column"`
	Split  []float32 `json:"split"`
	Left   []int32   `json:"left"`
	Size   []int32   `json:"size"`
}

// MarshalJSON writes the forest; it loads to the same bits.
func (f *Forest) MarshalJSON() ([]byte, error) {
	out := forestJSON{Model: "isolation_forest", Version: jsonVersion, Columns: f.names, Sample: f.sample}
	for _, t := range f.trees {
		out.Trees = append(out.Trees, t.toJSON())
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the output of MarshalJSON and refuses any other text.
func (f *Forest) UnmarshalJSON(b []byte) error {
	var in forestJSON
	if err := decode(b, &in); err != nil {
		return fmt.Errorf("outlier: reading a forest: %w", err)
	}
	switch {
	case in.Model != "isolation_forest" || in.Version != jsonVersion:
		return fmt.Errorf("outlier: reading a forest: got model %q, version %d, want \"isolation_forest\", version %d", in.Model, in.Version, jsonVersion)
	case len(in.Columns) == 0 || len(in.Trees) == 0 || in.Sample < 1:
		return fmt.Errorf("outlier: reading a forest: got %d columns, %d trees and a sample of %d, want at least one of each", len(in.Columns), len(in.Trees), in.Sample)
	}
	read := Forest{names: in.Columns, sample: in.Sample}
	for i, tj := range in.Trees {
		t, ok := tj.tree(len(in.Columns))
		if !ok || int(t.nodes[0].size) != in.Sample {
			return fmt.Errorf("outlier: reading a forest: the nodes of tree %d do not form a tree of %d rows over %d columns", i+1, in.Sample, len(in.Columns))
		}
		read.trees = append(read.trees, t)
	}
	*f = read
	return nil
}

func (t *tree) toJSON() treeJSON {
	var tj treeJSON
	for k, n := range t.nodes {
		if t.isLeaf(k) {
			n.col, n.split, n.left = -1, 0, 0
		}
		tj.Column, tj.Split = append(tj.Column, n.col), append(tj.Split, n.split)
		tj.Left, tj.Size = append(tj.Left, n.left), append(tj.Size, n.size)
	}
	return tj
}

// tree returns the tree; ok is false where the nodes do not form a tree over
// the given number of columns with sizes that add up.
func (tj treeJSON) tree(cols int) (t tree, ok bool) {
	n := len(tj.Column)
	if n == 0 || len(tj.Split) != n || len(tj.Left) != n || len(tj.Size) != n {
		return tree{}, false
	}
	t.extend(n)
	depth := make([]int, n) // 0: no parent yet
	for k := range n {
		left := int(tj.Left[k])
		switch {
		case tj.Size[k] < 1 || k > 0 && depth[k] == 0:
			return tree{}, false
		case tj.Column[k] == -1:
			if left != 0 || tj.Split[k] != 0 {
				return tree{}, false
			}
			t.setLeaf(k, depth[k], tj.Size[k])
			continue
		case tj.Column[k] < 0 || int(tj.Column[k]) >= cols || left <= k || left >= n-1:
			return tree{}, false
		case depth[left] != 0 || depth[left+1] != 0 || int64(tj.Size[left])+int64(tj.Size[left+1]) != int64(tj.Size[k]):
			return tree{}, false
		}
		depth[left], depth[left+1] = depth[k]+1, depth[k]+1
		t.nodes[k] = node{split: tj.Split[k], col: tj.Column[k], left: tj.Left[k], size: tj.Size[k]}
	}
	return t, true
}

// mcdJSON is an MCD on paper. The covariance is d×d, row by row.
type mcdJSON struct {
	Model      string    `json:"model"`
	Version    int       `json:"version"`
	Columns    []string  `json:"columns"`
	Location   []float64 `json:"location"`
	Covariance []float64 `json:"covariance"`
}

// MarshalJSON writes the centre and the covariance; they load to the same bits.
func (m *MCD) MarshalJSON() ([]byte, error) {
	return json.Marshal(mcdJSON{"minimum_covariance_determinant", jsonVersion, m.names, m.location, m.covariance})
}

// UnmarshalJSON reads the output of MarshalJSON and refuses any other text.
func (m *MCD) UnmarshalJSON(b []byte) error {
	var in mcdJSON
	if err := decode(b, &in); err != nil {
		return fmt.Errorf("outlier: reading a covariance: %w", err)
	}
	d := len(in.Columns)
	switch {
	case in.Model != "minimum_covariance_determinant" || in.Version != jsonVersion:
		return fmt.Errorf("outlier: reading a covariance: got model %q, version %d, want \"minimum_covariance_determinant\", version %d", in.Model, in.Version, jsonVersion)
	case d == 0 || d > mostColumns || len(in.Location) != d || len(in.Covariance) != d*d:
		return fmt.Errorf("outlier: reading a covariance: got %d columns, %d centres and %d covariances, want 1 to %d columns and numbers for each", d, len(in.Location), len(in.Covariance), mostColumns)
	}
	for i := range d {
		for j := range i + 1 {
			if v := in.Covariance[i*d+j]; v != in.Covariance[j*d+i] || i == j && v < 0 {
				return fmt.Errorf("outlier: reading a covariance: columns %d and %d: got %v, want a symmetric matrix with a diagonal of at least 0", i+1, j+1, v)
			}
		}
	}
	read := MCD{names: in.Columns, location: in.Location, covariance: in.Covariance}
	if err := read.prepare(); err != nil {
		return fmt.Errorf("outlier: reading a covariance: %w", err)
	}
	*m = read
	return nil
}

// decode reads one JSON value with no field that v does not have.
func decode(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("got more than one JSON value")
	}
	return nil
}
