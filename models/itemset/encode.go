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
func newAlphabet(ctx context.Context, b Baskets, minCount int) (alphabet, error) {
	var a alphabet
	counts, err := countItems(ctx, b)
	if err != nil {
		return a, err
	}
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
	return a, nil
}

// rank returns the rank of an ordinal.
func (a alphabet) rank(ord uint32) uint32 { return a.rankOf[a.code[ord]] - 1 }

// countItems counts, per code, the baskets with at least one occurrence.
func countItems(ctx context.Context, b Baskets) ([]uint32, error) {
	counts := make([]uint32, b.ItemCount)
	last := make([]uint32, b.ItemCount) // 1 + the last basket that held the item
	for i := range b.Len() {
		if i%encodeBlock == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for _, item := range b.Basket(i) {
			if last[item] != uint32(i)+1 {
				last[item] = uint32(i) + 1
				counts[item]++
			}
		}
	}
	return counts, nil
}

// filter reduces each basket to a transaction: the ranks of its frequent items,
// ascending, once each. Baskets with fewer than two are dropped.
func filter(ctx context.Context, b Baskets, a alphabet, workers int) ([]rawBlock, error) {
	blocks := make([]rawBlock, (b.Len()+encodeBlock-1)/encodeBlock)
	err := models.Parallel(ctx, workers, len(blocks), func(t int) error {
		blocks[t] = filterBlock(b, a, t*encodeBlock, min(b.Len(), (t+1)*encodeBlock))
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

// filterBlock filters the baskets from from to to. Instead of a sort per basket,
// the baskets of each rank are listed and the ranks are dealt out again in order,
// in a third of the time.
func filterBlock(b Baskets, a alphabet, from, to int) rawBlock {
	ranks := make([]uint32, 0, b.Offsets[to]-b.Offsets[from]) // basket by basket
	end := make([]uint32, to-from)                            // of each basket in ranks
	seen := make([]uint32, len(a.code))                       // 1 + last basket, by rank
	next := make([]uint32, len(a.code)+1)                     // by rank: places in owner
	for i := range end {
		for _, item := range b.Basket(from + i) {
			if r := a.rankOf[item]; r != 0 && seen[r-1] != uint32(i)+1 {
				seen[r-1] = uint32(i) + 1
				ranks = append(ranks, r-1)
				next[r]++
			}
		}
		end[i] = uint32(len(ranks))
	}
	for r := 1; r < len(next); r++ {
		next[r] += next[r-1]
	}
	owner := make([]uint32, len(ranks)) // basket, rank by rank
	p := uint32(0)
	for i, e := range end {
		for ; p < e; p++ {
			r := ranks[p]
			owner[next[r]] = uint32(i)
			next[r]++
		}
	}
	at := make([]uint32, len(end))
	copy(at[min(1, len(at)):], end)
	p = 0
	for r := range a.code {
		for ; p < next[r]; p++ {
			i := owner[p]
			ranks[at[i]] = uint32(r)
			at[i]++
		}
	}
	return dropShort(ranks, end, from)
}

// dropShort keeps the baskets of two or more ranks.
func dropShort(ranks, end []uint32, from int) rawBlock {
	raw := rawBlock{items: ranks[:0]}
	start := uint32(0)
	for i, e := range end {
		if tx := ranks[start:e]; len(tx) >= 2 {
			raw.items = append(raw.items, tx...)
			raw.end = append(raw.end, len(raw.items))
			raw.hash = append(raw.hash, hashItems(tx))
			raw.basket = append(raw.basket, uint32(from+i))
		}
		start = e
	}
	return raw
}

func hashItems(x []uint32) uint64 {
	h := uint64(len(x))
	for _, v := range x {
		h = (h ^ uint64(v)) * 0x9E3779B97F4A7C15
		h ^= h >> 29
	}
	return h
}

// mergeEqual joins the blocks into one database without duplicates.
// Transactions of weight above one are first.
func mergeEqual(ctx context.Context, blocks []rawBlock, ranks int) (*database, error) {
	total := 0
	for _, raw := range blocks {
		total += len(raw.end)
	}
	m := merger{slots: make([]uint32, tableSize(total))}
	m.tx = make([][]uint32, 0, total)
	m.hash = make([]uint64, 0, total)
	m.weight = make([]uint32, 0, total)
	for _, raw := range blocks {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		start := 0
		for i, end := range raw.end {
			m.add(raw.items[start:end], raw.hash[i])
			start = end
		}
	}
	nnz := 0
	for _, tx := range m.tx {
		nnz += len(tx)
	}
	db := &database{items: make([]uint32, 0, nnz), start: make([]uint32, 1, len(m.tx)+1)}
	for i, t := range m.order(ranks) {
		if i%encodeBlock == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		db.add(m.tx[t], m.weight[t])
	}
	return db, nil
}

// order returns the transactions, weights above one first, and otherwise by
// least frequent item, so that transactions counted together are close in
// memory.
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
