package offheap

import "testing"

func TestMemoryIsZeroAndWritable(t *testing.T) {
	for _, n := range []int{1, 512, 1 << 19} {
		words, err := Map(n)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range words {
			if w != 0 {
				t.Fatalf("%d words: word %d is %d, want fresh memory to be zero", n, i, w)
			}
			words[i] = uint64(i)
		}
		for i, w := range words {
			if w != uint64(i) {
				t.Fatalf("%d words: word %d is %d after writing %d", n, i, w, i)
			}
		}
		if err := Unmap(words); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDiscardedMemoryCanBeWrittenAgain(t *testing.T) {
	words, err := Map(1 << 14)
	if err != nil {
		t.Fatal(err)
	}
	words[5] = 7
	Discard(words)
	words[5] = 8
	if words[5] != 8 {
		t.Fatalf("got %d, want 8", words[5])
	}
	if err := Unmap(words); err != nil {
		t.Fatal(err)
	}
}

func TestViewsShareTheMemory(t *testing.T) {
	words := []uint64{0x3FF8000000000000, 1}
	if v := Floats(words); len(v) != 2 || v[0] != 1.5 {
		t.Errorf("got floats %v, want 1.5 first", v)
	}
	if b := Bytes(words); len(b) != 16 {
		t.Errorf("got %d bytes, want 16", len(b))
	}
	if Floats(nil) != nil || Bytes(nil) != nil {
		t.Error("views of nothing are not nil")
	}
}
