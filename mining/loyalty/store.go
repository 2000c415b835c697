package loyalty

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/spill"
)

// store keeps the holdings of all customers until the median prices are known, partition by
// partition: in memory within a budget, on disk beyond it.
type store struct {
	budget int64
	spill  *spill.Space
	blocks []block      // by partition; each is put by one worker
	held   atomic.Int64 // bytes in memory
}

// block is the holdings of the customers of a partition, in turn.
type block struct {
	bytes     []byte // none if they are spilled
	n         int    // bytes
	customers int
	spilled   spill.Extent
}

// appendHoldings appends holdings in few bytes, as variable-length numbers: the count of
// products and of repeated products, the money without a product; then for each product the
// difference between its code and the previous code, and the quantity.
func appendHoldings(dst []byte, h *holdings) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(h.products)))
	dst = binary.AppendUvarint(dst, uint64(h.repeated))
	dst = binary.AppendVarint(dst, int64(h.uncoded))
	before := uint32(0)
	for _, x := range h.products {
		dst = binary.AppendUvarint(dst, uint64(x.product-before))
		before = x.product
		if whole := x.quantity / datasets.One; whole*datasets.One == x.quantity {
			dst = binary.AppendVarint(dst, int64(whole)<<1)
		} else {
			dst = binary.AppendVarint(dst, int64(x.quantity)<<1|1)
		}
	}
	return dst
}

// readHoldings reads what appendHoldings wrote, and returns the rest. Amounts of products
// are not kept.
func readHoldings(src []byte, h *holdings) []byte {
	unsigned := func() uint64 {
		v, n := binary.Uvarint(src)
		src = src[n:]
		return v
	}
	signed := func() int64 {
		v, n := binary.Varint(src)
		src = src[n:]
		return v
	}
	n := int(unsigned())
	h.repeated, h.uncoded, h.products = int(unsigned()), datasets.Money(signed()), h.products[:0]
	product := uint32(0)
	for range n {
		product += uint32(unsigned())
		q := signed()
		quantity := datasets.Quantity(q >> 1)
		if q&1 == 0 {
			quantity *= datasets.One
		}
		h.products = append(h.products, holding{product: product, quantity: quantity})
	}
	return src
}

// put keeps the holdings of a partition.
func (s *store) put(partition, worker, customers int, bytes []byte) (err error) {
	b := block{n: len(bytes), customers: customers}
	size := int64(len(bytes))
	if held := s.held.Add(size); s.budget > 0 && held > s.budget {
		s.held.Add(-size)
		if b.spilled, err = s.spill.Write(worker, bytes); err != nil {
			return fmt.Errorf("spilling what customers have bought: %w", err)
		}
	} else {
		b.bytes = slices.Clone(bytes)
	}
	s.blocks[partition] = b
	return nil
}

// each calls do with the holdings of every customer, by partition and then as the scan met
// them.
func (s *store) each(do func(*holdings)) error {
	var h holdings
	var scratch []byte
	for i := range s.blocks {
		b := &s.blocks[i]
		bytes := b.bytes
		if bytes == nil && b.n > 0 {
			scratch = slices.Grow(scratch[:0], b.n)[:b.n]
			bytes = scratch
			if err := s.spill.Read(bytes, b.spilled, 0); err != nil {
				return fmt.Errorf("reading back what customers have bought: %w", err)
			}
		}
		for range b.customers {
			bytes = readHoldings(bytes, &h)
			do(&h)
		}
	}
	return nil
}

// offsets returns the number of customers before each partition, and of all.
func (s *store) offsets() (before []int, customers int) {
	before = make([]int, len(s.blocks))
	for i := range s.blocks {
		before[i] = customers
		customers += s.blocks[i].customers
	}
	return before, customers
}

// close lets go of the memory and of the room on disk.
func (s *store) close() {
	for i := range s.blocks {
		s.spill.Free(s.blocks[i].spilled)
	}
	s.blocks = nil
	s.held.Store(0)
}
