package text

import (
	"testing"
	"time"
)

func TestFamiliesOfTimes(t *testing.T) {
	at := func(s string) int64 {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return v.UnixMicro()
	}
	for _, c := range []struct {
		format, text, want string
		zoned              bool
	}{
		{"excel", "45300.5", "2024-01-09T12:00:00Z", false}, {"excel", "45300", "2024-01-09T00:00:00Z", false},
		{"excel", "45300.4375", "2024-01-09T10:30:00Z", false}, {"excel", "45300.7333333333", "2024-01-09T17:36:00Z", false},
		{"excel", "61", "1900-03-01T00:00:00Z", false}, {"excel1904", "43838.25", "2024-01-09T06:00:00Z", false},
		{"unix", "1704103200.5", "2024-01-01T10:00:00.5Z", true}, {"unix_ms", "1704103200250", "2024-01-01T10:00:00.25Z", true},
		{"unix_us", "1704103200000001", "2024-01-01T10:00:00.000001Z", true}, {"unix_ns", "1704103200000001999", "2024-01-01T10:00:00.000001Z", true},
		{"iso8601", "2024-01-01", "2024-01-01T00:00:00Z", false}, {"iso8601", "2024-01-01T10:00", "2024-01-01T10:00:00Z", false},
		{"iso8601", "2024-01-01 10:00:01.25", "2024-01-01T10:00:01.25Z", false}, {"iso8601", "2024-01-01T10:00:00+01:00", "2024-01-01T09:00:00Z", true},
		{"iso8601", "2024-01-01T10:00Z", "2024-01-01T10:00:00Z", true},
	} {
		layout, err := CompileTime(c.format)
		if err != nil {
			t.Fatal(err)
		}
		got, zoned, ok := layout.Parse([]byte(c.text))
		if !ok || got != at(c.want) || zoned != c.zoned {
			t.Errorf("%s %q: got %s, %v, %v, want %s, %v", c.format, c.text, time.UnixMicro(got).UTC().Format(time.RFC3339Nano), zoned, ok, c.want, c.zoned)
		}
	}
}

func TestFamiliesRefuseOtherTexts(t *testing.T) {
	for format, texts := range map[string][]string{
		"excel":   {"60", "0", "-5", "45300.", ".5", "2958466", "45,300", "x", "+45300"},
		"unix_us": {"", "1.2.3", "99999999999999999999"},
		"iso8601": {"", "2024-02-30", "2024-01-01T", "2024-01-01T1:00", "2024-01-01T24:00", "2024-01-01T10:00:60", "2024-01-01T10:00x", "2024-01-01T10:00:00."},
	} {
		layout, err := CompileTime(format)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range texts {
			if got, _, ok := layout.Parse([]byte(s)); ok {
				t.Errorf("%s %q: got %d, want no time", format, s, got)
			}
		}
	}
}

func TestFamiliesAreDetectedWhereNoOneWidthFits(t *testing.T) {
	for _, c := range []struct {
		want  string
		cells []string
	}{
		{"iso8601", []string{"2024-01-01T10:00", "2024-02-02T10:01:01"}},
		{"iso8601", []string{"2024-01-01", "2024-02-02 10:01:01.5"}},
		{"%Y-%m-%dT%H:%M:%S", []string{"2024-01-01T10:00:00"}},
		{"unix", []string{"1704103200.5", "1704103200"}},
		{"unix_us", []string{"1704103200000001"}}, {"unix_ns", []string{"1704103200000000001"}},
		{"%m/%d/%Y, %I:%M:%S %p", []string{"1/13/2024, 3:00:00\u202fPM"}},
	} {
		var samples [][]byte
		for _, s := range c.cells {
			samples = append(samples, []byte(s))
		}
		got := DetectTime(samples)
		if len(got) != 1 || got[0].String() != c.want {
			t.Errorf("%q: got %v, want %s", c.cells, got, c.want)
		}
	}
	days := [][]byte{[]byte("45300.5"), []byte("45301")}
	if got := DetectTime(days); len(got) != 0 || !LooksLikeExcelDays(days) {
		t.Errorf("days of a spreadsheet: got %v, want nothing guessed, and the likeness seen", got)
	}
}
