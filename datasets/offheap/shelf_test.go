package offheap

import "testing"

func take(t *testing.T, from interface{ Take() ([]uint64, error) }) []uint64 {
	t.Helper()
	block, err := from.Take()
	if err != nil {
		t.Fatal(err)
	}
	return block
}

func closeAtEnd(t *testing.T, b *Blocks) {
	t.Helper()
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAWorkerTakesWhatItGaveLast(t *testing.T) {
	b := NewBlocks(1 << 30)
	closeAtEnd(t, b)
	mine, other := b.Shelf(1), b.Shelf(0)
	if mine != b.Shelf(1) || mine == other {
		t.Fatal("got another shelf for the same worker, or the same for another")
	}
	x, y := take(t, mine), take(t, mine)
	x[0], y[0] = 1, 2
	mine.Give(x[:10], y)
	if z := take(t, other); &z[0] == &x[0] || &z[0] == &y[0] {
		t.Error("got a block of another worker, want one that nobody has")
	}
	if z := take(t, mine); &z[0] != &y[0] || len(z) != BlockWords {
		t.Errorf("got %d words, want the %d of the block given last", len(z), BlockWords)
	}
	if z := take(t, mine); &z[0] != &x[0] || len(z) != BlockWords {
		t.Errorf("got %d words, want the %d of the block given before", len(z), BlockWords)
	}
}

func TestAFullShelfLetsTheOldestBlocksGo(t *testing.T) {
	b := NewBlocks(1 << 30)
	closeAtEnd(t, b)
	mine, other := b.Shelf(0), b.Shelf(1)
	given := map[*uint64]int{}
	var blocks [][]uint64
	for i := range shelfBlocks + 3 {
		block := take(t, b)
		given[&block[0]] = i
		blocks = append(blocks, block)
	}
	for len(b.free) > 0 { // so that everybody has what mine lets go, and nothing else
		take(t, b)
	}
	mine.Give(blocks...)
	seen := map[int]bool{}
	for range 3 {
		block := take(t, other)
		i, is := given[&block[0]]
		if !is || i >= 3 || seen[i] {
			t.Errorf("got block %d (%v), want each of the three given first once", i, is)
		}
		seen[i] = true
	}
	mine.Clear()
	for range shelfBlocks {
		block := take(t, other)
		i, is := given[&block[0]]
		if !is || seen[i] {
			t.Errorf("got block %d (%v), want each of the others once", i, is)
		}
		seen[i] = true
	}
}
