package text

import (
	"bytes"
	"sync"
)

// DetectTime returns the layouts that fit every sample, the simplest first;
// none if there are no samples. Blanks around a sample do not count.
//
// DetectTime knows ISO 8601 and its relatives, dates in the orders year-month-day, day-month-year and
// month-day-year with - / . or blanks, years of two and four digits, English month names, a clock of 24 or 12
// hours with seconds and fractions or without, offsets, yyyymmdd, and seconds or milliseconds since 1970 from
// the years 1973 to 2100 and 2001 to 2100. Where no such layout fits every sample, DetectTime tries ISO 8601 of
// mixed widths, and seconds with a fraction, microseconds and nanoseconds since 1970.
//
// More than one layout means that the samples are ambiguous: 1/2/2010 is January 2 in %m/%d/%Y and February 1 in
// %d/%m/%Y. Layouts that read every sample alike with year, month and day in the same order, are merged into the
// simplest. Layouts with different orders stay apart even if the samples read alike, like 12/12/2010: the next
// cell may not.
//
// Cost: each sample is parsed by the layouts that fit; the first call takes some milliseconds to compile the
// layouts.
func DetectTime(samples [][]byte) []*TimeLayout {
	if len(samples) == 0 {
		return nil
	}
	type reading struct {
		layout *TimeLayout
		micros []int64
	}
	var found []reading
	try := func(t *TimeLayout) {
		r := reading{layout: t}
		for _, s := range samples {
			micros, ok := t.means(s)
			if !ok {
				return
			}
			r.micros = append(r.micros, micros)
		}
		for _, other := range found {
			if other.layout.order == t.order && other.layout.Zoned() == t.Zoned() && equal(other.micros, r.micros) {
				return
			}
		}
		found = append(found, r)
	}
	for _, t := range common() {
		try(t)
	}
	for _, word := range lastFamilies {
		if len(found) == 0 {
			try(compiled(word))
		}
	}
	layouts := make([]*TimeLayout, len(found))
	for i, r := range found {
		layouts[i] = r.layout
	}
	return layouts
}

// Readable returns the samples that fit some layout of DetectTime, in the given
// order.
//
// Cost: as a rule each sample is parsed once; for a sample without a fitting
// layout, all layouts are tried, in some 0.1 ms.
func Readable(samples [][]byte) [][]byte {
	layouts := common()
	var good [][]byte
	last := 0 // the layout that fitted last: it likely fits the next
	for _, s := range samples {
		_, ok := layouts[last].means(s)
		for i := 0; !ok && i < len(layouts); i++ {
			if _, ok = layouts[i].means(s); ok {
				last = i
			}
		}
		if ok {
			good = append(good, s)
		}
	}
	return good
}

// means reads a sample, ignoring blanks around it, and reports whether the
// sample may be a time in the layout.
func (t *TimeLayout) means(sample []byte) (micros int64, ok bool) {
	micros, _, ok = t.Parse(bytes.TrimSpace(sample))
	return micros, ok && t.plausible(micros)
}

// common returns the layouts known to DetectTime, in the order of trial.
var common = sync.OnceValue(func() (layouts []*TimeLayout) {
	add := func(format string) {
		layouts = append(layouts, compiled(format))
	}
	for _, date := range dateFormats {
		for _, clock := range clockFormats {
			for _, zone := range zoneFormats {
				if clock != "" || zone == "" {
					add(date + clock + zone)
				}
			}
		}
	}
	for _, format := range wholeFormats {
		add(format)
	}
	return layouts
})

// compiled is CompileTime for a format of this package.
func compiled(format string) *TimeLayout {
	t, err := CompileTime(format)
	if err != nil {
		panic("text: BUG: " + err.Error())
	}
	return t
}

// lastFamilies are tried by DetectTime where no format of one width fits. Excel's days are left out: no sample
// shows the day from which they count.
var lastFamilies = [...]string{"iso8601", "unix", "unix_us", "unix_ns"}

// The formats tried by DetectTime: every date with every clock and zone, simple
// formats before more general ones.
var (
	dateFormats = [...]string{
		"%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%m.%d.%Y", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y",
		"%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d.%m.%y", "%m.%d.%y", "%y.%m.%d", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d",
		"%Y %m %d", "%d %m %Y", "%m %d %Y", "%Y%m%d",
		"%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%d.%b.%Y", "%b %d %Y", "%b %d, %Y", "%Y %b %d", "%Y-%b-%d", "%d%b%Y",
		"%d %b %y", "%d-%b-%y", "%d/%b/%y", "%b %d, %y", "%d%b%y",
		"%a, %d %b %Y", "%a %b %d %Y", "%a, %b %d, %Y",
	}
	clockFormats = [...]string{
		"", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %H:%M:%S,%f", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f", "T%H:%M:%S,%f",
		" %I:%M %p", " %I:%M%p", " %I:%M:%S %p", " %I:%M:%S%p", " %I:%M:%S.%f %p", ", %H:%M", ", %H:%M:%S", ", %I:%M %p", ", %I:%M:%S %p",
		" %H.%M", " %H.%M.%S", ":%H:%M:%S", "T%H%M%S", " %H%M%S",
	}
	zoneFormats  = [...]string{"", "%z", " %z", " %Z"}
	wholeFormats = [...]string{"%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y-%m", "%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %Z %Y", "%s", "%Q"}
)

// The range in which a count since 1970 is taken for a time, in microseconds.
// The lower ends have nine and thirteen digits, more than a yyyymmdd.
const (
	leastUnix   = 100_000_000 * 1_000_000
	leastMillis = 1_000_000_000_000 * 1_000
	mostEpoch   = 4_102_444_800 * 1_000_000 // 2100-01-01
)

// plausible reports whether a sample may be meant as a time in the layout,
// which for counts since 1970 any number fits.
func (t *TimeLayout) plausible(micros int64) bool {
	switch {
	case t.has[opUnix]:
		return micros >= leastUnix && micros < mostEpoch
	case t.has[opMillis]:
		return micros >= leastMillis && micros < mostEpoch
	case t.has[opCount] && t.zoned:
		return micros >= leastUnix && micros < mostEpoch
	}
	return true
}

func equal(a, b []int64) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
