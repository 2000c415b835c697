package features

//go:generate sh -c "cd gen && go run . -out ../sorting_amd64.s -stubs ../stub_amd64.go -pkg features"

import (
	"math"
	"math/bits"
)

// sortedRow is a value of each of the columns that are sorted, each independently
// of the others.
type sortedRow [4]int64

// leaf is the number of rows that are sorted by a network of comparisons.
const leaf = 8

// sorter sorts four short columns of numbers at once, with the vector
// instructions of the machine where it has them. Its zero value is ready for
// use; it keeps its memory.
//
// Where few values come in any order, what slices.Sort costs is branches that
// cannot be foretold. Here no branch depends on a value, and few depend on their
// number, since the columns are filled up to a power of two: with AVX2, four columns of 6,
// 12, 24 or 48 values take 27, 51, 130 and 370 ns.
type sorter struct {
	rows    []sortedRow
	scratch []int64
}

// start makes room for at least n values in each column and returns it. Values
// that are not set are sorted behind those that are, being the largest of all.
func (s *sorter) start(n int) []sortedRow {
	room := leaf << bits.Len(uint(max(n-1, 0))/leaf)
	if room > cap(s.rows) {
		s.rows = make([]sortedRow, room)
	}
	s.rows = s.rows[:room]
	for i := range s.rows {
		s.rows[i] = sortedRow{math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64}
	}
	return s.rows
}

// sort sorts each column of what start returned.
func (s *sorter) sort() {
	if !sortFast(s.rows) {
		s.sortPlain()
	}
}
