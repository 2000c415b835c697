package models

import (
	"fmt"
	"strconv"
)

// ValueError reports one value that a model cannot learn from or score.
type ValueError struct {
	Row    int    // 1-based
	Column int    // 1-based; 0 for a target, a weight or another single vector
	Name   string // of the column or vector
	Got    float64
	Want   string // noun phrase
}

func (e *ValueError) Error() string {
	where := fmt.Sprintf("%q", e.Name)
	if e.Column > 0 {
		where = fmt.Sprintf("column %d (%q)", e.Column, e.Name)
	}
	return fmt.Sprintf("models: row %d, %s: got %s, want %s; impute it, or drop the row",
		e.Row, where, strconv.FormatFloat(e.Got, 'g', -1, 64), e.Want)
}

// ConfigError reports one setting outside its range.
type ConfigError struct {
	Field string // as the config spells it: "k"
	Got   any
	Want  string // "an integer ≥ 1"
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("models: %s: got %v, want %s", e.Field, e.Got, e.Want)
}

// ShapeError reports inputs whose sizes do not fit one another.
type ShapeError struct {
	What      string // "weights"
	Got, Want int
}

func (e *ShapeError) Error() string {
	return fmt.Sprintf("models: %s: got length %d, want %d", e.What, e.Got, e.Want)
}
