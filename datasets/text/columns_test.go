package text

import (
	"fmt"
	"strings"
	"testing"
)

// columnOf cuts text at its bars into a column.
func columnOf(text string) (data []byte, start, end []uint32) {
	at := uint32(0)
	for _, cell := range strings.Split(text, "|") {
		start, end = append(start, at), append(end, at+uint32(len(cell)))
		at += uint32(len(cell)) + 1
	}
	return []byte(text), start, end
}

// againstParseDecimal holds Decimals against ParseDecimal, from every text of
// the column on.
func againstParseDecimal(t *testing.T, text string, decimal byte) {
	t.Helper()
	data, start, end := columnOf(text)
	for from := range start {
		dst := make([]int64, len(start)-from)
		n := Decimals(dst, data, start[from:], end[from:], decimal)
		for i := range n {
			cell := data[start[from+i]:end[from+i]]
			want, r := ParseDecimal(cell, decimal, 0)
			if r != Exact || dst[i] != want {
				t.Fatalf("%q in %q: got %d, want %d, %s", cell, text, dst[i], want, r)
			}
		}
		if n < len(dst) && usual(string(data[start[from+n]:end[from+n]]), decimal) && end[from+n] >= 8 {
			t.Fatalf("%q: stopped at %q", text, data[start[from+n]:end[from+n]])
		}
	}
}

// usual says in another way which texts Decimals promises to read.
func usual(s string, decimal byte) bool {
	s = strings.TrimPrefix(s, "-")
	whole, places, _ := strings.Cut(s, string(rune(decimal)))
	return len(s) <= 8 && len(whole)+len(places) > 0 && len(places) <= Scale && strings.Trim(whole+places, "0123456789") == ""
}

func TestDecimalsAgreesWithParseDecimal(t *testing.T) {
	for _, text := range []string{
		"padding.|1|12|123|1234|12345|123456|1234567|12345678|123456789",
		"padding.|1.5|.5|5.|.|0.1234567|.123456|.1234567|12345.67|1.123456|1.2.3|..",
		"padding.|-1|-0|-|--1|-.|-12345.67|-12345678|-123456789|1-|+1|1e3|| 1|1 |1,5|1'5|1x5|\x00|1\x005|\xb1|9.99|99999999|0|00000000",
		"1|2|3|4.5|6.75",
	} {
		againstParseDecimal(t, text, '.')
		againstParseDecimal(t, strings.ReplaceAll(text, ".", ","), ',')
	}
}

func FuzzDecimals(f *testing.F) {
	f.Add("12.5|.|99999999|1.123456", false)
	f.Add("-12,5|,5|0,0000001|1\xb05", true)
	f.Fuzz(func(t *testing.T, text string, comma bool) {
		if comma {
			againstParseDecimal(t, text, ',')
		} else {
			againstParseDecimal(t, text, '.')
		}
	})
}

// againstParse holds ParseTimes against Parse, from every text of the column on.
func againstParse(t *testing.T, l *TimeLayout, text string) (read int) {
	t.Helper()
	data, start, end := columnOf(text)
	for from := range start {
		dst := make([]int64, len(start)-from)
		n := ParseTimes(l, dst, data, start[from:], end[from:])
		for i := range n {
			cell := data[start[from+i]:end[from+i]]
			if want, _, ok := l.Parse(cell); !ok || dst[i] != want {
				t.Fatalf("%s: %q in %q: got %d, want %d, %t", l, cell, text, dst[i], want, ok)
			}
		}
		if n < len(dst) && l.whole != nil && l.rest == len(l.ops) && int(end[from+n]-start[from+n]) == l.width {
			if _, ok := l.parseFull(data[start[from+n]:end[from+n]]); ok {
				t.Fatalf("%s: %q: stopped at %q", l, text, data[start[from+n]:end[from+n]])
			}
		}
		read += n
	}
	return read
}

var wholeLayouts = []string{
	"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d", "%Y%m%d", "%d.%m.%Y %H:%M", "%m/%d/%y", "%d/%m/%Y %H:%M:%S", "%Y%m%d%H%M%S",
	"%H:%M %d-%m-%Y", "%Y/%m", "%y%m%d %H%M", "at %Y-%m-%d %H:%M:%S.", "Année %Y%%-%m-%d",
}

func TestParseTimesAgreesWithParse(t *testing.T) {
	for _, format := range wholeLayouts {
		l := layout(t, format)
		var texts []string
		for _, day := range []string{"2023-07-01", "2023-07-01", "2024-02-29", "2023-02-29", "2023-13-01", "2023-00-10", "2023-12-00", "0001-01-01", "0000-01-01",
			"9999-12-31", "1969-12-31", "2000-04-31", "20a3-01-01", "2023-01-0/", "2023-01-:1"} {
			for _, clock := range []string{"00:00:00", "23:59:59", "24:00:00", "12:60:00", "12:00:60", "12:00:60", "1/:00:00"} {
				text := strings.NewReplacer("%%", "%", "%Y", day[:4], "%y", day[2:4], "%m", day[5:7], "%d", day[8:10],
					"%H", clock[:2], "%M", clock[3:5], "%S", clock[6:8]).Replace(format)
				texts = append(texts, text, text, strings.Replace(text, "-", "/", 1), text[1:], "\x00"+text[1:], "\xff"+text[1:])
			}
		}
		if n := againstParse(t, l, strings.Join(texts, "|")); n < 30 && l.width >= 8 {
			t.Errorf("%s: read %d texts, want most of those that are times", format, n)
		}
	}
	if l := layout(t, "%Y-%m-%d"); againstParse(t, l, strings.Repeat("\x00", 10)) != 0 {
		t.Error("read a time from zero bytes")
	}
}

func FuzzParseTimes(f *testing.F) {
	f.Add(uint8(0), "2023-07-01 06:00:16|2023-07-01 06:00:16|2023-07-01 24:00:16")
	f.Add(uint8(4), "31.12.1999 23:59|29.02.2000 00:00")
	var layouts []*TimeLayout
	for _, format := range wholeLayouts {
		layouts = append(layouts, layout(f, format))
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) { againstParse(t, layouts[int(which)%len(layouts)], text) })
}

func BenchmarkColumns(b *testing.B) {
	const rows = 20_000
	prices, times := []byte("padding."), []byte("padding.")
	var dst [rows]int64
	var starts, ends [2][]uint32
	for i := range rows {
		starts[0] = append(starts[0], uint32(len(prices)))
		prices = fmt.Appendf(prices, "%d.%02d", i*7%300, i*13%100)
		ends[0] = append(ends[0], uint32(len(prices)))
		starts[1] = append(starts[1], uint32(len(times)))
		order := i / 3
		times = fmt.Appendf(times, "2023-07-%02d %02d:%02d:%02d", 1+order/1000, order/60%24, order%60, order*7%60)
		ends[1] = append(ends[1], uint32(len(times)))
	}
	l := layout(b, "%Y-%m-%d %H:%M:%S")
	b.Run("kind=decimal", func(b *testing.B) {
		for b.Loop() {
			if n := Decimals(dst[:], prices, starts[0], ends[0], '.'); n != rows {
				b.Fatal(n)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/text")
	})
	b.Run("kind=time", func(b *testing.B) {
		for b.Loop() {
			if n := ParseTimes(l, dst[:], times, starts[1], ends[1]); n != rows {
				b.Fatal(n)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/text")
	})
}
