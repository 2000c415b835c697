package tree

import "container/heap"

// growBest carries out the split of greatest gain, again and again, until the
// tree has as many leaves as it may. Of equal gains, the node found first goes
// first.
func (g *grower) growBest(first *pending) error {
	limit := max(8, heldBytes/g.layout.bytesOrOne())
	held, serial := 0, 0
	var queue gainHeap
	push := func(p *pending) {
		if p == nil {
			return
		}
		if p.hist != nil {
			if held >= limit {
				g.pool.release(p)
			} else {
				held++
			}
		}
		heap.Push(&queue, queued{p, serial})
		serial++
	}
	push(first)
	for leaves := 1; leaves < g.config.MaxLeaves && len(queue) > 0; leaves++ {
		p := heap.Pop(&queue).(queued).pending
		if p.hist != nil {
			held--
		}
		left, right, err := g.expand(p)
		if err != nil {
			return err
		}
		push(left)
		push(right)
	}
	return nil
}

type queued struct {
	*pending
	serial int
}

type gainHeap []queued

func (h gainHeap) Len() int      { return len(h) }
func (h gainHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h gainHeap) Less(i, j int) bool {
	if h[i].node.gain != h[j].node.gain {
		return h[i].node.gain > h[j].node.gain
	}
	return h[i].serial < h[j].serial
}

// Push and Pop are for container/heap.
func (h *gainHeap) Push(x any) { *h = append(*h, x.(queued)) }

// Pop removes the last element.
func (h *gainHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
