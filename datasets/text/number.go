package text

import "math"

// Scale is the number of decimal places of the values that ParseDecimal returns.
const Scale = 6

// ParseInt reads an integer: digits, perhaps after a sign.
func ParseInt(b []byte) (int64, Result) {
	digits, negative := sign(b)
	if len(digits) == 0 {
		return 0, NotNumber
	}
	var v uint64
	over := false
	for _, c := range digits {
		d := uint64(c - '0')
		if d > 9 {
			return 0, NotNumber
		}
		if v > (math.MaxUint64-9)/10 {
			over = true
			continue
		}
		v = v*10 + d
	}
	if over {
		return 0, TooLarge
	}
	return signed(v, negative, Exact)
}

// ParseDecimal reads a number such as 12.50, -.5, +1,234.5 or 1.5E-2 in
// millionths.
//
// Decimal is the sign between the whole and the fraction, '.' or ','. Thousands
// is the sign between groups of three digits of the whole, or 0 if there is
// none; the groups must be whole, so that 1,5 is no number where the comma
// groups. An exponent is e or E, a sign if any, and digits.
//
// Digits beyond the sixth decimal place round half away from zero, with the
// result Rounded unless they are all zero.
func ParseDecimal(b []byte, decimal, thousands byte) (millionths int64, r Result) {
	digits, negative := sign(b)
	var v uint64
	i := 0
	for ; i < len(digits) && i < 12; i++ {
		d := uint64(digits[i] - '0')
		if d > 9 {
			break
		}
		v = v*10 + d
	}
	whole := i
	places := 0
	if i > 0 && i < len(digits) && digits[i] == decimal {
		for i++; i < len(digits) && places < Scale; i++ {
			d := uint64(digits[i] - '0')
			if d > 9 {
				break
			}
			v = v*10 + d
			places++
		}
	}
	if i < len(digits) || whole == 0 {
		return parseLong(digits, negative, decimal, thousands)
	}
	return signed(v*powers[Scale-places], negative, Exact) // < 10¹⁸
}

var powers = [Scale + 1]uint64{1, 10, 100, 1_000, 10_000, 100_000, 1_000_000}

// sign takes the sign off b.
func sign(b []byte) (digits []byte, negative bool) {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		return b[1:], b[0] == '-'
	}
	return b, false
}

// signed returns ±v if it fits.
func signed(v uint64, negative bool, r Result) (int64, Result) {
	switch {
	case negative && v <= 1<<63:
		return -int64(v), r
	case !negative && v <= math.MaxInt64:
		return int64(v), r
	}
	return 0, TooLarge
}

// parseLong is ParseDecimal for every form of number.
func parseLong(b []byte, negative bool, decimal, thousands byte) (int64, Result) {
	mantissa, exponent, ok := splitExponent(b)
	if !ok {
		return 0, NotNumber
	}
	whole, ok := wholeDigits(mantissa, decimal, thousands)
	if !ok {
		return 0, NotNumber
	}
	// The number is 0.d₁d₂d₃… × 10^(whole + exponent); with Scale more digits
	// before the point it is in millionths.
	keep := whole + exponent + Scale
	var v uint64
	r, half, over := Exact, false, false
	for _, c := range mantissa {
		d := uint64(c - '0')
		if d > 9 {
			continue // a separator, already checked
		}
		switch {
		case keep > 0 && v > (math.MaxUint64-9)/10:
			over = true
		case keep > 0:
			v = v*10 + d
		case d != 0:
			r = Rounded
			half = half || keep == 0 && d >= 5
		}
		keep--
	}
	if v == 0 && !over {
		keep = 0
	}
	for ; keep > 0 && !over; keep-- {
		if over = v > math.MaxUint64/10; !over {
			v *= 10
		}
	}
	if over {
		return 0, TooLarge
	}
	if half {
		v++ // cannot wrap: the loop keeps v below MaxUint64
	}
	return signed(v, negative, r)
}

// maxExponent is where exponents are clipped: far beyond what any mantissa of a
// sensible length can make good.
const maxExponent = 1 << 30

// splitExponent cuts the exponent off.
func splitExponent(b []byte) (mantissa []byte, exponent int, ok bool) {
	at := len(b)
	for i, c := range b {
		if c|0x20 == 'e' {
			at = i
			break
		}
	}
	if at == len(b) {
		return b, 0, true
	}
	digits, negative := sign(b[at+1:])
	if len(digits) == 0 {
		return nil, 0, false
	}
	for _, c := range digits {
		d := int(c - '0')
		if c < '0' || d > 9 {
			return nil, 0, false
		}
		exponent = min(exponent*10+d, maxExponent)
	}
	if negative {
		exponent = -exponent
	}
	return b[:at], exponent, true
}

// wholeDigits checks the mantissa and returns the number of its digits before
// the point.
func wholeDigits(b []byte, decimal, thousands byte) (whole int, ok bool) {
	i, group, groups := 0, 0, 0
	for ; i < len(b) && b[i] != decimal; i++ {
		switch {
		case b[i] >= '0' && b[i] <= '9':
			whole++
			group++
		case thousands != 0 && b[i] == thousands && group > 0 && group <= 3 && (groups == 0 || group == 3):
			group = 0
			groups++
		default:
			return 0, false
		}
	}
	if groups > 0 && group != 3 {
		return 0, false
	}
	digits := whole
	for i++; i < len(b); i++ {
		if b[i] < '0' || b[i] > '9' {
			return 0, false
		}
		digits++
	}
	return whole, digits > 0
}
