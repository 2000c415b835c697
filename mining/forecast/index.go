package forecast

// index finds the cell of a key. Slots of few members have a table with an entry for every
// member and period, the others share a map. On a busy machine a dimension costs 50 ns a line
// with a table, 120 ns with the map.
type index struct {
	periods int
	tables  [][]int32 // of each slot: the cell by member and period, one added, 0 for none; nil: the map
	others  map[key]int32
}

// newIndex returns an index for so many periods, with so many members in each dimension. The
// tables of dimensions take no more than so many bytes.
func newIndex(periods int, members []int, memory int64) index {
	x := index{periods: periods, others: map[key]int32{}}
	for range firstDimension {
		x.tables = append(x.tables, make([]int32, periods))
	}
	for _, n := range members {
		var table []int32
		if size := 4 * int64(n) * int64(periods); size <= memory {
			table = make([]int32, n*periods)
			memory -= size
		}
		x.tables = append(x.tables, table)
	}
	return x
}

// bytes returns the size of the tables.
func (x *index) bytes() int64 {
	n := 0
	for _, table := range x.tables {
		n += len(table)
	}
	return 4 * int64(n)
}

// get returns the cell of a key.
func (x *index) get(k key) (at int32, found bool) {
	if table := x.tables[k.slot()]; table != nil {
		at = table[int(k.member())*x.periods+k.period()]
		return at - 1, at > 0
	}
	at, found = x.others[k]
	return at, found
}

// set leads a key to a cell.
func (x *index) set(k key, at int32) {
	if table := x.tables[k.slot()]; table != nil {
		table[int(k.member())*x.periods+k.period()] = at + 1
		return
	}
	x.others[k] = at
}

// clear forgets all cells.
func (x *index) clear() {
	for _, table := range x.tables {
		clear(table)
	}
	clear(x.others)
}
