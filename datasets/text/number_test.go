package text

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"
)

func TestParseDecimalWorkedExamples(t *testing.T) {
	f := func(s string, want int64, r Result) {
		t.Helper()
		if got, result := ParseDecimal([]byte(s), '.', 0); got != want || result != r {
			t.Errorf("%q: got %d, %s; want %d, %s", s, got, result, want, r)
		}
	}
	f("0", 0, Exact)
	f("12.50", 12_500_000, Exact)
	f("-12.5", -12_500_000, Exact)
	f("+.5", 500_000, Exact)
	f("5.", 5_000_000, Exact)
	f("0.000001", 1, Exact)
	f("0.0000014", 1, Rounded)
	f("0.0000015", 2, Rounded)
	f("-0.0000005", -1, Rounded)
	f("0.00000049999999999999999999999999", 0, Rounded)
	f("1.2300000000000000000000000000", 1_230_000, Exact)
	f("1e3", 1_000_000_000, Exact)
	f("1.5E-2", 15_000, Exact)
	f("1e-6", 1, Exact)
	f("1e-7", 0, Rounded)
	f("5e-7", 1, Rounded)
	f("1e-999999999999999999999", 0, Rounded)
	f("0e999999999999999999999", 0, Exact)
	f("1e999999999999999999999", 0, TooLarge)
	f("9223372036854.775807", math.MaxInt64, Exact)
	f("-9223372036854.775808", math.MinInt64, Exact)
	f("9223372036854.775808", 0, TooLarge)
	f("9223372036854.7758075", 0, TooLarge)
	f("00000000000000000000000000000000000001.5", 1_500_000, Exact)
	f("99999999999999999999", 0, TooLarge)
	for _, s := range []string{"", "-", "+", ".", "-.", "e3", "1e", "1e+", "1e3.0", "--1", "1-", "1,5", "1.2.3", "1 ", " 1", "£1", "NaN", "Inf", "0x10", "1_000", "(1)", "1e3e3", "١"} {
		f(s, 0, NotNumber)
	}
}

func TestParseDecimalGroups(t *testing.T) {
	f := func(s string, decimal, thousands byte, want int64, r Result) {
		t.Helper()
		if got, result := ParseDecimal([]byte(s), decimal, thousands); got != want || result != r {
			t.Errorf("%q: got %d, %s; want %d, %s", s, got, result, want, r)
		}
	}
	f("1,234,567.89", '.', ',', 1_234_567_890_000, Exact)
	f("-1.234,5", ',', '.', -1_234_500_000, Exact)
	f("1'000", '.', '\'', 1_000_000_000, Exact)
	f("1234,5", ',', 0, 1_234_500_000, Exact)
	f("1234567.5", '.', ',', 1_234_567_500_000, Exact) // groups are not required
	for _, s := range []string{"1,5", "1,23", "1,2345", "12,34,567", ",123", "1,,234", "1,234,", "1234,567", "1.234,567"} {
		f(s, '.', ',', 0, NotNumber)
	}
	f("12.50", ',', '.', 0, NotNumber)
}

func TestParseIntWorkedExamples(t *testing.T) {
	f := func(s string, want int64, r Result) {
		t.Helper()
		if got, result := ParseInt([]byte(s)); got != want || result != r {
			t.Errorf("%q: got %d, %s; want %d, %s", s, got, result, want, r)
		}
	}
	f("0", 0, Exact)
	f("-17", -17, Exact)
	f("+007", 7, Exact)
	f("9223372036854775807", math.MaxInt64, Exact)
	f("-9223372036854775808", math.MinInt64, Exact)
	f("9223372036854775808", 0, TooLarge)
	f("99999999999999999999999", 0, TooLarge)
	f("9999999999999999999999x", 0, NotNumber)
	f("18446744073709551616", 0, TooLarge)
	for _, s := range []string{"", "-", "1.0", "1e3", " 1", "1,000"} {
		f(s, 0, NotNumber)
	}
}

// FuzzParseDecimal holds ParseDecimal against big.Rat.
func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"12.50", "-1.5E-2", "9223372036854.775807", ".5e-7", "1e12", "0.00000050000000000000000000001", "123456789012345678.5e-9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, r := ParseDecimal([]byte(s), '.', 0)
		if r == NotNumber {
			if got != 0 {
				t.Fatalf("%q: got %d for no number", s, got)
			}
			if plainNumber(s) {
				t.Fatalf("%q: refused", s)
			}
			return
		}
		if !plainNumber(s) {
			t.Fatalf("%q: accepted as %d", s, got)
		}
		if i := strings.IndexAny(s, "eE"); i >= 0 {
			if e, err := strconv.Atoi(s[i+1:]); err != nil || e > 2000 || e < -2000 {
				return // big.Rat would take all memory
			}
		}
		exact, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatalf("%q: accepted as %d, refused by big.Rat", s, got)
		}
		exact.Mul(exact, big.NewRat(1_000_000, 1))
		rounded, _ := new(big.Int).SetString(exact.FloatString(0), 10) // half away from zero
		want := Exact
		if !exact.IsInt() {
			want = Rounded
		}
		if !rounded.IsInt64() {
			want, rounded = TooLarge, new(big.Int)
		}
		if r != want || got != rounded.Int64() {
			t.Fatalf("%q: got %d, %s; want %s, %s", s, got, r, rounded, want)
		}
	})
}

// plainNumber says in another way which texts are numbers.
func plainNumber(s string) bool {
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(s), "e")
	if scientific {
		exponent = strings.TrimPrefix(strings.TrimPrefix(exponent, "-"), strings.Repeat("+", min(1, strings.Count(exponent[:min(1, len(exponent))], "+"))))
		if exponent == "" || strings.Trim(exponent, "0123456789") != "" {
			return false
		}
	}
	if mantissa != "" && (mantissa[0] == '-' || mantissa[0] == '+') {
		mantissa = mantissa[1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	return whole+fraction != "" && strings.Trim(whole+fraction, "0123456789") == ""
}

func BenchmarkParseDecimal(b *testing.B) {
	for _, s := range []string{"2.55", "-1234.50", "1,234,567.89", "1.5E-2"} {
		b.Run(fmt.Sprintf("text=%s", s), func(b *testing.B) {
			cell := []byte(s)
			for b.Loop() {
				ParseDecimal(cell, '.', ',')
			}
		})
	}
}

func ExampleParseDecimal() {
	fmt.Println(ParseDecimal([]byte("-1.234,50"), ',', '.'))
	fmt.Println(ParseDecimal([]byte("0.0000015"), '.', 0))
	// Output:
	// -1234500000 exact
	// 2 rounded
}
