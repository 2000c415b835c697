package ingest

import "sort"

// consecutive returns how many of the rows, from the first, follow one another
// without a gap. Rows ascend; there is at least one.
func consecutive(rows []uint32) uint32 {
	if last := len(rows) - 1; int(rows[last]-rows[0]) == last {
		return uint32(len(rows))
	}
	near := 1
	for int(rows[near]-rows[0]) == near {
		near *= 2
		if near >= len(rows) {
			near = len(rows) - 1
		}
	}
	return uint32(sort.Search(near, func(k int) bool { return int(rows[k]-rows[0]) != k }))
}
