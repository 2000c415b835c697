package text

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestReadableSamplesAreThoseThatSomeLayoutFits(t *testing.T) {
	samples := [][]byte{
		[]byte("01/02/2024 10:11"), []byte("yesterday"), []byte("13/02/2024 10:11"), []byte("2024-02-13T10:11:12Z"), nil,
		[]byte(" 02.03.2024 "), []byte("1700000000"), []byte("17"), []byte("01/02/2024 10:11"),
	}
	var want [][]byte
	for _, s := range samples {
		if len(DetectTime([][]byte{s})) > 0 {
			want = append(want, s)
		}
	}
	if got := Readable(samples); len(want) != 6 || !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The time to find the format of samples with bad ones among them grows as the
// samples do: twice as many must not take four times as long. A bound on seconds,
// far above what is needed, is what a test can hold.
func TestDetectionWithBadTimesIsQuick(t *testing.T) {
	var samples [][]byte
	for i := range 20_000 {
		s := fmt.Sprintf("%02d/%02d/2024 10:11", 1+i%12, 1+i%28)
		if i%1000 == 7 {
			s = "yesterday"
		}
		samples = append(samples, []byte(s))
	}
	began := time.Now()
	good := Readable(samples)
	layouts := DetectTime(good)
	if len(good) != 19_980 || len(layouts) != 1 || layouts[0].String() != "%m/%d/%Y %H:%M" {
		t.Errorf("got %d samples and the layouts %v, want 19980 and %%m/%%d/%%Y %%H:%%M", len(good), layouts)
	}
	if took := time.Since(began); took > 5*time.Second { // before: 60 s
		t.Errorf("got %s for 20,000 samples with 20 bad ones, want less than 5 s", took)
	}
}

// Each byte of a text that is not part of a number must be the layout's own.
func TestTextsWithOtherMarksDoNotFit(t *testing.T) {
	for _, format := range []string{
		"%d/%m/%y %H:%M:%S", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y", "%y-%m-%d", "%d-%m-%Y:%H:%M:%S", "%Y %m %d %H.%M",
	} {
		layout, err := CompileTime(format)
		if err != nil {
			t.Fatal(err)
		}
		text := []byte(nil)
		for i := 0; i < len(format); i++ {
			switch c := format[i]; {
			case c != '%':
				text = append(text, c)
			default:
				i++
				text = append(text, map[byte]string{'d': "01", 'm': "02", 'y': "24", 'Y': "2024", 'H': "10", 'M': "11", 'S': "12"}[format[i]]...)
			}
		}
		dst := make([]int64, 1)
		if n := ParseTimes(layout, dst, text, []uint32{0}, []uint32{uint32(len(text))}); n != 1 {
			t.Fatalf("%s: got %q read slowly, want a template: the test looks at nothing", format, text)
		}
		for at, c := range text {
			if c >= '0' && c <= '9' {
				continue
			}
			for _, other := range []byte("X0 /-.:T\x00\x80\xff") {
				if other == c {
					continue
				}
				bad := slices.Clone(text)
				bad[at] = other
				n := ParseTimes(layout, dst, bad, []uint32{0}, []uint32{uint32(len(bad))})
				if _, _, ok := layout.Parse(bad); n != 0 || ok {
					t.Errorf("%s: got %q read (%d, %v), want it refused", format, bad, n, ok)
				}
			}
		}
	}
}
