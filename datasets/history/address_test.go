package history

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/quintile-dev/quintile/datasets"
)

func TestAddressesOfADictionaryAreThoseOfItsTexts(t *testing.T) {
	var known addresses
	c := &datasets.Column{Codes: []uint32{0}, DictID: new(datasets.DictID)}
	add := func(texts ...string) {
		for _, text := range texts {
			c.Dict.Append([]byte(text))
		}
	}
	check := func() {
		t.Helper()
		if !known.of(c, nil) || len(known.keys) != c.Dict.Len() || len(known.parts) != c.Dict.Len() {
			t.Fatalf("got %d keys and %d partitions, want %d", len(known.keys), len(known.parts), c.Dict.Len())
		}
		for i, key := range known.keys {
			text := datasets.Trim(c.Dict.At(i))
			want, short := datasets.PackText(text)
			part := uint16(elsewhere)
			if short && want != 0 {
				part = uint16(partitionOf(text))
			}
			if key != want || known.parts[i] != part {
				t.Errorf("entry %d, %q: got %x in %d, want %x in %d", i, text, key, known.parts[i], want, part)
			}
		}
	}
	add("c1", "", " c2 ", "longer than a word", "ends\x00")
	check()
	add("c3", "12345678") // the dictionary of the next stretch has more
	check()
	before := slices.Clone(known.keys)
	c.DictID = new(datasets.DictID) // another dictionary
	c.Dict.Reset()
	add("x1", "x2")
	check()
	if slices.Equal(known.keys, before[:2]) {
		t.Error("the keys of the dictionary before were kept")
	}
	c.DictID = nil // one that may be like no other
	if known.of(c, nil) {
		t.Error("a dictionary without an id was taken for one that others share")
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

// TestSumsOfWordsAreThoseOfTheirBytes holds sumOfWord against the library, by
// which kept histories were partitioned.
func TestSumsOfWordsAreThoseOfTheirBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := 1; n <= 8; n++ {
		for range 1000 {
			text := make([]byte, n)
			for i := range text {
				text[i] = byte(r.Uint32() >> (r.IntN(2) * 28)) // some small, some zero
			}
			key, short := datasets.PackText(text)
			if !short {
				continue
			}
			if got, want := sumOfWord(key), xxhash.Sum64(text); got != want {
				t.Fatalf("%q: got %x, want %x", text, got, want)
			}
		}
	}
}
