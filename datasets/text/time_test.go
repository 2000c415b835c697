package text

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func layout(t testing.TB, format string) *TimeLayout {
	t.Helper()
	l, err := CompileTime(format)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestParseTimeWorkedExamples(t *testing.T) {
	f := func(format, text, want string) {
		t.Helper()
		micros, zoned, ok := layout(t, format).Parse([]byte(text))
		got := "refused"
		if ok {
			got = time.UnixMicro(micros).UTC().Format("2006-01-02T15:04:05.999999")
			if zoned {
				got += "Z"
			}
		}
		if got != want {
			t.Errorf("%s: %q: got %s, want %s", format, text, got, want)
		}
	}
	f("%m/%d/%Y %H:%M", "12/1/2010 8:26", "2010-12-01T08:26:00")
	f("%m/%d/%Y %H:%M", "12/01/2010 08:26", "2010-12-01T08:26:00")
	f("%m/%d/%Y %H:%M", "13/1/2010 8:26", "refused")
	f("%Y-%m-%d", "2012-02-29", "2012-02-29T00:00:00")
	f("%Y-%m-%d", "2011-02-29", "refused")
	f("%Y-%m-%d", "1900-02-29", "refused")
	f("%Y-%m-%d", "2000-02-29", "2000-02-29T00:00:00")
	f("%Y-%m-%d", "2011-04-31", "refused")
	f("%Y-%m-%d", "2011-00-10", "refused")
	f("%Y-%m-%d", "2011-1-0", "refused")
	f("%Y-%m-%d", "0000-01-01", "refused")
	f("%Y-%m-%d", "0001-01-01", "0001-01-01T00:00:00")
	f("%Y-%m-%d", "9999-12-31", "9999-12-31T00:00:00")
	f("%Y-%m-%d", "11-12-10", "refused")
	f("%Y-%m-%d", "2011-12-10 ", "refused")
	f("%Y-%m-%d", "2011-12-1x", "refused")
	f("%Y-%m-%d", "", "refused")
	f("%Y%m%d", "19970101", "1997-01-01T00:00:00")
	f("%Y%m%d", "1997011", "refused")
	f("%F %T", "2011-12-10 23:59:59", "2011-12-10T23:59:59")
	f("%F %T", "2011-12-10 24:00:00", "refused")
	f("%F %T", "2011-12-10 23:60:00", "refused")
	f("%F %T", "2011-12-10 23:59:60", "refused")
	f("%F %T", "2011-12-10   23:59:59", "2011-12-10T23:59:59")
	f("%FT%T.%f", "2011-12-10T01:02:03.5", "2011-12-10T01:02:03.5")
	f("%FT%T.%f", "2011-12-10T01:02:03.1234567", "2011-12-10T01:02:03.123456")
	f("%FT%T%z", "2011-12-10T01:02:03Z", "2011-12-10T01:02:03Z")
	f("%FT%T%z", "2011-12-10T01:02:03+01:30", "2011-12-09T23:32:03Z")
	f("%FT%T%z", "2011-12-10T01:02:03-0130", "2011-12-10T02:32:03Z")
	f("%FT%T%:z", "2011-12-10T01:02:03+01", "2011-12-10T00:02:03Z")
	f("%FT%T%z", "2011-12-10T01:02:03+1", "refused")
	f("%FT%T%z", "2011-12-10T01:02:03+01:", "refused")
	f("%FT%T%z", "2011-12-10T01:02:03+24:00", "refused")
	f("%FT%T %Z", "2011-12-10T01:02:03 UTC", "2011-12-10T01:02:03Z")
	f("%FT%T %Z", "2011-12-10T01:02:03 CET", "refused")
	f("%d.%m.%y", "1.2.68", "2068-02-01T00:00:00")
	f("%d.%m.%y", "1.2.69", "1969-02-01T00:00:00")
	f("%I:%M %p, %d/%m/%Y", "12:05 AM, 10/12/2011", "2011-12-10T00:05:00")
	f("%I:%M %p, %d/%m/%Y", "12:05 p.m., 10/12/2011", "2011-12-10T12:05:00")
	f("%I:%M %p, %d/%m/%Y", "1:05 pm, 10/12/2011", "2011-12-10T13:05:00")
	f("%I:%M %p, %d/%m/%Y", "13:05 pm, 10/12/2011", "refused")
	f("%I:%M %p, %d/%m/%Y", "0:05 am, 10/12/2011", "refused")
	f("%d-%b-%Y", "10-DEC-2011", "2011-12-10T00:00:00")
	f("%B %d, %Y", "december 9, 2011", "2011-12-09T00:00:00")
	f("%b %e %Y", "May  3 2011", "2011-05-03T00:00:00")
	f("%d %b %Y", "1 Dez 2011", "refused")
	f("%a, %d %b %Y %T %z", "Sat, 10 Dec 2011 01:02:03 +0100", "2011-12-10T00:02:03Z")
	f("%Y-%j", "2012-366", "2012-12-31T00:00:00")
	f("%Y-%j", "2011-366", "refused")
	f("%Y-%j", "2011-0", "refused")
	f("%Y-%m", "2011-12", "2011-12-01T00:00:00")
	f("%s", "1323478923", "2011-12-10T01:02:03Z")
	f("%s", "-1", "1969-12-31T23:59:59Z")
	f("%s", "99999999999999999", "refused")
	f("%Q", "1323478923456", "2011-12-10T01:02:03.456Z")
	f("100%% %Y", "100% 2011", "2011-01-01T00:00:00")
	f("%-d/%-m/%Y", "3/4/2011", "2011-04-03T00:00:00")
}

func TestCompileTimeExplainsWhatIsWrong(t *testing.T) {
	f := func(format, want string) {
		t.Helper()
		if _, err := CompileTime(format); err == nil || err.Error() != fmt.Sprintf("time format %q: %s", format, want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
	f("%Y-%m-%x", "got %x, want a directive such as %Y, %m, %d, %H, %M or %S")
	f("%Y-%m-%", "got a % at the end, want a letter after it, or %%")
	f("", "got no year, want %Y or %y")
	f("%H:%M", "got no year, want %Y or %y")
	f("%Y-%Y", "got %Y where that part was given before, want each part once")
	f("%Y %y", "got %Y and %y, want one of them")
	f("%F %I:%M", "got %I without %p or the reverse, want both, or %H")
	f("%F %H:%M %p", "got %I without %p or the reverse, want both, or %H")
	f("%Y %j %m", "got %j beside a month or a day, want one of them")
	f("%Y %d", "got %d without a month, want %m or %b")
	f("%Y %m %b", "got %m and %b, want one of them")
	f("%s %Y", "got %s or %Q beside other parts, want it alone")
	f("%F %T %z %Z", "got %z and %Z, want one of them")
}

func TestLayoutsKnowWhatTheySay(t *testing.T) {
	f := func(format string, zoned, dateOnly bool) {
		t.Helper()
		if l := layout(t, format); l.Zoned() != zoned || l.DateOnly() != dateOnly || l.String() != format {
			t.Errorf("%s: zoned %t, date only %t", l, l.Zoned(), l.DateOnly())
		}
	}
	f("%Y-%m-%d", false, true)
	f("%FT%T%z", true, false)
	f("%s", true, false)
	f("%F %H", false, false)
}

func TestDetectTimeWorkedExamples(t *testing.T) {
	f := func(samples string, want ...string) {
		t.Helper()
		var cells [][]byte
		for s := range strings.SplitSeq(samples, "|") {
			cells = append(cells, []byte(s))
		}
		var got []string
		for _, l := range DetectTime(cells) {
			got = append(got, l.String())
		}
		slices.Sort(got)
		slices.Sort(want)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", samples, d)
		}
	}
	f("2011-12-10", "%Y-%m-%d")
	f("2011-12-10T01:02:03Z|2011-12-10T01:02:03+01:00", "%Y-%m-%dT%H:%M:%S%z")
	f("2011-12-10 01:02:03.123|2011-12-10 01:02:03.5", "%Y-%m-%d %H:%M:%S.%f")
	f("12/1/2010 8:26|12/13/2010 8:26", "%m/%d/%Y %H:%M")
	f("12/1/2010 8:26", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M")
	f("12/12/2010", "%m/%d/%Y", "%d/%m/%Y") // alike today, not tomorrow
	f("31.12.2011 | 1.1.2012", "%d.%m.%Y")
	f("31.12.11", "%d.%m.%y", "%y.%m.%d")
	f("10/12/2011 1:05 PM|13/12/2011 12:00 am", "%d/%m/%Y %I:%M %p")
	f("19970101", "%Y%m%d")
	f("20111210010203", "%Y%m%d%H%M%S")
	f("1323478923", "%s")
	f("1323478923456", "%Q")
	f("10-Dec-2011", "%d-%b-%Y")
	f("December 9, 2011", "%b %d, %Y")
	f("Sat, 10 Dec 2011 01:02:03 +0100", "%a, %d %b %Y %H:%M:%S %z")
	f("hello")
	f("2011-12-10|2011-13-10")
	f("12345")
	if got := DetectTime(nil); got != nil {
		t.Errorf("got %v without samples", got)
	}
}

// The expected values come from Python's strptime: see testdata/reference.
func TestParseTimeAgreesWithStrptime(t *testing.T) {
	data, err := os.ReadFile("testdata/reference/strptime.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Format, Text string
		Micros       *int64
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 500 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		micros, _, ok := layout(t, c.Format).Parse([]byte(c.Text))
		if ok != (c.Micros != nil) || ok && micros != *c.Micros {
			t.Errorf("%s: %q: got %d, %t; Python has %v", c.Format, c.Text, micros, ok, c.Micros)
		}
	}
}

// alike are layouts of ours and of package time that mean the same texts, but
// for lone digits, which time reads in some places and we in all.
var alike = []struct{ strftime, golang string }{
	{"%Y-%m-%d", "2006-1-2"},
	{"%Y-%m-%dT%H:%M:%S", "2006-1-2T15:4:5"},
	{"%m/%d/%Y %H:%M", "1/2/2006 15:4"},
	{"%d.%m.%y", "2.1.06"},
	{"%d-%b-%Y", "2-Jan-2006"},
	{"%Y-%m-%d %I:%M %p", "2006-1-2 3:4 PM"},
	{"%Y%m%d", "20060102"},
	{"%Y-%m-%dT%H:%M:%S%z", "2006-1-2T15:4:5Z07:00"},
}

// FuzzTime holds Parse against time.Parse.
func FuzzTime(f *testing.F) {
	for i, a := range alike {
		f.Add(uint8(i), time.Date(2011, 12, 10, 13, 5, 9, 0, time.UTC).Format(a.golang))
		f.Add(uint8(i), time.Date(2012, 2, 29, 0, 0, 0, 0, time.FixedZone("", -5400)).Format(a.golang))
	}
	for i := range alike {
		f.Add(uint8(i), "0001-1-1T0:0:0z")
	}
	var layouts []*TimeLayout
	for _, a := range alike {
		layouts = append(layouts, layout(f, a.strftime))
	}
	f.Fuzz(func(t *testing.T, which uint8, s string) {
		a, l := alike[int(which)%len(alike)], layouts[int(which)%len(alike)]
		micros, _, ok := l.Parse([]byte(s))
		want, err := time.Parse(a.golang, s)
		switch {
		case ok && err == nil:
			if micros != want.UnixMicro() {
				t.Fatalf("%s: %q: got %s, want %s", l, s, time.UnixMicro(micros).UTC(), want)
			}
		case ok:
			// What we take and time does not must be one of the declared liberties:
			// written out in full, time takes it too.
			full := time.UnixMicro(micros).UTC()
			if full.Year() < 1 {
				return // an offset before the first year we read
			}
			if back, _, again := l.Parse([]byte(full.Format(a.golang))); !again || back != micros {
				t.Fatalf("%s: %q: got %s, which does not read back", l, s, full)
			}
			// A lower-case z for UTC is RFC 3339's (section 5.6), not time's.
			if strings.Trim(s, "0123456789/-.: TZz+aAbBcCdDeEfFgGhHiIjJlLmMnNoOpPrRsStuUvVyY\t\n\v\f\r") != "" {
				t.Fatalf("%s: %q: accepted", l, s)
			}
		case err == nil:
			// time reads fractions of a second that the layout does not have, year 0,
			// the hour 0 of a half day, and offsets beyond a day.
			if !strings.ContainsAny(s, ".,") && !(l.has[opHour12] && want.Hour()%12 == 0) && want.UTC().Year() > 0 && !strings.Contains(a.strftime, "%z") {
				t.Fatalf("%s: %q: refused, time reads %s", l, s, want)
			}
		}
	})
}

func BenchmarkParseTime(b *testing.B) {
	for _, c := range []struct{ format, text string }{
		{"%Y-%m-%d", "2011-12-10"},
		{"%Y-%m-%d %H:%M:%S", "2011-12-10 08:26:00"},
		{"%Y-%m-%dT%H:%M:%S.%f%z", "2011-12-10T08:26:00.123Z"},
		{"%m/%d/%Y %H:%M", "12/1/2010 8:26"},
		{"%Y%m%d", "19970101"},
		{"%d-%b-%Y", "10-Dec-2011"},
	} {
		b.Run("format="+strings.ReplaceAll(c.format, " ", "_"), func(b *testing.B) {
			l, cell := layout(b, c.format), []byte(c.text)
			for b.Loop() {
				if _, _, ok := l.Parse(cell); !ok {
					b.Fatal("refused")
				}
			}
		})
	}
}

func BenchmarkDetectTime(b *testing.B) {
	samples := make([][]byte, 1000)
	for i := range samples {
		samples[i] = []byte("12/12/2010 8:26")
	}
	for b.Loop() {
		DetectTime(samples)
	}
}

func ExampleDetectTime() {
	sample := []byte("1/2/2010")
	for _, layout := range DetectTime([][]byte{sample}) {
		micros, _, _ := layout.Parse(sample)
		fmt.Println(layout, time.UnixMicro(micros).UTC().Format("2 January 2006"))
	}
	// Output:
	// %d/%m/%Y 1 February 2010
	// %m/%d/%Y 2 January 2010
}
