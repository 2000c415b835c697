package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// None stands where there is no value.
const None = "–"

// Whole writes a whole number with grouped digits.
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

// Amount writes money with grouped digits and two digits after the point.
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

// Compact writes a number with two or three digits and a unit of size, in everyday form:
// 8.9 M, 411 k, 98.
func Compact(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return None
	}
	size := math.Abs(v)
	switch {
	case size >= 999.95e9:
		return signed(v, compactDigits(size/1e12)+" T")
	case size >= 999.95e6:
		return signed(v, compactDigits(size/1e9)+" bn")
	case size >= 999.5e3:
		return signed(v, compactDigits(size/1e6)+" M")
	case size >= 9999.5:
		return signed(v, compactDigits(size/1e3)+" k")
	}
	if v == math.Trunc(v) || size >= 100 {
		return Whole(int64(math.Round(v)))
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func compactDigits(v float64) string {
	if v >= 99.95 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}

func signed(v float64, text string) string {
	if v < 0 {
		return "-" + text
	}
	return text
}

// symbols are the signs of currencies known to most readers.
var symbols = map[string]string{"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "INR": "₹", "CHF": "CHF", "PLN": "zł"}

// Money writes an amount like Compact, with the sign or code of the currency.
func Money(v float64, currency string) string {
	text := Compact(v)
	if symbol, ok := symbols[currency]; ok {
		currency = symbol
	}
	if currency == "" || text == None {
		return text
	}
	return text + " " + currency
}

// Change writes a change in percent with its sign.
func Change(share float64) string {
	if math.IsNaN(share) || math.IsInf(share, 0) {
		return None
	}
	return fmt.Sprintf("%+.1f %%", 100*share)
}

// Times writes a ratio with two digits, such as 2.2 or 0.41, and 0 for a ratio below 0.005.
func Times(ratio float64) string {
	switch {
	case math.IsNaN(ratio) || math.IsInf(ratio, 0):
		return None
	case math.Abs(ratio) >= 9.95:
		return Whole(int64(math.Round(ratio)))
	case math.Abs(ratio) >= 0.995:
		return strconv.FormatFloat(ratio, 'f', 1, 64)
	case math.Abs(ratio) < 0.005:
		return "0"
	}
	return strconv.FormatFloat(ratio, 'f', 2, 64)
}
