package offheap

import (
	"runtime"
	"slices"
	"testing"
)

func TestMemoryIsZeroAndWritable(t *testing.T) {
	for _, n := range []int{1, 512, 1 << 19} {
		words, err := Reserve(n)
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
	words, err := Reserve(1 << 14)
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
	if v := Float32s([]uint64{0x3FC00000_3FC00000}); len(v) != 2 || v[0] != 1.5 || v[1] != 1.5 {
		t.Errorf("got floats %v, want 1.5 twice", v)
	}
	if b := Bytes(words); len(b) != 16 {
		t.Errorf("got %d bytes, want 16", len(b))
	}
	if Floats(nil) != nil || Float32s(nil) != nil || Bytes(nil) != nil {
		t.Error("views of nothing are not nil")
	}
}

func TestBlocksAreHandedOutOnceAndAgain(t *testing.T) {
	for _, keep := range []int64{0, 1 << 30} {
		b := NewBlocks(keep)
		var held [][]uint64
		for i := range 100 {
			block, err := b.Take()
			if err != nil {
				t.Fatal(err)
			}
			if len(block) != BlockWords || cap(block) != BlockWords {
				t.Fatalf("got a block of %d words with room for %d, want %d", len(block), cap(block), BlockWords)
			}
			for j := range block {
				block[j] = uint64(i)
			}
			held = append(held, block)
		}
		for i, block := range held {
			for _, w := range block {
				if w != uint64(i) {
					t.Fatalf("block %d holds a word of block %d", i, w)
				}
			}
		}
		before := b.Bytes()
		if before < 100*8*BlockWords || before > 120*8*BlockWords {
			t.Errorf("100 blocks of %d words take %d bytes, want a fifth more at most", BlockWords, before)
		}
		b.Give(held[10:40]...)
		b.Reuse(held[40:60]...)
		b.Keep(keep)
		resident := before
		if keep == 0 {
			resident = 50 * 8 * BlockWords
		}
		if b.Resident() != resident {
			t.Errorf("keeping %d: got %d bytes resident with 50 of 100 blocks given back, want %d", keep, b.Resident(), resident)
		}
		for range 50 {
			block, err := b.Take()
			if err != nil {
				t.Fatal(err)
			}
			block[BlockWords-1] = 1
		}
		if b.Bytes() != before {
			t.Errorf("keeping %d: got %d bytes after blocks were taken again, want the %d of before", keep, b.Bytes(), before)
		}
		if err := b.Close(); err != nil || b.Bytes() != 0 {
			t.Errorf("got %v and %d bytes after closing, want none", err, b.Bytes())
		}
	}
}

func TestWhatIsNoLongerKeptLosesItsMemoryAndNothingElseDoes(t *testing.T) {
	b := NewBlocks(1 << 30)
	closeAtEnd(t, b)
	held := map[*uint64][]uint64{}
	var given [][]uint64
	for i := range 700 { // several slabs
		block := take(t, b)
		for j := range block {
			block[j] = uint64(i) + 1
		}
		if i%3 == 0 || i%50 < 20 {
			given = append(given, block)
		} else {
			held[&block[0]] = block
		}
	}
	b.Give(given...)
	if b.Resident() != b.Bytes() {
		t.Errorf("got %d bytes resident of %d, want all kept", b.Resident(), b.Bytes())
	}
	b.Keep(0)
	if want := int64(len(held)) * 8 * BlockWords; b.Resident() != want {
		t.Errorf("got %d bytes resident, want the %d that are held", b.Resident(), want)
	}
	for _, block := range held {
		for j := range block {
			if block[j] != block[0] || block[j] == 0 {
				t.Fatal("a block that is held has lost its contents")
			}
		}
	}
	for range given {
		block := take(t, b)
		if _, is := held[&block[0]]; is {
			t.Fatal("got a block that is held")
		}
		if runtime.GOOS == "linux" && slices.Max(block) != 0 {
			t.Fatal("a block that was free still has its contents, and so its memory")
		}
	}
}
