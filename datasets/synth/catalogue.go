package synth

import (
	"fmt"
	"math"
	"slices"
)

// catalogue holds the products of the retailer. Products are numbered by
// falling popularity, but their codes are in another order.
type catalogue struct {
	codes      [][]byte
	category   []uint32
	categories [][]byte
	price      []int64 // in cents, a multiple of ten less one
	cost       []int64 // in cents
	taste      [len(segments)]alias
	groups     []group
	pick       alias  // of the groups, and one more for none
	sold       []sold // by product; nil: all are sold throughout
}

// group is a set of products that are bought together.
type group struct {
	products []uint32
	share    float64
}

// groupHold is the chance of each product of a group to be in an order that has
// the group.
const groupHold = 0.85

const (
	maxGroups = 12
	// The share of orders of the first group, and the ratio of each next share
	// to the share before.
	groupShare, groupDecline = 0.07, 0.9
	// rankShift flattens the head of Zipf's law, by which popularity falls: the
	// most popular product of 1,200 is in some 4 % of the orders.
	rankShift = 20
)

// categoryNames name the first categories; the others are numbered.
var categoryNames = []string{
	"Kitchen", "Garden", "Stationery", "Toys", "Lighting", "Textiles", "Tableware", "Bath", "Candles", "Storage",
	"Party", "Bags", "Jewellery", "Books", "Tools", "Pets",
}

func newCatalogue(c *Config) *catalogue {
	s := streamOf(c.Seed, forCatalogue, 0)
	k := &catalogue{
		codes: make([][]byte, c.Products), category: make([]uint32, c.Products),
		price: make([]int64, c.Products), cost: make([]int64, c.Products),
	}
	k.nameCategories(c.Categories)
	digits := max(4, len(fmt.Sprint(c.Products)))
	level := make([]float64, c.Categories) // logarithm of the usual price
	size := make([]float64, c.Categories)
	for i := range level {
		level[i] = math.Log(9) + float64(0.5*s.normal())
		size[i] = 0.3 + s.unit()
	}
	sizes := newAlias(size)
	for i, number := range s.shuffled(c.Products) {
		k.codes[i] = fmt.Appendf(nil, "P%0*d", digits, number+1)
		if k.category[i] = uint32(i); i >= c.Categories { // none is empty
			k.category[i] = uint32(sizes.draw(&s))
		}
		price := math.Exp(level[k.category[i]] + float64(0.6*s.normal()))
		k.price[i] = 10*int64(min(max(price, 0.3), 5000)*10+0.5) - 1
		k.cost[i] = int64(float64(k.price[i])*(0.35+float64(0.35*s.unit())) + 0.5)
	}
	for i := range segments {
		k.taste[i] = k.newTaste(&segments[i], c.Categories, &s)
	}
	k.plant(c)
	k.span(c)
	return k
}

func (k *catalogue) nameCategories(n int) {
	for i := range n {
		name := fmt.Sprintf("Category %d", i+1)
		if i < len(categoryNames) {
			name = categoryNames[i]
		}
		k.categories = append(k.categories, []byte(name))
	}
}

// newTaste weighs the products for a segment: by popularity, by a liking of each
// category, and by price.
func (k *catalogue) newTaste(of *segment, categories int, s *stream) alias {
	liking := make([]float64, categories)
	for i := range liking {
		liking[i] = math.Exp(0.5 * s.normal())
	}
	weights := make([]float64, len(k.price))
	for i := range weights {
		dear := math.Log(float64(k.price[i]) / 900)
		weights[i] = liking[k.category[i]] * math.Exp(of.premium*dear) / float64(i+rankShift)
	}
	return newAlias(weights)
}

// plant chooses the groups among the less popular three quarters of the
// products, so that the group makes the products frequent.
func (k *catalogue) plant(c *Config) {
	s := streamOf(c.Seed, forGroups, 0)
	from := c.Products / 4
	free := s.shuffled(c.Products - from)
	share, none := groupShare, 1.0
	var weights []float64
	for g := range min(maxGroups, c.Products/20) {
		n := [...]int{2, 3, 2, 4}[g%4]
		members := make([]uint32, n)
		for i := range members {
			members[i] = free[i] + uint32(from)
		}
		free = free[n:]
		slices.Sort(members)
		k.groups = append(k.groups, group{members, share})
		weights = append(weights, share)
		none -= share
		share *= groupDecline
	}
	k.pick = newAlias(append(weights, none))
}

// shuffled returns the numbers from 0 to n−1 in random order.
func (s *stream) shuffled(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		j := s.below(i + 1)
		out[i], out[j] = out[j], uint32(i)
	}
	return out
}
