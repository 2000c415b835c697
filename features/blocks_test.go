package features

import (
	"encoding/binary"
	"fmt"
	"testing"
)

// buildNumbers fills buckets with customers of the same row.
func buildNumbers(t *testing.T, columns, buckets, customers int, memory int64) *Table {
	t.Helper()
	names := make([]string, columns)
	for j := range names {
		names[j] = fmt.Sprint("f", j)
	}
	table, err := NewTable(TableConfig{Names: names, Buckets: buckets, Memory: memory, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	})
	for b := range buckets {
		builder := table.Bucket(b, 0)
		builder.Expect(customers)
		for i := range customers {
			row, err := builder.Next(binary.BigEndian.AppendUint32(nil, uint32(b*customers+i)))
			if err != nil {
				t.Fatal(err)
			}
			for j := range row {
				row[j] = float64(j)
			}
		}
		if err := builder.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return table
}

func TestBlocksHoldLittleMoreThanTheirChunks(t *testing.T) {
	const columns = 104
	chunk := int64(8 * columns * chunkRows)

	many := buildNumbers(t, columns, 80, 1300, 1<<30) // a chunk of 1,024 and one of 276 each
	if mapped, used := many.blocks.Bytes(), many.MemoryBytes(); mapped > used*5/4 {
		t.Errorf("%d bytes of chunks lie in %d bytes of blocks, want a quarter more at most", used, mapped)
	}
	few := buildNumbers(t, columns, 1, 5, 1<<30)
	if mapped := few.blocks.Bytes(); mapped > chunk {
		t.Errorf("five customers lie in %d bytes of blocks, want one chunk at most", mapped)
	}
	spilled := buildNumbers(t, columns, 20, 1300, 0)
	if mapped := spilled.blocks.Bytes(); mapped > chunk {
		t.Errorf("a table that spills everything has %d bytes of blocks, want one chunk at most", mapped)
	}
	tight := buildNumbers(t, columns, 20, 1300, 8*chunk)
	if mapped := tight.blocks.Bytes(); mapped > 12*chunk {
		t.Errorf("a table of 8 chunks at most has %d bytes of blocks, want 12 chunks at most", mapped)
	}
}

func TestClosedTablesHoldNoBlocks(t *testing.T) {
	table := buildNumbers(t, 3, 2, 2000, 1<<30)
	if table.blocks.Bytes() == 0 {
		t.Fatal("nothing is mapped, want the chunks to lie in blocks")
	}
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	if table.blocks.Bytes() != 0 {
		t.Error("blocks are left after closing")
	}
}
