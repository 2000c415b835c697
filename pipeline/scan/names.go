package scan

import "github.com/quintile-dev/quintile/datasets"

// productNames counts the descriptions of each product, to find the most
// frequent: files often have several per product. A productNames belongs to one
// worker.
type productNames struct {
	counts map[uint64]int64 // product and description
	last   []nameRun        // by product: the description met last, not yet counted
}

type nameRun struct {
	description uint32
	n           uint32
}

func newProductNames(products int) *productNames {
	return &productNames{counts: map[uint64]int64{}, last: make([]nameRun, products)}
}

// add counts the lines of one customer.
func (p *productNames) add(e *datasets.Events) {
	for i, description := range e.Description {
		product := e.Product[i]
		if product == datasets.NoCode || description == datasets.NoCode {
			continue
		}
		run := &p.last[product]
		if run.n > 0 && run.description != description {
			p.counts[key(product, run.description)] += int64(run.n)
			run.n = 0
		}
		run.description = description
		run.n++
	}
}

func key(product, description uint32) uint64 { return uint64(product)<<32 | uint64(description) }

// mostFrequent returns the most frequent description of each product over all
// workers, among equals the first by text; NoCode without a description.
func mostFrequent(workers []*productNames, products int) []uint32 {
	names := make([]uint32, products)
	best := make([]int64, products)
	for i := range names {
		names[i] = datasets.NoCode
	}
	total := map[uint64]int64{}
	for _, w := range workers {
		for k, n := range w.counts {
			total[k] += n
		}
		for product, run := range w.last {
			if run.n > 0 {
				total[key(uint32(product), run.description)] += int64(run.n)
			}
		}
	}
	for k, n := range total { // the order does not matter: the best is unique
		product, description := k>>32, uint32(k)
		if n > best[product] || n == best[product] && description < names[product] {
			names[product], best[product] = description, n
		}
	}
	return names
}
