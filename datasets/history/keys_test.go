package history

import (
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

func TestKeysOfADictionaryAreThoseOfItsTexts(t *testing.T) {
	var k dictKeys
	c := &datasets.Column{Codes: []uint32{0}, DictID: new(datasets.DictID)}
	add := func(texts ...string) {
		for _, text := range texts {
			c.Dict.Append([]byte(text))
		}
	}
	check := func() {
		t.Helper()
		entries := k.of(c, true)
		if len(entries) != c.Dict.Len() {
			t.Fatalf("got %d keys, want %d", len(entries), c.Dict.Len())
		}
		for i, e := range entries {
			text := datasets.Trim(c.Dict.At(i))
			key, short := datasets.PackText(text)
			want := entryKey{key: key, short: short}
			if short && key != 0 {
				want.part = partitionOf(text)
			}
			if e != want {
				t.Errorf("entry %d, %q: got %+v, want %+v", i, text, e, want)
			}
		}
	}
	add("c1", "", " c2 ", "longer than a word", "ends\x00")
	check()
	add("c3", "12345678") // the dictionary of the next stretch has more
	check()
	before := slices.Clone(k.entries)
	c.DictID = new(datasets.DictID) // another dictionary
	c.Dict.Reset()
	add("x1", "x2")
	check()
	if slices.Equal(k.entries, before[:2]) {
		t.Error("the keys of the dictionary before were kept")
	}
	c.DictID = nil // one that may be like no other
	if got := k.of(c, true); got != nil {
		t.Errorf("got %v for a dictionary without an id, want nil", got)
	}
}

func TestLookUpsOfADictionaryAreKeptAsLongAsItIs(t *testing.T) {
	var l lut
	c := &datasets.Column{DictID: new(datasets.DictID)}
	for range 3 {
		c.Dict.Append([]byte("a"))
	}
	copy(l.of(c), []uint32{7, 8, 9})
	c.Dict.Append([]byte("b"))
	if got := l.of(c); !slices.Equal(got, []uint32{7, 8, 9, 0}) {
		t.Errorf("one entry more: got %v, want 7 8 9 0", got)
	}
	c.DictID = new(datasets.DictID)
	if got := l.of(c); !slices.Equal(got, make([]uint32, 4)) {
		t.Errorf("another dictionary: got %v, want zeros", got)
	}
	l.of(c)[2] = 5
	c.DictID = nil
	if got := l.of(c); !slices.Equal(got, make([]uint32, 4)) {
		t.Errorf("no id: got %v, want zeros", got)
	}
	l.of(c)[1] = 5
	if got := l.of(c); !slices.Equal(got, make([]uint32, 4)) {
		t.Errorf("no id again: got %v, want zeros", got)
	}
}
