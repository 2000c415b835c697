package churn

import (
	"math"
	"strconv"
	"strings"
)

// Phrase returns a reason as a code for a file, such as "recency_days=212",
// "basket_value_trend=-0.1235" or "gap_mean_days=missing".
//
// Whole numbers, and numbers of a thousand or more, are written without decimals,
// all other numbers with four significant digits. A phrase has no comma, semicolon,
// quote or blank, and depends only on the arguments.
func Phrase(name string, value float64) string {
	return strings.Map(codeRune, name) + "=" + short(value)
}

func codeRune(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.' {
		return r
	}
	return '_'
}

// short writes a number in few digits.
func short(v float64) string {
	size := math.Abs(v)
	switch {
	case v != v:
		return "missing"
	case v == 0:
		return "0"
	case size >= 1000 && size < 1e15 || v == math.Trunc(v) && size < 1e15:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case size < 1e-4 || size >= 1e15:
		return strconv.FormatFloat(v, 'e', 3, 64)
	}
	decimals := 3 - int(math.Floor(math.Log10(size)))
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}
