package itemset

import (
	"context"
	"math/bits"

	"github.com/quintile-dev/quintile/models"
)

// assembly turns the records of the arenas, whose order depends on the timing
// of workers, into Sets in order.
type assembly struct {
	search    *search
	minCount  uint32
	minLength int
	tasks     uint32 // sets of tasks from here on are incomplete and left out

	chunks [][]uint32
	at     [][]int // by chunk and length: first where, then up to where, its sets go
	rows   []uint32
	counts []uint32
	first  []int
	base   []int
}

// assemble collects the sets found, at the final threshold, in order.
func assemble(ctx context.Context, s *search, cfg Config) (*Sets, error) {
	tasks := 0
	for tasks < len(s.done) && s.done[tasks] {
		tasks++
	}
	a := &assembly{search: s, minCount: s.limit.min.Load(), minLength: cfg.MinLength, tasks: uint32(tasks)}
	for _, m := range s.miners {
		a.chunks = append(a.chunks, m.found.chunks()...)
		m.found = arena{}
	}
	if err := a.measure(ctx, cfg.Workers); err != nil {
		return nil, err
	}
	if err := a.gather(ctx, cfg.Workers); err != nil {
		return nil, err
	}
	sets := &Sets{
		baskets: s.limit.baskets, kind: cfg.Kind, minCount: int(a.minCount), complete: -1,
		items: make([]uint32, len(a.rows)), counts: make([]uint32, len(a.counts)),
		first: a.first, base: a.base,
	}
	if tasks < len(s.done) {
		sets.complete = tasks
	}
	err := models.Parallel(ctx, cfg.Workers, sets.MaxLength(), func(t int) error {
		return a.sortLength(ctx, sets, t+1)
	})
	return sets, err
}

// wanted reports whether a record belongs to the result. The first item of a
// record is the item of the task that found it.
func (a *assembly) wanted(count uint32, items []uint32) bool {
	return count >= a.minCount && len(items) >= a.minLength &&
		(int(a.tasks) == len(a.search.done) || a.search.alphabet.rank(items[0]) < a.tasks)
}

// measure finds how many sets of each length each chunk holds, and so where
// they go.
func (a *assembly) measure(ctx context.Context, workers int) error {
	a.at = make([][]int, len(a.chunks))
	err := models.Parallel(ctx, workers, len(a.chunks), func(t int) error {
		each(a.chunks[t], func(count uint32, items []uint32) {
			if a.wanted(count, items) {
				for len(a.at[t]) <= len(items) {
					a.at[t] = append(a.at[t], 0)
				}
				a.at[t][len(items)]++
			}
		})
		return nil
	})
	longest := 0
	for _, at := range a.at {
		longest = max(longest, len(at)-1)
	}
	a.first, a.base = make([]int, longest+2), make([]int, longest+2)
	sets, words := 0, 0
	for l := 1; l <= longest; l++ {
		a.first[l], a.base[l] = sets, words
		for _, at := range a.at {
			if l < len(at) {
				n := at[l]
				at[l] = sets
				sets += n
				words += n * l
			}
		}
	}
	a.first[longest+1], a.base[longest+1] = sets, words
	a.rows, a.counts = make([]uint32, words), make([]uint32, sets)
	return err
}

// gather writes the sets, as ascending ordinals, to their lengths' blocks.
func (a *assembly) gather(ctx context.Context, workers int) error {
	return models.Parallel(ctx, workers, len(a.chunks), func(t int) error {
		at := a.at[t]
		each(a.chunks[t], func(count uint32, items []uint32) {
			if !a.wanted(count, items) {
				return
			}
			l := len(items)
			i := at[l]
			at[l]++
			a.counts[i] = count
			p := a.base[l] + (i-a.first[l])*l
			copy(a.rows[p:p+l], items)
			sortSmall(a.rows[p : p+l])
		})
		a.chunks[t] = nil
		return nil
	})
}

// keyed is a sort key and the set it belongs to.
type keyed struct {
	key uint64
	set uint32
}

// sortLength writes the sets of l items to dst, in order. Each pass sorts by as
// many items as fit into 64 bits, the last items first.
func (a *assembly) sortLength(ctx context.Context, dst *Sets, l int) error {
	n := a.first[l+1] - a.first[l]
	rows := a.rows[a.base[l]:a.base[l+1]]
	width := max(1, bits.Len(uint(max(0, len(a.search.alphabet.code)-1))))
	perKey := 64 / width
	order, spare := make([]keyed, n), make([]keyed, n)
	for i := range order {
		order[i].set = uint32(i)
	}
	for to := l; to > 0; to -= perKey {
		if err := ctx.Err(); err != nil {
			return err
		}
		from := max(0, to-perKey)
		for i := range order {
			row, key := rows[int(order[i].set)*l:], uint64(0)
			for _, v := range row[from:to] {
				key = key<<width | uint64(v)
			}
			order[i].key = key
		}
		order, spare = radixSort(order, spare, width*(to-from))
	}
	code := a.search.alphabet.code
	for i, o := range order {
		dst.counts[a.first[l]+i] = a.counts[a.first[l]+int(o.set)]
		out := dst.items[a.base[l]+i*l : a.base[l]+(i+1)*l]
		for c, v := range rows[int(o.set)*l : int(o.set)*l+l] {
			out[c] = code[v]
		}
	}
	return nil
}

// radixSort sorts x by the low keyBits bits of its keys, stably, with the help
// of y, and returns the sorted slice and the spare slice.
func radixSort(x, y []keyed, keyBits int) (sorted, other []keyed) {
	const digit = 11
	if len(x) < 2 {
		return x, y
	}
	for shift := 0; shift < keyBits; shift += digit {
		var at [1 << digit]uint32
		for _, e := range x {
			at[e.key>>shift&(1<<digit-1)]++
		}
		sum := uint32(0)
		for d, n := range at {
			at[d] = sum
			sum += n
		}
		for _, e := range x {
			d := e.key >> shift & (1<<digit - 1)
			y[at[d]] = e
			at[d]++
		}
		x, y = y, x
	}
	return x, y
}
