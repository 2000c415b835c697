package itemset

import (
	"cmp"
	"context"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// encodeBlock is the number of baskets that one task counts or filters.
const encodeBlock = 8192

// alphabet holds the frequent items. An item has a code (the caller's), an
// ordinal (its place among the frequent codes, ascending) and a rank (its place
// by descending count, ties by code). Mining works on ranks, so that prefixes
// are the frequent items; results are kept by ordinals.
type alphabet struct {
	occurring int // codes that occur at all

	code   []uint32 // by ordinal
	count  []uint32 // by ordinal
	byRank []uint32 // ordinal by rank
	rankOf []uint32 // rank+1 by code; 0 for an infrequent item
}

// newAlphabet counts the items and keeps those in at least minCount baskets.
func newAlphabet(b Baskets, minCount int) alphabet {
	counts := countItems(b)
	var a alphabet
	for code, c := range counts {
		if c > 0 {
			a.occurring++
		}
		if int(c) >= minCount {
			a.code = append(a.code, uint32(code))
			a.count = append(a.count, c)
		}
	}
	a.byRank = make([]uint32, len(a.code))
	for i := range a.byRank {
		a.byRank[i] = uint32(i)
	}
	slices.SortStableFunc(a.byRank, func(x, y uint32) int { return cmp.Compare(a.count[y], a.count[x]) })
	a.rankOf = counts // every count has been read: the space becomes the ranks
	clear(a.rankOf)
	for rank, ord := range a.byRank {
		a.rankOf[a.code[ord]] = uint32(rank) + 1
	}
	return a
}

// rank returns the rank of an ordinal.
func (a alphabet) rank(ord uint32) uint32 { return a.rankOf[a.code[ord]] - 1 }

// countItems counts, per code, the baskets that hold it at least once.
func countItems(b Baskets) []uint32 {
	counts := make([]uint32, b.ItemCount)
	last := make([]uint32, b.ItemCount) // 1 + the last basket that held the item
	for i := range b.Len() {
		for _, item := range b.Basket(i) {
			if last[item] != uint32(i)+1 {
				last[item] = uint32(i) + 1
				counts[item]++
			}
		}
	}
	return counts
}

// filter reduces each basket to a transaction: the ranks of its frequent items,
// ascending, once each. Baskets with fewer than two are dropped.
func filter(ctx context.Context, b Baskets, a alphabet, workers int) ([]rawBlock, error) {
	blocks := make([]rawBlock, (b.Len()+encodeBlock-1)/encodeBlock)
	err := models.Parallel(ctx, workers, len(blocks), func(t int) error {
		blocks[t] = filterBlock(b, a.rankOf, t*encodeBlock, min(b.Len(), (t+1)*encodeBlock))
		return nil
	})
	return blocks, err
}

// rawBlock holds the filtered transactions of one block of baskets.
type rawBlock struct {
	items  []uint32
	end    []int    // of each transaction in items
	hash   []uint64 // of each transaction
	basket []uint32 // where each transaction comes from
}

// length returns the number of items of transaction i.
func (raw *rawBlock) length(i int) int {
	if i == 0 {
		return raw.end[0]
	}
	return raw.end[i] - raw.end[i-1]
}

func filterBlock(b Baskets, rankOf []uint32, from, to int) rawBlock {
	raw := rawBlock{items: make([]uint32, 0, b.Offsets[to]-b.Offsets[from])}
	for i := from; i < to; i++ {
		start := len(raw.items)
		for _, item := range b.Basket(i) {
			if r := rankOf[item]; r != 0 {
				raw.items = append(raw.items, r-1)
			}
		}
		tx := raw.items[start:]
		sortSmall(tx)
		tx = slices.Compact(tx)
		if len(tx) < 2 {
			raw.items = raw.items[:start]
			continue
		}
		raw.items = raw.items[:start+len(tx)]
		raw.end = append(raw.end, len(raw.items))
		raw.hash = append(raw.hash, hashItems(tx))
		raw.basket = append(raw.basket, uint32(i))
	}
	return raw
}

// sortSmall sorts ascending; baskets are short, where insertion is fastest.
func sortSmall(x []uint32) {
	if len(x) > 24 {
		slices.Sort(x)
		return
	}
	for i := 1; i < len(x); i++ {
		v := x[i]
		j := i
		for ; j > 0 && x[j-1] > v; j-- {
			x[j] = x[j-1]
		}
		x[j] = v
	}
}

func hashItems(x []uint32) uint64 {
	h := uint64(len(x))
	for _, v := range x {
		h = (h ^ uint64(v)) * 0x9E3779B97F4A7C15
		h ^= h >> 29
	}
	return h
}

// mergeEqual joins the blocks into one database without duplicates. Those of
// weight above one come first.
func mergeEqual(blocks []rawBlock, ranks int) *database {
	total, nnz := 0, 0
	for _, raw := range blocks {
		total += len(raw.end)
		nnz += len(raw.items)
	}
	m := merger{slots: make([]uint32, tableSize(total))}
	m.tx = make([][]uint32, 0, total)
	m.hash = make([]uint64, 0, total)
	for _, raw := range blocks {
		start := 0
		for i, end := range raw.end {
			m.add(raw.items[start:end], raw.hash[i])
			start = end
		}
	}
	db := &database{items: make([]uint32, 0, nnz), start: make([]uint32, 1, len(m.tx)+1)}
	for _, t := range m.order(ranks) {
		db.add(m.tx[t], m.weight[t])
	}
	return db
}

// order returns the transactions with those of weight above one first, and
// otherwise by their least frequent item, so that what is counted together lies
// together.
func (m *merger) order(ranks int) []uint32 {
	at := make([]uint32, 2*ranks+1)
	key := func(t int) int {
		k := int(m.tx[t][len(m.tx[t])-1])
		if m.weight[t] == 1 {
			k += ranks
		}
		return k
	}
	for t := range m.tx {
		at[key(t)+1]++
	}
	for k := 1; k < len(at); k++ {
		at[k] += at[k-1]
	}
	order := make([]uint32, len(m.tx))
	for t := range m.tx {
		k := key(t)
		order[at[k]] = uint32(t)
		at[k]++
	}
	return order
}

// merger is an open-addressing table of transactions.
type merger struct {
	slots  []uint32 // 1 + index into tx
	tx     [][]uint32
	hash   []uint64
	weight []uint32
}

func tableSize(n int) int {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return size
}

func (m *merger) add(tx []uint32, h uint64) {
	mask := uint64(len(m.slots) - 1)
	for s := h & mask; ; s = (s + 1) & mask {
		t := m.slots[s]
		if t == 0 {
			m.tx = append(m.tx, tx)
			m.hash = append(m.hash, h)
			m.weight = append(m.weight, 1)
			m.slots[s] = uint32(len(m.tx))
			return
		}
		if m.hash[t-1] == h && slices.Equal(m.tx[t-1], tx) {
			m.weight[t-1]++
			return
		}
	}
}
