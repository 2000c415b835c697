// Package modelcheck is the contract of all model families.
//
// A family's test describes itself once and is held to every clause:
//
//	func TestContract(t *testing.T) {
//		modelcheck.Run(t, modelcheck.Subject{
//			Name:   "k-means",
//			Target: modelcheck.None,
//			Fit: func(ctx context.Context, d modelcheck.Data, o modelcheck.Options) (modelcheck.Fitted, error) {
//				c := DefaultKMeans()
//				c.Seed, c.Workers = o.Seed, o.Workers
//				m, _, err := c.Fit(ctx, d.X)
//				return contract{m}, err
//			},
//			Load: func(b []byte) (modelcheck.Fitted, error) {
//				m := new(KMeans)
//				return contract{m}, json.Unmarshal(b, m)
//			},
//		})
//	}
//
// where contract adapts the family's own prediction to [Fitted]. A clause may
// be excepted by name with a written reason. The test then reports the clause
// as skipped, never in silence.
//
// The package is for tests only. Unlike a model, the package may read the
// clock: the contract measures how fast a cancelled fit returns.
package modelcheck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/models"
)

// Target is the kind of number that a family predicts.
type Target int

// The targets. A test of the contract feeds Data.Y accordingly.
const (
	None    Target = iota // nothing: the family is unsupervised and Data.Y is nil
	Binary                // classes coded 0 and 1
	Classes               // classes coded 0, 1 and 2
	Numbers               // any finite numbers
	Counts                // whole numbers from 0
)

// Data is the input of a fit. Fit may not change any part of the data.
type Data struct {
	X models.Matrix
	Y []float64 // one per row; nil where Target is None
	W []float64 // one weight per row, or nil for "all 1"; nil unless Subject.Weights
}

// Options are the settings that the contract varies. An adapter copies both
// into the config of the family, and ignores a setting that the family lacks.
type Options struct {
	Seed    uint64
	Workers int // ≥ 1
}

// Fitted is a fitted model as the contract sees it.
type Fitted interface {
	// Predict returns the outputs for every row of x, row after row: rows ×
	// outputs numbers, with the same number of outputs for every row.
	Predict(x models.Matrix) ([]float64, error)
	// The JSON of a model is the whole model: a model loaded from the JSON
	// predicts the same bits.
	json.Marshaler
}

// Subject describes one family, or one configuration of it, to the contract.
type Subject struct {
	Name    string
	Target  Target
	Missing bool // NaN in X is a missing value; otherwise it must be refused
	Weights bool // Fit honours Data.W

	// Fit learns from d. Choose a configuration that fits 10,000 rows of 5
	// columns in well under a second, or the contract takes long.
	Fit func(ctx context.Context, d Data, o Options) (Fitted, error)
	// Load reads a model from the output of MarshalJSON.
	Load func(json []byte) (Fitted, error)

	// Except maps a clause to the reason, in a sentence, for which this family
	// cannot keep it.
	Except map[Clause]string
}

// Clause names one clause of the contract.
type Clause string

// clause is how a Clause is examined. Errors say what was broken.
type clause struct {
	name    Clause
	applies func(s *Subject) bool
	examine func(s *Subject) error
}

func always(*Subject) bool       { return true }
func weighted(s *Subject) bool   { return s.Weights }
func supervised(s *Subject) bool { return s.Target != None }

// Run holds s to every clause of the contract, each in a subtest of its own.
//
// A clause in s.Except is skipped with its reason. An exception for a clause
// that does not exist or does not apply to s, or without a reason, fails the
// test, so that an exception cannot outlive its reason.
func Run(t *testing.T, s Subject) {
	t.Helper()
	if err := s.validate(); err != nil {
		t.Fatalf("%s: %v", s.Name, err)
	}
	for _, c := range contract() {
		if !c.applies(&s) {
			continue
		}
		t.Run(strings.ReplaceAll(string(c.name), " ", "-"), func(t *testing.T) {
			if reason, ok := s.Except[c.name]; ok {
				t.Skipf("%s is excepted from %q: %s", s.Name, c.name, reason)
			}
			if err := c.hold(&s); err != nil {
				t.Errorf("%s breaks %q: %v", s.Name, c.name, err)
			}
		})
	}
}

// hold examines s, with a panic turned into an error.
func (c clause) hold(s *Subject) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panicked: %v", r)
		}
	}()
	return c.examine(s)
}

// validate reports every fault in the description itself.
func (s *Subject) validate() error {
	var faults []error
	if s.Name == "" {
		faults = append(faults, errors.New("the subject needs a Name"))
	}
	if s.Fit == nil || s.Load == nil {
		faults = append(faults, errors.New("the subject needs Fit and Load"))
	}
	known := contract()
	for _, name := range slices.Sorted(maps.Keys(s.Except)) {
		i := slices.IndexFunc(known, func(c clause) bool { return c.name == name })
		switch {
		case i < 0:
			faults = append(faults, fmt.Errorf("exception %q: there is no such clause", name))
		case !known[i].applies(s):
			faults = append(faults, fmt.Errorf("exception %q: the clause does not apply to this subject; remove it", name))
		}
		if strings.TrimSpace(s.Except[name]) == "" {
			faults = append(faults, fmt.Errorf("exception %q: give the reason in words", name))
		}
	}
	return errors.Join(faults...)
}
