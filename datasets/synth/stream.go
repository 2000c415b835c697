package synth

import "math"

// stream is a source of random numbers in eight bytes, one for each customer;
// no source in math/rand/v2 is so small. The algorithm is SplitMix64 [1].
//
// [1] G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number
// generators", OOPSLA 2014, pp. 453–472, doi:10.1145/2660193.2660195.
type stream uint64

const golden = 0x9e3779b97f4a7c15

// streamOf returns the stream of a purpose and a number under a seed.
func streamOf(seed uint64, purpose, number uint64) stream {
	return stream(mix(mix(mix(seed+golden)+purpose*golden) + number*golden))
}

// The purposes of streams.
const (
	forCatalogue uint64 = iota + 1
	forIDs
	forCustomer
	forVisits
	forAnonymous
	forGroups
	forCampaigns
	forAttributes
	forProspects
	forAssortment
	forLifetimes
	forHabits
)

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Uint64 returns 64 random bits. It makes a stream a rand.Source.
func (s *stream) Uint64() uint64 {
	*s += golden
	return mix(uint64(*s))
}

// unit returns a number in (0,1), never its ends.
func (s *stream) unit() float64 {
	return (float64(s.Uint64()>>12) + 0.5) / (1 << 52)
}

// below returns an integer in [0,n), for n up to 2^32; the bias is below n/2^64.
func (s *stream) below(n int) int {
	return int(mulHigh(s.Uint64(), uint64(n)))
}

// chance reports true with probability p.
func (s *stream) chance(p float64) bool { return s.unit() < p }

// geometric returns a number ≥ 1 whose mean is mean ≥ 1: the trials until the
// first success.
func (s *stream) geometric(mean float64) int {
	if mean <= 1 {
		return 1
	}
	return 1 + int(math.Log(s.unit())/math.Log(1-1/mean))
}

// poisson returns a Poisson number with the given mean; a rounded normal number
// where the mean is large.
func (s *stream) poisson(mean float64) int {
	if mean > 60 {
		return max(0, int(mean+math.Sqrt(mean)*s.normal()+0.5))
	}
	n, p, limit := 0, s.unit(), math.Exp(-mean)
	for p > limit {
		n++
		p *= s.unit()
	}
	return n
}

// normal returns a standard normal number, by the method of Box and Muller.
func (s *stream) normal() float64 {
	r := math.Sqrt(-2 * math.Log(s.unit()))
	return r * math.Cos(2*math.Pi*s.unit())
}

// exponential returns an exponential number of mean 1.
func (s *stream) exponential() float64 { return -math.Log(s.unit()) }
