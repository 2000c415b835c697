package datasets

import "slices"

// OrderSet counts the distinct orders of one customer. Orders are numbered by first
// occurrence, so that most orders arrive in rising order. The zero OrderSet is
// empty.
type OrderSet struct {
	n    int
	next uint32   // numbers from here on have not been met
	last uint32   // the number met last, where n > 0
	gaps []uint32 // numbers below next that were not met, rising
}

// Add adds an order.
func (s *OrderSet) Add(order uint32) {
	switch {
	case s.n > 0 && order == s.last:
		return
	case order >= s.next:
		for g := s.next; g < order; g++ {
			s.gaps = append(s.gaps, g)
		}
		s.next = order + 1
		s.n++
	default:
		if i, found := slices.BinarySearch(s.gaps, order); found {
			s.gaps = slices.Delete(s.gaps, i, i+1)
			s.n++
		}
	}
	s.last = order
}

// Len returns the number of distinct orders.
func (s *OrderSet) Len() int { return s.n }

// Reset empties the set, and keeps its memory.
func (s *OrderSet) Reset() { s.n, s.next, s.last, s.gaps = 0, 0, 0, s.gaps[:0] }
