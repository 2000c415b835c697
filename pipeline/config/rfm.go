package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/quintile-dev/quintile/features"
)

// Scoring returns how customers are scored. A job that was read has a valid one.
func (r *RFM) Scoring() features.RFMConfig {
	c := features.DefaultRFM()
	c.Bins, c.Method, c.Monetary, c.Ties = r.Bins, features.Method(r.Method), features.Monetary(r.Monetary), features.Ties(r.Ties)
	if r.Cuts != nil {
		c.Cuts = new(features.Cuts(*r.Cuts))
	}
	if r.Map != nil {
		c.Segments = features.SegmentMap{Version: r.Map.Version, Bins: r.Bins}
		for _, rule := range r.Map.Rules {
			c.Segments.Rules = append(c.Segments.Rules, features.SegmentRule{Name: rule.Name, R: span(rule.R), F: span(rule.F), M: span(rule.M)})
		}
	}
	return c
}

// span returns a range of scores, of all where there is none. What is no score
// becomes one that no map accepts.
func span(scores []int) [2]uint8 {
	if scores == nil {
		return [2]uint8{}
	}
	out := [2]uint8{255, 255}
	for i, v := range scores {
		if len(scores) == 2 && v >= 1 && v <= 9 {
			out[i] = uint8(v)
		}
	}
	return out
}

// checkRFM reports cuts and maps that cannot score or name every customer.
func (d *decoder) checkRFM(r *RFM, root *node) {
	if r.Bins < 2 || r.Bins > 9 {
		return // said already
	}
	for i, rule := range cellsOf(r) {
		for _, part := range []struct {
			name   string
			scores []int
		}{{"r", rule.R}, {"f", rule.F}, {"m", rule.M}} {
			if part.scores != nil && span(part.scores)[1] == 255 {
				d.fault(find(root, "steps", "rfm", "map", "rules"), fmt.Sprintf("steps.rfm.map.rules[%d].%s", i, part.name),
					"got %v, want two scores from 1 to %d, the lower first", part.scores, r.Bins)
				return // and of all cells it names nothing is known
			}
		}
	}
	for _, err := range listed(r.Scoring().Validate()) {
		var fault *features.ConfigError
		if !errors.As(err, &fault) {
			continue
		}
		path := strings.Replace(fault.Field, "segments.", "map.", 1)
		if path == "ties" || path == "monetary" || path == "method" && r.Method != string(features.Nested) {
			continue // said already
		}
		first, _, _ := strings.Cut(path, "[")
		keys := append([]string{"steps", "rfm"}, strings.Split(first, ".")...)
		got := fmt.Sprint(fault.Got)
		if got == "" {
			got = "an empty text"
		}
		d.fault(find(root, keys...), "steps.rfm."+path, "got %s, want %s", got, fault.Want)
	}
}

func cellsOf(r *RFM) []Cell {
	if r.Map == nil {
		return nil
	}
	return r.Map.Rules
}

// listed returns the errors that were joined.
func listed(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range joined.Unwrap() {
			out = append(out, listed(e)...)
		}
		return out
	}
	if err == nil {
		return nil
	}
	return []error{err}
}
