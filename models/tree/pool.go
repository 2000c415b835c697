package tree

import "sync"

// workspace is the memory that a goroutine needs to search a column.
type workspace struct {
	sweeper         *sweeper
	bins            *binStats
	keys, spareKeys []uint64
	near            []uint32 // rows on both sides of a cut
}

// pool lends workspaces and histograms. The choice of workspace never matters
// to a result.
type pool struct {
	sample *sample
	config *Config
	layout *layout

	mu         sync.Mutex
	workspaces []*workspace
	histograms []*histogram
}

func (p *pool) workspace() *workspace {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.workspaces); n > 0 {
		w := p.workspaces[n-1]
		p.workspaces = p.workspaces[:n-1]
		return w
	}
	return &workspace{sweeper: newSweeper(p.sample, p.config), bins: newBinStats(p.sample.width())}
}

func (p *pool) putWorkspace(w *workspace) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.workspaces = append(p.workspaces, w)
}

func (p *pool) histogram() *histogram {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.histograms); n > 0 {
		h := p.histograms[n-1]
		p.histograms = p.histograms[:n-1]
		return h
	}
	return p.layout.newHistogram()
}

func (p *pool) putHistogram(h *histogram) {
	if h == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.histograms = append(p.histograms, h)
}

// release gives up the histogram of a node that has to wait.
func (p *pool) release(n *pending) {
	p.putHistogram(n.hist)
	n.hist = nil
}
