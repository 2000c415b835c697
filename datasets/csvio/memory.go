package csvio

import (
	"fmt"
	"os"
	"sync"
	"weak"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/csvio/internal/index"
)

var errClosed = fmt.Errorf("csvio: next on a closed reader: %w", os.ErrClosed)

// memory recycles blocks and the buffers of a frame. The texts of a frame point
// into a block, so a block is free again when the next part is decoded into the
// same frame. The frames are held weakly: a dropped frame takes its block
// along.
type memory struct {
	mu     sync.Mutex
	free   [][]byte
	marks  []*marks
	frames []held
}

type held struct {
	frame weak.Pointer[datasets.Frame]
	d     *decoder
}

// maxFree bounds the free blocks: more are never needed at once than there are
// frames at work.
const maxFree = 64

// take returns an empty block with room for size bytes.
func (m *memory) take(size int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	for n := len(m.free); n > 0; n-- {
		b := m.free[n-1]
		m.free = m.free[:n-1]
		if cap(b) >= size {
			return b[:0]
		}
	}
	return make([]byte, 0, size)
}

// give returns a block.
func (m *memory) give(b []byte, size int) {
	if cap(b) > 2*size+4*pad { // a rare long one: not worth keeping
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.free) < maxFree {
		m.free = append(m.free, b[:0])
	}
}

// takeMarks returns marks that nobody uses.
func (m *memory) takeMarks() *marks {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.marks)
	if n == 0 {
		return new(marks)
	}
	out := m.marks[n-1]
	m.marks = m.marks[:n-1]
	return out
}

// giveMarks returns marks.
func (m *memory) giveMarks(out *marks, size int) {
	if cap(out.ends)*index.Block > 2*size+4*pad { // a rare long block: not worth keeping
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.marks) < maxFree {
		m.marks = append(m.marks, out)
	}
}

// decoder returns the decoder that belongs to the frame.
func (m *memory) decoder(f *datasets.Frame) *decoder {
	m.mu.Lock()
	defer m.mu.Unlock()
	live := m.frames[:0]
	var found *decoder
	for _, h := range m.frames {
		switch h.frame.Value() {
		case nil:
			continue
		case f:
			found = h.d
		}
		live = append(live, h)
	}
	clear(m.frames[len(live):])
	m.frames = live
	if found == nil {
		found = new(decoder)
		m.frames = append(m.frames, held{weak.Make(f), found})
	}
	return found
}
