package datasets

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
)

// checkPacked holds what PackText promises of two texts.
func checkPacked(t *testing.T, a, b []byte) {
	t.Helper()
	ka, shortA := PackText(a)
	kb, shortB := PackText(b)
	if shortA != (len(a) <= 8 && (len(a) == 0 || a[len(a)-1] != 0)) {
		t.Errorf("%q: got short %v", a, shortA)
	}
	if shortA {
		if back := UnpackText(nil, ka); !bytes.Equal(back, a) {
			t.Errorf("%q: came back as %q", a, back)
		}
	}
	if len(a) > 8 {
		if back := UnpackText(nil, ka); !bytes.Equal(back, bytes.TrimRight(a[:8], "\x00")) {
			t.Errorf("%q: got the key of %q, want that of the first eight bytes", a, back)
		}
	}
	if shortA && shortB && cmp.Compare(ka, kb) != bytes.Compare(a, b) {
		t.Errorf("%q, %q: got the keys in order %d, want %d", a, b, cmp.Compare(ka, kb), bytes.Compare(a, b))
	}
	// Keys of whatever texts never contradict the order: they may only tie.
	if c := cmp.Compare(ka, kb); c != 0 && c != bytes.Compare(a, b) {
		t.Errorf("%q, %q: got the keys in order %d, want %d or a tie", a, b, c, bytes.Compare(a, b))
	}
}

// someTexts are texts that are easily confused, of all lengths up to ten.
func someTexts() [][]byte {
	texts := [][]byte{nil}
	rng := rand.New(rand.NewPCG(4, 0))
	for n := 1; n <= 10; n++ {
		for range 25 {
			text := make([]byte, n)
			for i := range text {
				text[i] = "a\x00b\xff1"[rng.IntN(5)]
			}
			texts = append(texts, text)
		}
	}
	return texts
}

func TestPackedTextsCompareAsTexts(t *testing.T) {
	texts := someTexts()
	for _, a := range texts {
		for _, b := range texts {
			checkPacked(t, a, b)
		}
	}
	if got := UnpackText([]byte("x-"), 0x6162000000000000); string(got) != "x-ab" {
		t.Errorf("got %q, want it appended", got)
	}
}

func TestStringsPackTheirTexts(t *testing.T) {
	var s Strings
	for _, text := range someTexts() {
		s.Append(text)
	}
	for i := range s.Len() {
		key, short := s.Pack(i)
		if want, wantShort := PackText(s.At(i)); key != want || short != wantShort {
			t.Errorf("%q: got %x, %t, want %x, %t", s.At(i), key, short, want, wantShort)
		}
	}
}

func FuzzPackText(f *testing.F) {
	f.Add([]byte("12345678"), []byte("123456789"))
	f.Add([]byte("a"), []byte("a\x00b"))
	f.Add([]byte(""), []byte("\x00"))
	f.Add([]byte("abc"), []byte("abcd\xff"))
	f.Fuzz(checkPacked)
}

func TestInternerNumbersTextsInOrderOfAppearance(t *testing.T) {
	var in Interner
	oracle := map[string]uint32{}
	var order []string
	check := func(text []byte) {
		t.Helper()
		want, known := oracle[string(text)]
		if !known {
			want = uint32(len(order))
			oracle[string(text)] = want
			order = append(order, string(text))
		}
		if got := in.Code(text); got != want {
			t.Fatalf("%q: got code %d, want %d", text, got, want)
		}
	}
	for _, text := range someTexts() {
		check(text)
	}
	const seed = 5
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 30_000 { // grows several times
		check(fmt.Appendf(nil, "%0*d", 1+rng.IntN(14), rng.IntN(8_000)))
	}
	if in.Len() != len(order) {
		t.Errorf("got %d texts, want %d", in.Len(), len(order))
	}
	for code, text := range order {
		if got := in.Text(uint32(code)); string(got) != text {
			t.Errorf("code %d: got %q, want %q", code, got, text)
		}
	}
	if in.Bytes() <= 0 {
		t.Errorf("got %d bytes, want what is held", in.Bytes())
	}
	in.Reset()
	if in.Len() != 0 || in.Bytes() != 0 || in.Code([]byte("b")) != 0 {
		t.Error("got a text after Reset, want none")
	}
}

func TestInternerKeepsNothingOfTheCaller(t *testing.T) {
	var in Interner
	buf := []byte("a text of more than eight bytes")
	in.Code(buf)
	copy(buf, "another")
	if got := string(in.Text(0)); got != "a text of more than eight bytes" {
		t.Errorf("got %q, want the text as it was given", got)
	}
	if in.Code(buf) != 1 {
		t.Error("got the code of the first text for another")
	}
}

func TestInternerGivesColumnsTheCodesOfTheirTexts(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	texts := someTexts()
	var column Strings
	var rows []uint32
	for i := range 20_000 {
		if text := texts[rng.IntN(len(texts))]; i%3 == 0 {
			column.Append(text)
		} else {
			column.Append(fmt.Appendf(nil, "%s%d", text, rng.IntN(500)))
		}
		if i%5 != 0 {
			rows = append(rows, uint32(i))
		}
	}
	var one, many Interner
	dst := make([]uint32, column.Len())
	many.Codes(dst, &column, rows)
	for _, i := range rows {
		want := NoCode
		if text := column.At(int(i)); len(text) > 0 {
			want = one.Code(text)
		}
		if dst[i] != want {
			t.Fatalf("text %d, %q: got %d, want %d", i, column.At(int(i)), dst[i], want)
		}
	}
	if many.Len() != one.Len() {
		t.Errorf("got %d texts, want %d", many.Len(), one.Len())
	}
}

func TestFindAgreesWithCode(t *testing.T) {
	var in Interner
	if _, found := in.Find([]byte("a")); found {
		t.Error("got a text in an empty interner, want none")
	}
	for i := range 3000 {
		in.Code(fmt.Appendf(nil, "text %d", i*i))
		in.Code(fmt.Appendf(nil, "%d", i))
	}
	for i := range 3000 {
		for _, text := range []string{fmt.Sprintf("text %d", i*i), strconv.Itoa(i)} {
			code, found := in.Find([]byte(text))
			if !found || string(in.Text(code)) != text {
				t.Fatalf("%q: got %d, %v, want its code", text, code, found)
			}
		}
		if _, found := in.Find(fmt.Appendf(nil, "no text %d", i)); found {
			t.Fatalf("got a code for a text that was never entered")
		}
	}
}
