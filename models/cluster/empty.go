package cluster

// relocate gives each empty cluster, in order of number, the point farthest
// from the mean of its own cluster, if any point is away from that mean; among
// equally far points, the first. A cluster of a single point keeps its point.
func (r *lloyd) relocate() {
	for c := range r.k {
		if r.count[c] > 0 {
			continue
		}
		i := r.farthest()
		if i < 0 {
			return
		}
		var s span
		d := r.p.d
		s.touched, s.sums = make([]bool, r.k), make([]float64, r.k*d)
		s.mass, s.count = make([]float64, r.k), make([]int, r.k)
		fresh := *(*[block]int32)(r.labels[i/block*block:])
		fresh[i%block] = int32(c)
		r.move(&s, i/block, 1<<(i%block), &fresh)
		r.merge(&s)
		if r.limits != nil {
			r.limits.displace(i)
		}
	}
}

// coincident is the squared distance, in framed units, up to which a point counts
// as equal to the mean of its cluster: the mean of equal points may be off by
// rounding.
const coincident = 1e-24

// farthest returns the point farthest from the mean of its cluster, or −1 if
// every point equals the mean or is alone in its cluster.
func (r *lloyd) farthest() int {
	d := r.p.d
	mean := make([]float64, r.k*d)
	for c := range r.k {
		for j := range d {
			mean[c*d+j] = r.sums[c*d+j] / r.mass[c]
		}
	}
	best, at := 0.0, -1
	for i := range r.p.n {
		c := int(r.labels[i])
		if r.count[c] < 2 {
			continue
		}
		var s float64
		for j := range d {
			t := float64(r.p.at(i, j)) - mean[c*d+j]
			s += float64(t * t)
		}
		if s > best {
			best, at = s, i
		}
	}
	if best <= coincident {
		return -1
	}
	return at
}
