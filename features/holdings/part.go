package holdings

import (
	"fmt"
	"sort"

	"github.com/quintile-dev/quintile/datasets"
)

// Part holds the customers of a partition, in the order of the scan.
type Part struct {
	words  []uint32
	starts []int // of each customer, after its length
	spare  []uint32
}

// Read sets p to a partition. p keeps its memory from one partition to the next, and is
// valid until the next call or Close of the store.
//
// Errors: those of the disk.
func (s *Store) Read(p *Part, partition int) error {
	b := &s.blocks[partition]
	p.words = b.words
	if b.words == nil && b.n > 0 {
		if cap(p.spare) < b.n {
			p.spare = make([]uint32, b.n)
		}
		p.words = p.spare[:b.n]
		if err := s.config.Spill.Read(bytesOf(p.words), b.spilled, 0); err != nil {
			return fmt.Errorf("reading back holdings: %w", err)
		}
	}
	p.starts = p.starts[:0]
	for at := 0; at < len(p.words); at += int(p.words[at]) + 1 {
		p.starts = append(p.starts, at+1)
	}
	return nil
}

// Len returns the number of customers.
func (p *Part) Len() int { return len(p.starts) }

// Items appends the items of a customer to dst, by rising code. They share the memory of p.
func (p *Part) Items(dst []Item, customer int) []Item {
	from := p.starts[customer]
	words := p.words[from : from+int(p.words[from-1])]
	for len(words) > 0 {
		n := int(words[1])
		dst = append(dst, Item{words[0], words[2 : 2+n]})
		words = words[2+n:]
	}
	return dst
}

// Item is an item that a customer has bought.
type Item struct {
	Code uint32
	days []uint32 // of the orders, rising
}

// Orders returns the number of orders with the item.
func (it Item) Orders() int { return len(it.days) }

// Day returns the day of order k, from 0, by rising days.
func (it Item) Day(k int) datasets.Day { return datasets.Day(int32(it.days[k])) }

// Until returns the number of orders up to the end of a day.
func (it Item) Until(day datasets.Day) int {
	return sort.Search(len(it.days), func(k int) bool { return it.Day(k) > day })
}

// Held is what was known of an item at the end of a day.
type Held struct {
	Code        uint32
	Times       int // orders with the item, ≥ 1
	First, Last datasets.Day
}

// On returns what was known at the end of a day, and false where the item was not held yet.
func (it Item) On(day datasets.Day) (Held, bool) {
	n := it.Until(day)
	if n == 0 {
		return Held{}, false
	}
	return Held{it.Code, n, it.Day(0), it.Day(n - 1)}, true
}

// MeanGap returns the mean days from one order to the next, 0 for a single order.
func (h Held) MeanGap() float64 {
	if h.Times < 2 {
		return 0
	}
	return float64(h.Last-h.First) / float64(h.Times-1)
}
