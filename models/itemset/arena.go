package itemset

// chunkWords is the size of an arena's chunks: large enough to make opening a
// chunk cheap, small enough to waste little in a worker's last chunk.
const chunkWords = 1 << 15

// recordWords is the number of words of a set in an arena beside its items.
const recordWords = 2

// arena holds found sets as records of words: length, count, items. Records
// never cross chunks.
type arena struct {
	full [][]uint32
	open []uint32
}

// record returns the place for the items of a new set of n.
func (a *arena) record(n int, count uint32) []uint32 {
	at := len(a.open)
	if at+n+recordWords > cap(a.open) {
		a.next(n + recordWords)
		at = 0
	}
	a.open = a.open[:at+n+recordWords]
	rec := a.open[at:]
	rec[0], rec[1] = uint32(n), count
	return rec[recordWords:]
}

func (a *arena) next(words int) {
	if len(a.open) > 0 {
		a.full = append(a.full, a.open)
	}
	// The first chunk is small: most tasks of most runs find little.
	size := chunkWords
	if len(a.full) == 0 && cap(a.open) == 0 {
		size = chunkWords / 16
	}
	a.open = make([]uint32, 0, max(size, words))
}

// chunks returns all records, chunk by chunk.
func (a *arena) chunks() [][]uint32 {
	if len(a.open) == 0 {
		return a.full
	}
	return append(a.full[:len(a.full):len(a.full)], a.open)
}

// each calls do for every record of a chunk.
func each(chunk []uint32, do func(count uint32, items []uint32)) {
	for p := 0; p < len(chunk); {
		n := int(chunk[p])
		do(chunk[p+1], chunk[p+recordWords:p+recordWords+n])
		p += recordWords + n
	}
}

// compact drops the sets below minCount and gives their memory back.
func (a *arena) compact(minCount uint32) {
	old := a.chunks()
	*a = arena{}
	for i, chunk := range old {
		each(chunk, func(count uint32, items []uint32) {
			if count >= minCount {
				copy(a.record(len(items), count), items)
			}
		})
		old[i] = nil
	}
}
