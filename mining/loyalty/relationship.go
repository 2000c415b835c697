package loyalty

import "math"

// The kinds of relationships, in the order of their labels: first in the order of the
// indices, then the remaining kinds.
const (
	priceLed = iota
	productLed
	needLed
	valueLed
	mixed
	undetermined
)

var names = []string{"price_led", "product_led", "need_led", "value_led", "mixed", "undetermined"}

// actions are what to do with the customers of each kind, unless the job says otherwise.
var actions = map[string]string{
	"price_led":    "prices bind them: promotions, larger packs, early word of sales; expect them to compare",
	"product_led":  "a product binds them: keep it in stock, tell them what is new around it",
	"need_led":     "a need binds them: remind before it is due, offer a subscription",
	"value_led":    "quality and service bind them: no discounts, but attention and better lines",
	"mixed":        "nothing stands out: treat by segment",
	"undetermined": "too few purchases to tell: win the next one",
}

// clearFrom is the index that the largest must reach.
const clearFrom = 0.6

// signs is what is known of a customer.
type signs struct {
	money, returned    float64 // millionths
	discount, cv       float64
	price, repeated    float64
	quality            float64 // the attribute; NaN where none is named or known
	active, span, days float64 // days from the first to the second purchase
}

// kept returns the share of the money that was not returned, in [0,1]; NaN without money.
func (s *signs) kept() float64 {
	if !(s.money > 0) {
		return math.NaN()
	}
	return min(max(0, 1-s.returned/s.money), 1)
}

// determined reports whether a customer has two gaps, and so a rhythm.
func (s *signs) determined() bool { return !math.IsNaN(s.cv) }

// indices returns the four indices, each a percentile rank in (0,1) among the customers
// who are determined.
func (m *Model) indices(s *signs) [4]float64 {
	price := 1 - m.Price.Of(s.price)
	if m.Discounts {
		price = m.Discount.Of(s.discount)
	}
	return [4]float64{
		priceLed: price, productLed: m.Repeated.Of(s.repeated), needLed: 1 - m.Rhythm.Of(s.cv), valueLed: m.Value.Of(m.meanRank(s)),
	}
}

// meanRank returns the mean of the ranks of price, kept money and money.
func (m *Model) meanRank(s *signs) float64 {
	return (m.Price.Of(s.price) + m.Kept.Of(s.kept()) + m.Money.Of(s.money)) / 3
}

// kind returns the kind of relationship of a customer who has bought: the largest index, the
// first among equals; −1 where nobody has an index.
func (m *Model) kind(s *signs) int32 {
	if !m.Related {
		return -1
	}
	if !s.determined() {
		return undetermined
	}
	index := m.indices(s)
	largest := 0
	for k, v := range index {
		if math.IsNaN(v) {
			return undetermined
		}
		if v > index[largest] {
			largest = k
		}
	}
	if index[largest] < clearFrom {
		return mixed
	}
	return int32(largest)
}

// customerValue returns V = Q/P, each a mean rank over n + 1, so that neither is 0; NaN
// where either is unknown.
func (m *Model) customerValue(s *signs) float64 {
	quality := s.kept()
	if m.Quality != "" {
		quality = s.quality
	}
	q := (float64(m.AllQuality.Of(quality)*float64(m.AllQuality.N)) + 0.5) / float64(m.AllQuality.N+1)
	p := (float64(m.AllPrice.Of(s.price)*float64(m.AllPrice.N)) + 0.5) / float64(m.AllPrice.N+1)
	return q / p
}
