package features

import (
	"errors"
	"fmt"
)

// ConfigError reports one setting outside its range.
type ConfigError struct {
	Field string // as the config spells it: "bins"
	Got   any
	Want  string // noun phrase: "an integer from 2 to 9"
}

func (e *ConfigError) Error() string {
	got := fmt.Sprint(e.Got)
	if text, ok := e.Got.(string); ok {
		got = fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("features: %s: got %s, want %s", e.Field, got, e.Want)
}

// faults collects what is wrong with a configuration.
type faults []error

func (f *faults) add(field string, got any, want string) {
	*f = append(*f, &ConfigError{Field: field, Got: got, Want: want})
}

func (f faults) join() error { return errors.Join(f...) }
