package holdings

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Partition returns a partition in a form for SetPartition of another process:
// little-endian words. A store filled by several workers or processes is assembled
// this way.
//
// Errors: those of the disk.
func (s *Store) Partition(partition int) ([]byte, error) {
	var p Part
	if err := s.Read(&p, partition); err != nil {
		return nil, err
	}
	out := make([]byte, 0, 4*len(p.words))
	for _, w := range p.words {
		out = binary.LittleEndian.AppendUint32(out, w)
	}
	return out, nil
}

// SetPartition stores the result of Partition, for a worker, and replaces the
// contents of the partition.
//
// Errors: bytes not written by Partition; errors of the disk.
func (s *Store) SetPartition(partition, worker int, text []byte) error {
	if len(text)%4 != 0 {
		return errors.New("holdings: got a partition that ends within a word, want whole words")
	}
	words := make([]uint32, len(text)/4)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(text[4*i:])
	}
	customers, err := check(words)
	if err != nil {
		return err
	}
	if b := &s.blocks[partition]; b.spilled != nil {
		s.config.Spill.Free(b.spilled)
	} else {
		s.held.Add(-4 * int64(b.n))
	}
	return s.put(partition, worker, words, customers)
}

// check counts the customers of a partition and refuses words that are none.
func check(words []uint32) (customers int, err error) {
	for len(words) > 0 {
		n := int(words[0])
		if n > len(words)-1 {
			return 0, fmt.Errorf("holdings: got a customer of %d words, want at most the %d that are left", n, len(words)-1)
		}
		items := words[1 : n+1]
		for before := int64(-1); len(items) > 0; {
			if len(items) < 3 || items[1] == 0 || int(items[1]) > len(items)-2 {
				return 0, errors.New("holdings: got an item without its days, want one day or more")
			}
			if int64(items[0]) <= before {
				return 0, errors.New("holdings: got items that do not rise, want each code once")
			}
			days := items[2 : 2+items[1]]
			for k := 1; k < len(days); k++ {
				if int32(days[k]) < int32(days[k-1]) {
					return 0, errors.New("holdings: got days that fall, want rising days")
				}
			}
			before, items = int64(items[0]), items[2+items[1]:]
		}
		words = words[n+1:]
		customers++
	}
	return customers, nil
}
