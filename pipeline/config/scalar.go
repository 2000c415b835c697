package config

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/mining/setting"
)

// scalar is a type written as one word in a job file. Set returns the wanted
// form where the word does not fit.
type scalar interface {
	Set(text string) (want string, ok bool)
	Schema() map[string]any
	String() string
}

// Day is a day of the calendar, written 2011-12-10.
type Day datasets.Day

// Set reads a day.
func (d *Day) Set(text string) (string, bool) {
	day, err := datasets.ParseDay(text)
	*d = Day(day)
	return "a day such as 2011-12-10", err == nil
}

// Schema describes the word to editors.
func (d *Day) Schema() map[string]any { return map[string]any{"type": "string", "format": "date"} }

func (d *Day) String() string { return datasets.Day(*d).String() }

// Size is an amount of memory, in bytes or as a share of the machine's.
type Size struct {
	Bytes int64
	Share float64 // in (0,1], where Bytes is 0
}

// Set reads a size such as 4GiB, 500MB or 60%.
func (s *Size) Set(text string) (string, bool) {
	const want = "a size such as 4GiB, 500MB or 60%"
	if share, ok := strings.CutSuffix(text, "%"); ok {
		v, err := strconv.ParseFloat(strings.TrimSpace(share), 64)
		*s = Size{Share: v / 100}
		return want, err == nil && v > 0 && v <= 100
	}
	digits := strings.TrimRight(text, "KMGTkmgtiIbB ")
	unit := strings.ToLower(strings.TrimSpace(text[len(digits):]))
	powers := map[string]float64{"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
		"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40,
		"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
	v, err := strconv.ParseFloat(digits, 64)
	power, known := powers[unit]
	*s = Size{Bytes: int64(v * power)}
	return want, err == nil && known && v*power >= 1<<20 && v*power < 1<<60
}

// Schema describes the word to editors.
func (s *Size) Schema() map[string]any {
	return map[string]any{"type": []string{"string", "integer"}, "pattern": `^[0-9.]+ *([KMGTkmgt]i?[Bb]?|%)?$`}
}

func (s *Size) String() string {
	if s.Bytes == 0 {
		return strconv.FormatFloat(s.Share*100, 'g', -1, 64) + "%"
	}
	for _, u := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if s.Bytes%u.size == 0 {
			return strconv.FormatInt(s.Bytes/u.size, 10) + u.name
		}
	}
	return strconv.FormatInt(s.Bytes, 10)
}

// Number is an exact decimal, in millionths.
type Number int64

// Set reads a number.
func (n *Number) Set(text string) (string, bool) {
	const want = "a number below 10^12 with at most six decimal places"
	v, ok := setting.Decimal(text)
	if !ok {
		return want, false
	}
	v.Mul(v, big.NewRat(1_000_000, 1))
	if !v.IsInt() || v.Num().BitLen() > 60 {
		return want, false
	}
	*n = Number(v.Num().Int64())
	return want, true
}

// Schema describes the word to editors.
func (n *Number) Schema() map[string]any { return map[string]any{"type": "number"} }

func (n *Number) String() string { return string(datasets.AppendDecimal(nil, int64(*n), 6)) }

// marshal writes a scalar as JSON: as a number where possible.
func marshal(s scalar) json.RawMessage {
	text := s.String()
	if v, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
		return json.RawMessage(text)
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(fmt.Sprintf("config: BUG: %q as JSON: %v", text, err))
	}
	return quoted
}
