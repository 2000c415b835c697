package forecast

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

const (
	jsonModel   = "forecast"
	jsonVersion = 1
)

// modelJSON is a Model on paper.
type modelJSON struct {
	Model       string    `json:"model"`
	Version     int       `json:"version"`
	Method      Method    `json:"method"`
	Periods     int       `json:"periods"`
	NonNegative bool      `json:"non_negative"`
	Levels      []float64 `json:"levels"`
	Widths      []float64 `json:"widths"`
	Fitted      fitted    `json:"fitted"`
}

// MarshalJSON writes the model; it loads to the same bits.
func (m *Model) MarshalJSON() ([]byte, error) {
	return json.Marshal(modelJSON{jsonModel, jsonVersion, m.method, m.n, m.nonNegative, m.levels, m.widths, m.fitted})
}

// UnmarshalJSON reads the output of MarshalJSON and refuses any other text.
func (m *Model) UnmarshalJSON(b []byte) error {
	var in modelJSON
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return fmt.Errorf("forecast: reading a model: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("forecast: reading a model: got more than one JSON value, want one")
	}
	if in.Model != jsonModel || in.Version != jsonVersion {
		return fmt.Errorf("forecast: reading a model: got model %q, version %d, want %q, version %d", in.Model, in.Version, jsonModel, jsonVersion)
	}
	if err := in.check(); err != nil {
		return fmt.Errorf("forecast: reading a model: %w", err)
	}
	*m = Model{in.Method, in.Periods, in.NonNegative, in.Fitted, in.Levels, in.Widths}
	return nil
}

// check refuses a model that no fit gives, or with values unfit for
// forecasting.
func (in *modelJSON) check() error {
	if in.Periods < 1 || len(in.Levels) != len(in.Widths) {
		return fmt.Errorf("got %d periods, %d levels and %d widths, want at least one period and a width for each level", in.Periods, len(in.Levels), len(in.Widths))
	}
	for k, w := range in.Widths {
		if !(w >= 0) || !(in.Levels[k] > 0 && in.Levels[k] < 1) {
			return fmt.Errorf("level %d: got level %v and width %v, want a level between 0 and 1 and a width of at least 0", k+1, in.Levels[k], w)
		}
	}
	f := in.Fitted
	has := [...]bool{f.Theta != nil, f.ETS != nil, f.Naive != nil, f.Mean != nil}
	var want [4]bool
	switch in.Method {
	case ThetaETS:
		want = [4]bool{true, true}
	case Theta:
		want = [4]bool{true}
	case ETS:
		want = [4]bool{false, true}
	case SeasonalNaive, Naive:
		want = [4]bool{false, false, true}
	case LastMean:
		want = [4]bool{false, false, false, true}
	default:
		return fmt.Errorf("got method %q, want one of %v", in.Method, methods())
	}
	if has != want {
		return fmt.Errorf("the parts of the model are not those of method %q", in.Method)
	}
	return errors.Join(f.Theta.check(in.Periods), f.ETS.check(in.Periods), f.Naive.check(in.Periods), f.Mean.check())
}

func (f *theta) check(n int) error {
	if f == nil {
		return nil
	}
	if f.N != n || !(f.Sigma >= 0) || !share(f.Smoothing.Alpha) {
		return fmt.Errorf("theta: got %d periods, alpha %v and sigma %v, want %d periods, alpha above 0 and below 1, sigma of at least 0", f.N, f.Smoothing.Alpha, f.Sigma, n)
	}
	return f.Season.check()
}

func (f *ets) check(n int) error {
	if f == nil {
		return nil
	}
	known := slices.Contains([]trend{noTrend, additiveTrend, dampedTrend}, f.Trend)
	if f.N != n || !known || !share(f.Alpha) || !(f.Sigma >= 0) || !(f.Phi > 0 && f.Phi <= 1) || !(f.Beta >= 0 && f.Beta < 1) || !(f.Gamma >= 0 && f.Gamma < 1) {
		return fmt.Errorf("ets: got %d periods, trend %q, alpha %v, beta %v, gamma %v, phi %v, sigma %v, want %d periods and parameters within their ranges",
			f.N, f.Trend, f.Alpha, f.Beta, f.Gamma, f.Phi, f.Sigma, n)
	}
	return f.Season.check()
}

func (f *seasonalNaive) check(n int) error {
	if f != nil && (len(f.Last) == 0 || len(f.Last) > n || !(f.Sigma >= 0)) {
		return fmt.Errorf("naive: got %d last values and sigma %v, want from 1 to %d values and a sigma of at least 0", len(f.Last), f.Sigma, n)
	}
	return nil
}

func (f *lastMean) check() error {
	if f != nil && !(f.Sigma >= 0) {
		return fmt.Errorf("mean: got sigma %v, want a number of at least 0", f.Sigma)
	}
	return nil
}

func (s seasonal) check() error {
	for j, v := range s.Index {
		if s.Multiplicative && !(v > 0) || math.IsNaN(v) {
			return fmt.Errorf("season: index %d: got %v, want a positive factor, or a finite difference", j+1, v)
		}
	}
	return nil
}

func share(v float64) bool { return v > 0 && v < 1 }
