package rfm

import (
	"errors"
	"fmt"
	"strings"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
)

// Scoring returns the way of scoring customers. A job from a file has a valid
// scoring.
func (s *Settings) Scoring() features.RFMConfig {
	c := features.DefaultRFM()
	c.Bins, c.Method, c.Monetary, c.Ties = s.Bins, features.Method(s.Method), features.Monetary(s.Monetary), features.Ties(s.Ties)
	if s.Cuts != nil {
		c.Cuts = new(features.Cuts(*s.Cuts))
	}
	if s.Map != nil {
		c.Segments = features.SegmentMap{Version: s.Map.Version, Bins: s.Bins}
		for _, rule := range s.Map.Rules {
			c.Segments.Rules = append(c.Segments.Rules, features.SegmentRule{Name: rule.Name, R: span(rule.R), F: span(rule.F), M: span(rule.M)})
		}
	}
	return c
}

// span returns a range of scores, or the range of all scores where none is
// given. An invalid score becomes a score that no map accepts.
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

// Check reports cuts and maps that cannot score or name every customer.
func (s *Settings) Check() []mining.Fault {
	if s.Bins < 2 || s.Bins > 9 {
		return nil // said already
	}
	for i, rule := range s.cells() {
		for _, part := range []struct {
			name   string
			scores []int
		}{{"r", rule.R}, {"f", rule.F}, {"m", rule.M}} {
			if part.scores != nil && span(part.scores)[1] == 255 {
				return []mining.Fault{mining.Faultf(fmt.Sprintf("map.rules[%d].%s", i, part.name),
					"got %v, want two scores from 1 to %d, the lower first", part.scores, s.Bins)} // and of all cells it names nothing is known
			}
		}
	}
	var faults []mining.Fault
	for _, err := range listed(s.Scoring().Validate()) {
		var fault *features.ConfigError
		if !errors.As(err, &fault) {
			continue
		}
		path := strings.Replace(fault.Field, "segments.", "map.", 1)
		if path == "ties" || path == "monetary" || path == "method" && s.Method != string(features.Nested) {
			continue // said already
		}
		got := fmt.Sprint(fault.Got)
		if got == "" {
			got = "an empty text"
		}
		faults = append(faults, mining.Faultf(path, "got %s, want %s", got, fault.Want))
	}
	return faults
}

func (s *Settings) cells() []Cell {
	if s.Map == nil {
		return nil
	}
	return s.Map.Rules
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
