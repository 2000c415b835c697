package lifetime

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

const jsonVersion = 1

// modelJSON is a Model or a Spend in its stored form. A NaN or infinity in
// memory is null, except for an unbounded upper end, which is "unbounded".
type modelJSON struct {
	Model      string          `json:"model"`
	Version    int             `json:"version"`
	State      State           `json:"state"`
	Parameters []parameterJSON `json:"parameters"`
}

type parameterJSON struct {
	Name      string   `json:"name"`
	Value     *float64 `json:"value"`
	StdError  *float64 `json:"std_error"`
	Low       *float64 `json:"low"`
	High      *float64 `json:"high"`
	Unbounded bool     `json:"unbounded,omitempty"` // high is +∞
	Profile   bool     `json:"profile,omitempty"`
}

func (p Parameter) toJSON() parameterJSON {
	return parameterJSON{
		Name: p.Name, Value: nullable(p.Value), StdError: nullable(p.StdError), Low: nullable(p.Low),
		High: nullable(p.High), Unbounded: math.IsInf(p.High, 1), Profile: p.Profile,
	}
}

func (p parameterJSON) fromJSON() Parameter {
	out := Parameter{
		Name: p.Name, Value: number(p.Value), StdError: number(p.StdError), Low: number(p.Low),
		High: number(p.High), Profile: p.Profile,
	}
	if p.Unbounded {
		out.High = math.Inf(1)
	}
	return out
}

// nullable returns nil for what JSON cannot write.
func nullable(v float64) *float64 {
	if v-v != 0 {
		return nil
	}
	return &v
}

func number(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// MarshalJSON writes the model in a form to read and to load again: numbers
// come back to the same bits.
func (m *Model) MarshalJSON() ([]byte, error) {
	return writeModel(m.kind.String(), m.state, m.parameters)
}

// UnmarshalJSON reads the output of MarshalJSON and refuses any other text.
func (m *Model) UnmarshalJSON(b []byte) error {
	in, err := readModel(b)
	if err != nil {
		return err
	}
	read := Model{kind: -1, state: in.State}
	for _, k := range []Kind{BGNBD, MBGNBD, ParetoNBD} {
		if in.Model == k.String() {
			read.kind = k
		}
	}
	if read.kind < 0 {
		return fmt.Errorf("lifetime: reading a model: got model %q, want %q, %q or %q", in.Model, BGNBD, MBGNBD, ParetoNBD)
	}
	if read.parameters, err = in.read(read.kind.names()); err != nil {
		return err
	}
	missing := 0
	for i, p := range read.parameters {
		if math.IsNaN(p.Value) {
			missing++
			continue
		}
		read.v[i] = p.Value
	}
	withoutLast := missing == 2 && read.v[0] > 0 && read.v[1] > 0 && in.State != OK
	if missing != 0 && !withoutLast || missing == 0 && in.State == NoDropout {
		return fmt.Errorf("lifetime: reading a model: got %d parameters without a value in state %q, "+
			"want none, or the last two in state %q", missing, in.State, NoDropout)
	}
	*m = read
	return nil
}

func writeModel(model string, state State, parameters []Parameter) ([]byte, error) {
	out := modelJSON{Model: model, Version: jsonVersion, State: state}
	for _, p := range parameters {
		out.Parameters = append(out.Parameters, p.toJSON())
	}
	return json.Marshal(out)
}

// readModel reads the part that a Model and a Spend share.
func readModel(b []byte) (modelJSON, error) {
	var in modelJSON
	if err := decode(b, &in); err != nil {
		return in, fmt.Errorf("lifetime: reading a model: %w", err)
	}
	switch {
	case in.Version != jsonVersion:
		return in, fmt.Errorf("lifetime: reading a model: got version %d, want %d", in.Version, jsonVersion)
	case in.State != OK && in.State != NoDropout && in.State != NotConverged:
		return in, fmt.Errorf("lifetime: reading a model: got state %q, want %q, %q or %q", in.State, OK, NoDropout, NotConverged)
	}
	return in, nil
}

// read returns the parameters, which must have these names.
func (in modelJSON) read(names []string) ([]Parameter, error) {
	if len(in.Parameters) != len(names) {
		return nil, fmt.Errorf("lifetime: reading a model: got %d parameters, want %d", len(in.Parameters), len(names))
	}
	out := make([]Parameter, len(names))
	for i, p := range in.Parameters {
		if p.Name != names[i] {
			return nil, fmt.Errorf("lifetime: reading a model: got parameter %q, want %q", p.Name, names[i])
		}
		out[i] = p.fromJSON()
		if out[i].Value <= 0 {
			return nil, fmt.Errorf("lifetime: reading a model: parameter %q: got %v, want a number > 0", p.Name, out[i].Value)
		}
	}
	return out, nil
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
