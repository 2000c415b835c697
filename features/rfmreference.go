package features

import (
	"fmt"
	"slices"
)

// Adopt returns a model that scores by the limits of a reference, and names the cells as c does. With limits of another day a
// score means the same on both: who becomes better scores higher, whatever the others do.
//
// Fixed limits of c stay in place. The reference is not modified.
//
// Errors: a *ConfigError for each fault of c, and for the first of bins, method, ties, monetary and seed in which the
// reference differs, so that its limits are none for c. A reference that scored nobody has no limits.
func (c RFMConfig) Adopt(reference *RFMModel) (*RFMModel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	differs := func(field string, got, want any) error {
		return &ConfigError{Field: field, Got: got, Want: fmt.Sprintf("%v, as in the reference", want)}
	}
	switch {
	case reference.Bins != c.Bins:
		return nil, differs("bins", c.Bins, reference.Bins)
	case reference.Method != c.Method:
		return nil, differs("method", c.Method, reference.Method)
	case reference.Ties != c.Ties:
		return nil, differs("ties", c.Ties, reference.Ties)
	case reference.Monetary != c.Monetary:
		return nil, differs("monetary", c.Monetary, reference.Monetary)
	case c.Ties == Hashed && reference.Seed != c.Seed:
		return nil, differs("seed", c.Seed, reference.Seed)
	case len(reference.R) == 0:
		return nil, &ConfigError{Field: "reference", Got: "no limits", Want: "limits, of a day on which somebody had bought"}
	}
	m := &RFMModel{
		Bins: c.Bins, Method: c.Method, Ties: c.Ties, Seed: c.Seed, Monetary: c.Monetary, Segments: c.Segments,
		R: slices.Clone(reference.R), F: slices.Clone(reference.F), M: slices.Clone(reference.M),
	}
	if c.Cuts != nil {
		c.Cuts.replace(m)
	}
	return m, nil
}
