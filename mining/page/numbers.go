package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// None stands where there is no value.
const None = "–"

// Whole writes a whole number with its digits in groups.
func Whole(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	var groups []string
	for len(text) > 3 {
		groups = append([]string{text[len(text)-3:]}, groups...)
		text = text[:len(text)-3]
	}
	return sign + strings.Join(append([]string{text}, groups...), ",")
}

// Percent writes a share as a percentage with one digit.
func Percent(share float64) string {
	if math.IsNaN(share) {
		return None
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}

// Short writes a number with four significant digits.
func Short(v float64) string {
	if math.IsNaN(v) {
		return None
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// Amount writes money with its digits in groups and two digits after the point.
func Amount(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return None
	}
	text := strconv.FormatFloat(math.Abs(v), 'f', 2, 64)
	units, cents, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(units, 10, 64)
	if err != nil {
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	sign := ""
	if v < 0 && text != "0.00" {
		sign = "-"
	}
	return sign + Whole(n) + "." + cents
}
