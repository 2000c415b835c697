package csvio

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

func toUTF16(text string, order binary.AppendByteOrder, mark bool) string {
	if mark {
		text = "\ufeff" + text
	}
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

func TestEncodingsReadAlike(t *testing.T) {
	text := "a,b\n" + strings.Repeat("é,\"x\"\"ü\"\nplain,\"l\r\n2\"\n£,€\n", 3_000)
	want := mustRead(t, text, DefaultOptions())
	f := func(text, encoding string) {
		t.Helper()
		for _, size := range []int{4097, 1 << 20} {
			got := mustRead(t, text, Options{Header: true, Encoding: encoding, BlockSize: size})
			if d := diff(want, got); d != "" {
				t.Errorf("%s (-utf-8 +this):\n%.1000s", encoding, d)
			}
		}
	}
	windows, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	f(windows, Windows1252)
	f(toUTF16(text, binary.LittleEndian, true), UTF16)
	f(toUTF16(text, binary.BigEndian, true), UTF16)
	f(toUTF16(text, binary.LittleEndian, true), UTF16LE)
	f(toUTF16(text, binary.LittleEndian, false), UTF16LE)
	f(toUTF16(text, binary.BigEndian, false), UTF16BE)
}

func TestLatin1ReadsEveryByte(t *testing.T) {
	text, want := "n,c\n", ""
	for c := 0x80; c < 0x100; c++ {
		text += "1," + string([]byte{byte(c)}) + "\n"
		want += string(rune(c))
	}
	got := ""
	for _, row := range mustRead(t, text, Options{Header: true, Encoding: Latin1}).rows {
		got += row[1]
	}
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBytesThatAreNoTextAreFaults(t *testing.T) {
	f := func(text, encoding string, want ...string) {
		t.Helper()
		got := mustRead(t, text, Options{Header: true, Encoding: encoding})
		if d := diff(want, brief(got.faults)); d != "" || len(got.rows) != 2 {
			t.Errorf("%s: %d rows, faults (-want +got):\n%s", encoding, len(got.rows), d)
		}
	}
	wide := toUTF16("a,b\n1,2\n\U0001F600,3\n", binary.LittleEndian, true)
	f("a,b\n1,2\nx,\x81\n3,4\n", Windows1252, "3:bad_encoding:b")
	f("a,b\n1,2\nx,\xc3\n3,4\n", UTF8, "3:bad_encoding:b")
	f(wide+"\x3d\xd8,\x001\x00\n\x00", UTF16, "4:bad_encoding:a") // half a pair
	f(wide+"x\x00,\x00\x00\xdc\n\x00", UTF16, "4:bad_encoding:b") // the other half
	f(wide+"x\x00,\x001\x00\n", UTF16, "4:bad_encoding:b")        // half a character
	f(wide+"x\x00,\x003\x00\x3d\xd8", UTF16, "4:bad_encoding:b")  // half a pair at the end
}
