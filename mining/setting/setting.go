// Package setting holds the types of settings that a job file writes as a single word
// with a unit of its own: shares, lengths of time, numbers of groups. The settings of
// steps use them, and the reader of job files knows them by their methods.
package setting

import (
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/quintile-dev/quintile/datasets"
)

// Share is a share of a whole, written 0.01 or 1%.
type Share float64

// Set reads a share. It returns the form that is wanted, and false where text has
// another form.
func (s *Share) Set(text string) (want string, ok bool) {
	digits, percent := strings.CutSuffix(text, "%")
	v, ok := Decimal(strings.TrimSpace(digits))
	if !ok {
		return "a share such as 0.01 or 1%", false
	}
	if percent {
		v.Quo(v, big.NewRat(100, 1))
	}
	f, _ := v.Float64()
	*s = Share(f)
	return "a share from 0 to 1, such as 0.01 or 1%", f >= 0 && f <= 1
}

// Schema describes the word to editors.
func (s *Share) Schema() map[string]any {
	return map[string]any{"anyOf": []any{
		map[string]any{"type": "number", "minimum": 0, "maximum": 1},
		map[string]any{"type": "string", "pattern": `^[0-9.]+ *%$`},
	}}
}

func (s *Share) String() string { return strconv.FormatFloat(float64(*s), 'f', -1, 64) }

// Decimal reads a number in plain notation: an exponent could ask for any number of
// digits.
func Decimal(text string) (*big.Rat, bool) {
	if len(text) > 40 || strings.Trim(text, "+-.0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// K is a number of groups.
type K int

// Auto leaves the number of groups to the program.
const Auto K = 0

// Set reads a number of groups, or auto.
func (k *K) Set(text string) (want string, ok bool) {
	want = "auto, or an integer from 2 to 1000"
	if text == "auto" {
		*k = Auto
		return want, true
	}
	v, err := strconv.Atoi(text)
	*k = K(v)
	return want, err == nil && v >= 2 && v <= 1000
}

// Schema describes the word to editors.
func (k *K) Schema() map[string]any {
	return map[string]any{"anyOf": []any{
		map[string]any{"const": "auto"},
		map[string]any{"type": "integer", "minimum": 2, "maximum": 1000},
	}}
}

func (k *K) String() string {
	if *k == Auto {
		return "auto"
	}
	return strconv.Itoa(int(*k))
}

// Seconds is a length of time, written 90s or 10m.
type Seconds time.Duration

// Set reads a length of time.
func (s *Seconds) Set(text string) (want string, ok bool) {
	d, err := time.ParseDuration(text)
	*s = Seconds(d)
	return "a length of time such as 90s or 10m", err == nil && d >= 0
}

// Schema describes the word to editors.
func (s *Seconds) Schema() map[string]any {
	return map[string]any{"type": "string", "pattern": `^([0-9.]+(h|m|s|ms))+$`}
}

func (s *Seconds) String() string { return time.Duration(*s).String() }

// Duration returns the length of time.
func (s Seconds) Duration() time.Duration { return time.Duration(s) }

// Cut is a limit between low and high: a number, or a word for one that the data give.
type Cut struct {
	Word  string // Median or Base; "" for Value
	Value float64
}

// The words that stand for a cut.
const (
	Median = "median" // of the customers compared
	Base   = "base"   // the figure of all customers together
)

// Set reads a cut.
func (c *Cut) Set(text string) (want string, ok bool) {
	want = "median, base, or a number"
	if text == Median || text == Base {
		*c = Cut{Word: text}
		return want, true
	}
	v, ok := Decimal(text)
	if !ok {
		return want, false
	}
	f, _ := v.Float64()
	*c = Cut{Value: f}
	return want, true
}

// Schema describes the word to editors.
func (c *Cut) Schema() map[string]any {
	return map[string]any{"anyOf": []any{map[string]any{"enum": []string{Median, Base}}, map[string]any{"type": "number"}}}
}

func (c *Cut) String() string {
	if c.Word != "" {
		return c.Word
	}
	return strconv.FormatFloat(c.Value, 'f', -1, 64)
}

// Names is a list of names that a job file may also write as a single word.
type Names []string

// Past is a run to compare with: the latest before this one, or the history at the end of a day.
type Past struct {
	Day    datasets.Day
	Latest bool
}

// Latest stands for the run before.
const Latest = "latest"

// Set reads a run to compare with.
func (p *Past) Set(text string) (want string, ok bool) {
	want = "latest, or a day such as 2011-09-10"
	if text == Latest {
		*p = Past{Latest: true}
		return want, true
	}
	day, err := datasets.ParseDay(text)
	*p = Past{Day: day}
	return want, err == nil
}

// Schema describes the word to editors.
func (p *Past) Schema() map[string]any {
	return map[string]any{"anyOf": []any{map[string]any{"const": Latest}, map[string]any{"type": "string", "format": "date"}}}
}

func (p *Past) String() string {
	if p.Latest {
		return Latest
	}
	return p.Day.String()
}
