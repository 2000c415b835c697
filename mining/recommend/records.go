package recommend

import (
	"sync/atomic"
	"unsafe"

	"github.com/quintile-dev/quintile/datasets/spill"
)

// records stores a fixed number of words for each customer, by partition: in memory within
// a budget, on disk beyond it.
type records struct {
	stride int // words of a customer, ≥ 1
	budget int64
	spill  *spill.Space
	blocks []recordBlock // by partition; each is set once
	held   atomic.Int64
}

type recordBlock struct {
	words   []uint32 // nil where they are spilled
	spilled spill.Extent
}

// put stores the records of a partition. words belong to the store from now on.
func (r *records) put(partition, worker int, words []uint32) (err error) {
	size := 4 * int64(len(words))
	if r.held.Add(size) <= r.budget {
		r.blocks[partition].words = words
		return nil
	}
	r.held.Add(-size)
	r.blocks[partition].spilled, err = r.spill.Write(worker, bytesOf(words))
	return err
}

// get sets dst, of at most stride words, to the beginning of the record of a customer. It is
// safe for concurrent use.
func (r *records) get(dst []uint32, at place) error {
	b := &r.blocks[at.partition()]
	first := at.number() * r.stride
	if b.words != nil {
		copy(dst, b.words[first:])
		return nil
	}
	return r.spill.Read(bytesOf(dst), b.spilled, 4*int64(first))
}

// close lets go of memory and of the room on disk.
func (r *records) close() {
	for i := range r.blocks {
		if r.blocks[i].spilled != nil {
			r.spill.Free(r.blocks[i].spilled)
		}
		r.blocks[i] = recordBlock{}
	}
	r.held.Store(0)
}

// bytesOf views words as bytes in the byte order of the machine.
func bytesOf(words []uint32) []byte {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*4)
}

// place is the place of a customer: the partition, and the number within the partition.
// A column of the table of features holds the place, so that customers are found in the
// order of ids.
type place uint64

func newPlace(partition, number int) place { return place(partition)<<32 | place(number) }
func (p place) partition() int             { return int(p >> 32) }
func (p place) number() int                { return int(uint32(p)) }
