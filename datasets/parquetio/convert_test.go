package parquetio

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/parquet-go/parquet-go/format"

	"github.com/quintile-dev/quintile/datasets"
)

func TestBigEndianNumbers(t *testing.T) {
	f := func(b []byte, want int64, fits bool) {
		t.Helper()
		if got, ok := bigEndian(b); ok != fits || ok && got != want {
			t.Errorf("%x: got %d, %v; want %d, %v", b, got, ok, want, fits)
		}
	}
	f(nil, 0, true)
	f([]byte{0x80}, -128, true)
	f([]byte{0x00, 0xff}, 255, true)
	f([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}, -2, true)
	f([]byte{0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, math.MaxInt64, true)
	f([]byte{0xff, 0x80, 0, 0, 0, 0, 0, 0, 0}, math.MinInt64, true)
	f([]byte{0x00, 0x80, 0, 0, 0, 0, 0, 0, 0}, 0, false)
	f([]byte{0x01, 0, 0, 0, 0, 0, 0, 0, 0}, 0, false)
}

func TestDecimalTexts(t *testing.T) {
	f := func(b []byte, scale int, want string) {
		t.Helper()
		if got := string(decimalText(b, scale)); got != want {
			t.Errorf("%x with %d places: got %s, want %s", b, scale, got, want)
		}
	}
	f(nil, 2, "0.00")
	f([]byte{7}, 0, "7")
	f([]byte{0x04, 0xd2}, 2, "12.34")
	f([]byte{0xff, 0xf9}, 4, "-0.0007")
	f([]byte{0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0, "-170141183460469231731687303715884105728") // −2¹²⁷
}

func TestInt96Timestamps(t *testing.T) {
	f := func(day int32, nanos int64, want int64, fits bool) {
		t.Helper()
		b := binary.LittleEndian.AppendUint64(nil, uint64(nanos))
		b = binary.LittleEndian.AppendUint32(b, uint32(day))
		got, err := int96(b)
		if (err == nil) != fits || fits && got != want {
			t.Errorf("Julian day %d at %d ns: got %d, %v; want %d", day, nanos, got, err, want)
		}
	}
	f(2440588, 0, 0, true)
	f(2440588, 1999, 1, true)
	f(2440587, 86_399_999_999_999, -1, true)
	f(2455906, 36_000_000_000_000, 1323511200_000000, true) // 2011-12-10T10:00
	f(math.MaxInt32, 0, 0, false)
	f(2440588, math.MaxInt64, 0, false)
}

func TestTimestampsAreCutTowardsThePast(t *testing.T) {
	c := column{leaf: &leaf{per: 1000}}
	v := []int64{1999, -1, -1000, -1001}
	if err := c.scaled(v); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int64{1, -1, -1, -2} {
		if v[i] != want {
			t.Errorf("value %d: got %d, want %d", i, v[i], want)
		}
	}
	c.per = -1000
	if err := c.scaled([]int64{math.MaxInt64 / 999}); err == nil {
		t.Error("milliseconds beyond 64 bits of microseconds: got no error, want one")
	}
}

func TestUnsignedNumbersBeyondInt64AreTexts(t *testing.T) {
	c := column{leaf: &leaf{Field: datasets.Field{Kind: datasets.Int}, unsigned: true, physical: format.Int64}, ints: []int64{7, -1}}
	if err := c.scaled(c.ints); err != nil {
		t.Fatal(err)
	}
	var out datasets.Column
	c.deliver(&out)
	if out.Kind != datasets.Text || string(out.TextAt(0)) != "7" || string(out.TextAt(1)) != "18446744073709551615" {
		t.Errorf("got %s, %q, %q", out.Kind, out.TextAt(0), out.TextAt(1))
	}
	c.ints = c.ints[:1]
	if c.deliver(&out); out.Kind != datasets.Int || out.Ints[0] != 7 {
		t.Errorf("numbers that fit: got %s", out.Kind)
	}
}

func TestUUIDTexts(t *testing.T) {
	var s datasets.Strings
	appendUUID(&s, []byte("\x12\x3e\x45\x67\xe8\x9b\x12\xd3\xa4\x56\x42\x66\x14\x17\x40\x00"))
	if got := string(s.At(0)); got != "123e4567-e89b-12d3-a456-426614174000" {
		t.Errorf("got %s", got)
	}
}
