// Package reference keeps, beside the models of a run, the facts by which a later run sees
// whether the models fit the customers to score: the currency and the settings of learning, and
// the spread of the customers' numbers at the time.
//
// A run learns the reference and publishes it once, as models/reference.json. "quintile score"
// compares the job ([Compare]) and the customers at hand ([Reference.Shifts]) with the
// reference. A step that looks for shifts since an earlier run reads the same edges.
package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/quintile-dev/quintile/models/drift"
)

// Name is the file of the reference in a published folder.
const Name = "models/reference.json"

// Reference is the content of the file.
type Reference struct {
	Currency  string                     `json:"currency"`           // "" where the job named none
	Customers int                        `json:"customers"`          // with a purchase
	Settings  map[string]Settings        `json:"settings,omitempty"` // of the steps that have a model
	Features  map[string]drift.Reference `json:"features"`           // of customers with a purchase
}

// Settings are the settings of a step by their names in a job file, each as JSON. A setting
// within a block is named as in "cuts.recency". A setting that the job leaves unset is absent.
type Settings map[string]json.RawMessage

// file is the form of the file.
type file struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Reference
}

const (
	format  = "quintile-reference"
	version = 1
)

// Encode returns the contents of the file.
func (r *Reference) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(file{format, version, *r}); err != nil {
		return nil, fmt.Errorf("writing the reference: %w", err)
	}
	return b.Bytes(), nil
}

// Decode reads the contents of a file.
//
// Errors: where the file is damaged, or of another version.
func Decode(text []byte) (*Reference, error) {
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("got a damaged reference: %w", err)
	}
	if f.Format != format || f.Version != version {
		return nil, fmt.Errorf("got %q, version %d; want %q, version %d; fit the models anew with: quintile run", f.Format, f.Version, format, version)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Features)) {
		feature := f.Features[name]
		if err := feature.Validate(); err != nil {
			return nil, fmt.Errorf("got a damaged reference of the feature %s: %w", name, err)
		}
	}
	for step, settings := range f.Settings { // which comes indented
		for name, value := range settings {
			var b bytes.Buffer
			if err := json.Compact(&b, value); err != nil {
				return nil, fmt.Errorf("got a damaged setting %s of %s: %w", name, step, err)
			}
			settings[name] = b.Bytes()
		}
	}
	return &f.Reference, nil
}
