package recommend

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/quintile-dev/quintile/models/neighbour"
)

// maxLinks is how many items a new item keeps as its possible reasons.
const maxLinks = 50

// links are the reasons for new items: for each new item, the supporting items, the
// strongest first, and the number of customers who hold both.
type links struct {
	offsets []int // of each item, and the end
	sources []uint32
	both    []uint32
}

// newLinks takes the strongest weights of a model and counts the customers who hold both
// items.
//
// Cost: a sort of the weights, and maxLinks looks for each item of a customer.
func newLinks(m *neighbour.Model, rows neighbour.Rows) links {
	type link struct {
		from   uint32
		weight float64
	}
	l := links{offsets: make([]int, 1, rows.ItemCount+1)}
	byTarget := make([][]link, rows.ItemCount)
	if m != nil {
		for from := range uint32(rows.ItemCount) {
			to, weights := m.Weights(from)
			for k, item := range to {
				if weights[k] > 0 {
					byTarget[item] = append(byTarget[item], link{from, weights[k]})
				}
			}
		}
	}
	for _, list := range byTarget {
		slices.SortFunc(list, func(a, b link) int { return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.from, b.from)) })
		for _, k := range list[:min(maxLinks, len(list))] {
			l.sources = append(l.sources, k.from)
		}
		l.offsets = append(l.offsets, len(l.sources))
	}
	l.count(rows)
	return l
}

// count counts the customers who hold both items of each link.
func (l *links) count(rows neighbour.Rows) {
	l.both = make([]uint32, len(l.sources))
	holder := make([]int, rows.ItemCount) // the last row that holds the item, from 1
	for i := range rows.Len() {
		row := rows.Row(i)
		for _, item := range row {
			holder[item] = i + 1
		}
		for _, item := range row {
			for k := l.offsets[item]; k < l.offsets[item+1]; k++ {
				if holder[l.sources[k]] == i+1 {
					l.both[k]++
				}
			}
		}
	}
}

// strongest returns the strongest item held in support of a new item and the number of
// customers who hold both, or false without such an item. held is ascending.
func (l *links) strongest(item uint32, held []uint32) (source, both uint32, found bool) {
	for k := l.offsets[item]; k < l.offsets[item+1]; k++ {
		if contains(held, l.sources[k]) {
			return l.sources[k], l.both[k], true
		}
	}
	return 0, 0, false
}

// bytes writes the links: for each item the number of its links, then the links.
func (l *links) bytes() []byte {
	var out []byte
	for item := range len(l.offsets) - 1 {
		from, to := l.offsets[item], l.offsets[item+1]
		out = binary.AppendUvarint(out, uint64(to-from))
		for k := from; k < to; k++ {
			out = binary.AppendUvarint(out, uint64(l.sources[k]))
			out = binary.AppendUvarint(out, uint64(l.both[k]))
		}
	}
	return out
}

// readLinks reads what bytes wrote for so many items.
func readLinks(b []byte, items int) (links, error) {
	l := links{offsets: make([]int, 1, items+1)}
	bad := errors.New("links: got bytes that hold no links between the items, want those that a run has written")
	next := func(most int) (uint32, bool) {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > uint64(most) {
			return 0, false
		}
		b = b[n:]
		return uint32(v), true
	}
	for range items {
		n, ok := next(maxLinks)
		if !ok {
			return l, bad
		}
		for range n {
			source, ok1 := next(items - 1)
			both, ok2 := next(1<<32 - 1)
			if !ok1 || !ok2 {
				return l, bad
			}
			l.sources, l.both = append(l.sources, source), append(l.both, both)
		}
		l.offsets = append(l.offsets, len(l.sources))
	}
	if len(b) > 0 {
		return l, bad
	}
	return l, nil
}
