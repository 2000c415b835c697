package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/quintile-dev/quintile/mining"
)

// Flat returns the settings of a step by the names that a job file has for them, those of a
// block within as "cuts.recency", each as JSON without blanks. What is unset is absent.
func Flat(settings mining.Settings) (map[string]json.RawMessage, error) {
	var b bytes.Buffer
	if err := writeValue(&b, reflect.ValueOf(settings).Elem(), ""); err != nil {
		return nil, fmt.Errorf("writing settings: %w", err)
	}
	out := map[string]json.RawMessage{}
	return out, flatten(out, "", b.Bytes())
}

// flatten adds what is within a block, or a value that is none.
func flatten(out map[string]json.RawMessage, name string, value json.RawMessage) error {
	if !bytes.HasPrefix(value, []byte("{")) {
		out[name] = value
		return nil
	}
	var block map[string]json.RawMessage
	if err := json.Unmarshal(value, &block); err != nil {
		return fmt.Errorf("writing settings: %w", err)
	}
	for inner, v := range block {
		if err := flatten(out, join(name, inner), v); err != nil {
			return err
		}
	}
	return nil
}
