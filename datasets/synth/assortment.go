package synth

import "github.com/quintile-dev/quintile/datasets"

// sold holds the first and the last day of sale of a product.
type sold struct{ from, to uint16 }

// span chooses the products launched and the products withdrawn within the history.
// Products of planted groups are always sold.
func (k *catalogue) span(c *Config) {
	if c.LaunchShare == 0 && c.WithdrawalShare == 0 {
		return
	}
	grouped := make([]bool, c.Products)
	for _, g := range k.groups {
		for _, p := range g.products {
			grouped[p] = true
		}
	}
	k.sold = make([]sold, c.Products)
	for i := range k.sold {
		s := streamOf(c.Seed, forAssortment, uint64(i))
		k.sold[i] = sold{0, uint16(c.Days)}
		switch u, at := s.unit(), s.below(c.Days-c.Days/4); {
		case grouped[i]:
		case u < c.LaunchShare:
			k.sold[i].from = uint16(c.Days/4 + at)
		case u < c.LaunchShare+c.WithdrawalShare:
			k.sold[i].to = uint16(c.Days/4 + at)
		}
	}
}

// offers reports whether a product is sold on a day.
func (k *catalogue) offers(product uint32, day int) bool {
	return k.sold == nil || day >= int(k.sold[product].from) && day < int(k.sold[product].to)
}

// Offer is the time in which a product is sold.
type Offer struct {
	Product string
	// Launched is the first day, 0 for a product that was sold before the history.
	Launched datasets.Day
	// Withdrawn is the first day on which the product is no longer sold, 0 for a product
	// that stays.
	Withdrawn datasets.Day
}

// Offers returns the products that are launched or withdrawn within the history, the most
// popular first.
func (r *Retailer) Offers() []Offer {
	var out []Offer
	for i, s := range r.catalogue.sold {
		o := Offer{Product: string(r.catalogue.codes[i])}
		if s.from > 0 {
			o.Launched = r.config.Start + datasets.Day(s.from)
		}
		if int(s.to) < r.config.Days {
			o.Withdrawn = r.config.Start + datasets.Day(s.to)
		}
		if s.from > 0 || int(s.to) < r.config.Days {
			out = append(out, o)
		}
	}
	return out
}
