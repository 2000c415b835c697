package xlsxio

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// form is the meaning of a number.
type form uint8

const (
	asNumber form = iota
	asDate        // a day, or a day and a time of it
	asClock       // a time of day
)

// readStyles finds the styles of cells for dates and times.
func (w *workbook) readStyles(part string) error {
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := w.read(part, &styles, false); err != nil {
		return err
	}
	codes := map[int]form{}
	for _, f := range styles.Formats {
		codes[f.ID] = formOf(f.Code)
	}
	for _, c := range styles.Cells {
		f, own := codes[c.Format]
		if !own {
			f = builtIn(c.Format)
		}
		w.dates = append(w.dates, f)
	}
	return nil
}

// builtIn returns the form of a number format with a fixed number in Excel, formats of East Asia included.
func builtIn(id int) form {
	switch {
	case id >= 14 && id <= 17, id == 22, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return asDate
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47, id == 55, id == 56:
		return asClock
	}
	return asNumber
}

// formOf tells from the code of a number format, such as dd.mm.yyyy\ hh:mm, the kind of its numbers. Texts in quotes,
// and brackets other than [h], are ignored.
func formOf(code string) form {
	code, _, _ = strings.Cut(code, ";") // the other sections are for negative numbers and texts
	day, clock := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i] | 0x20; {
		case code[i] == '"':
			if end := strings.IndexByte(code[i+1:], '"'); end >= 0 {
				i += end + 1
			}
		case code[i] == '\\', code[i] == '_', code[i] == '*':
			i++
		case code[i] == '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return asNumber
			}
			inner := strings.ToLower(code[i+1 : i+end])
			clock = clock || inner != "" && (strings.Trim(inner, "h") == "" || strings.Trim(inner, "m") == "" || strings.Trim(inner, "s") == "")
			i += end
		case code[i] == '0' && !clock, code[i] == '#', code[i] == '?':
			return asNumber
		case c == 'y', c == 'd', c == 'e' && !strings.HasPrefix(code[i:], "E+") && !strings.HasPrefix(code[i:], "E-") && day:
			day = true
		case c == 'h', c == 's':
			clock = true
		case c == 'g' && strings.HasPrefix(strings.ToLower(code[i:]), "general"):
			return asNumber
		case c == 'm' && !clock && !strings.ContainsAny(strings.ToLower(code), "hs"):
			day = true
		}
	}
	switch {
	case day:
		return asDate
	case clock:
		return asClock
	}
	return asNumber
}

// appendNumber appends a number as Excel shows it: with 15 significant digits.
func appendNumber(dst []byte, v float64) []byte {
	if a := math.Abs(v); a != 0 && (a >= 1e15 || a < 1e-6) {
		return strconv.AppendFloat(dst, v, 'g', 15, 64)
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 14, 64), 64)
	if err != nil {
		rounded = v
	}
	return strconv.AppendFloat(dst, rounded, 'f', -1, 64)
}

// The days that a date may have: the years 1900 to 9999.
const lastSerial = 2_958_466

// appendDate appends a count of days as a date, with its time of day except midnight; false for a count that is no
// date.
func appendDate(dst []byte, days float64, from904 bool) ([]byte, bool) {
	if days < 0 || days >= lastSerial || days != days {
		return dst, false
	}
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case from904:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 60: // Excel has a 29 February 1900
		first = first.AddDate(0, 0, 1)
	}
	whole := math.Floor(days)
	millis := int64(math.Round((days - whole) * 86_400_000))
	t := first.AddDate(0, 0, int(whole)).Add(time.Duration(millis) * time.Millisecond)
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 && t.Nanosecond() == 0 {
		return t.AppendFormat(dst, time.DateOnly), true
	}
	return t.AppendFormat(dst, "2006-01-02 15:04:05.999"), true
}

// appendClock appends a part of a day as a time of day; a whole day or more is a
// date.
func appendClock(dst []byte, days float64, from904 bool) ([]byte, bool) {
	if days < 0 || days >= 1 {
		return appendDate(dst, days, from904)
	}
	t := time.Time{}.Add(time.Duration(math.Round(days*86_400_000)) * time.Millisecond)
	return t.AppendFormat(dst, "15:04:05.999"), true
}
