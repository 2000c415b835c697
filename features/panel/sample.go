package panel

import (
	"sync"
	"sync/atomic"

	"github.com/quintile-dev/quintile/features"
)

// sampler draws customers for training: the customers with the lowest hashes,
// as many as fit a limit of rows. The sample depends on ids and the seed only,
// although customers arrive in any order: the threshold only falls, and a
// customer below the final threshold was below the threshold all the time.
type sampler struct {
	limit int64
	seed  uint64

	bar atomic.Int32 // bins from here on are out; it falls under mu

	mu   sync.Mutex
	rows [samplerBins]int64 // rows offered, by the leading bits of the hash
	sum  int64              // rows in the bins below the bar
}

const samplerBits = 12
const samplerBins = 1 << samplerBits

func newSampler(limit int64, seed uint64) *sampler {
	s := &sampler{limit: limit, seed: seed}
	s.bar.Store(samplerBins)
	return s
}

// bin returns the place of a customer among all.
func (s *sampler) bin(id []byte) int {
	return int(features.Hash(id, s.seed) >> (64 - samplerBits))
}

// offer counts a customer's rows, and reports whether the customer may be drawn
// as far as is known.
func (s *sampler) offer(bin int, rows int64) bool {
	if !s.drawn(bin) { // as most, once the bar has fallen
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	bar := s.current()
	if bin >= bar {
		return false
	}
	s.rows[bin] += rows
	s.sum += rows
	for s.sum > s.limit && bar > 1 {
		bar--
		s.sum -= s.rows[bar]
	}
	s.bar.Store(int32(bar))
	return bin < bar
}

// current returns the present threshold: a customer at or above the threshold
// is out for good.
func (s *sampler) current() int { return int(s.bar.Load()) }

// drawn reports, after all offers, whether a customer is in the sample.
func (s *sampler) drawn(bin int) bool { return bin < s.current() }

// share returns the share of the customers that the sample holds.
func (s *sampler) share() float64 { return float64(s.current()) / samplerBins }
