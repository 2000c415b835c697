package itemset

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// schedule hands out the work on blocks: scanning them, length by length, then
// filling in their rules. While a length waits for its last block, the schedule
// hands out p-values of earlier blocks, so that the goroutines stay awake on small
// data too: waking a goroutine takes as long as a thousand rules.
type schedule struct {
	g *generator

	mu      sync.Mutex
	changed sync.Cond // there may be work again

	length   int     // being scanned, or beyond the longest
	blocks   []block // of that length
	next     int     // of these, the first not handed out
	scanning int     // blocks handed out to be scanned and not done
	tested   int     // the first of all blocks whose p-values are not handed out
	filled   int     // the last blocks, handed out to be filled
	busy     int     // blocks handed out and not done
	stopped  bool
	panicked any // by a goroutine

	err   error // of the first block among those that failed
	errAt *block
}

// setsPerWorker is the number of sets for each goroutine beyond the first.
const setsPerWorker = 2048

// stage is what is, or is being, done with a block.
type stage uint8

const (
	unscanned stage = iota
	scanned
	underTest
	tested
	filling
	filled
)

// run finds the rules, all of them or as many as are admitted.
func (g *generator) run(ctx context.Context) error {
	if err := newSchedule(g).run(ctx); err != nil || g.placed {
		return err
	}
	if err := g.raise(ctx); err != nil {
		return err
	}
	g.place()
	return newSchedule(g).run(ctx) // another, since helpers of the first may yet come to stop it
}

func newSchedule(g *generator) *schedule {
	s := &schedule{g: g}
	s.changed.L = &s.mu
	return s
}

// run works through the schedule with the caller and helpers. The caller does not
// wait for helpers that have not begun: waiting would take longer than doing the
// little work alone.
func (s *schedule) run(ctx context.Context) error {
	for range min(s.g.config.Workers-1, s.g.sets.Len()/setsPerWorker) {
		go func() { _ = s.work(ctx) }() // the caller finds the same error
	}
	err := s.work(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.busy > 0 {
		s.changed.Wait()
	}
	if s.panicked != nil {
		panic(s.panicked)
	}
	if err != nil {
		return err
	}
	return s.err
}

// work does what there is to do until all is done.
func (s *schedule) work(ctx context.Context) error {
	defer s.stop() // the others must not wait for a goroutine that has gone
	var w *worker
	for ctx.Err() == nil {
		b, todo := s.take()
		if b == nil {
			break // for a helper may have seen ctx done first
		}
		if w == nil {
			w = s.g.newWorker()
		}
		s.do(b, todo, w)
	}
	return ctx.Err()
}

func (s *schedule) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	s.changed.Broadcast()
}

// do carries out the next piece of work on a block and notes its end.
func (s *schedule) do(b *block, todo stage, w *worker) {
	var err error
	defer func() {
		r := recover() // the caller will panic
		s.mu.Lock()
		defer s.mu.Unlock()
		if r != nil {
			s.panicked, s.stopped = fmt.Sprintf("%v\n\nin a block of rules:\n%s", r, debug.Stack()), true
		}
		s.busy--
		if b.stage++; b.stage == scanned {
			s.scanning--
		}
		if err != nil && (s.err == nil || b.from < s.errAt.from) {
			s.err, s.errAt, s.stopped = err, b, true
		}
		s.changed.Broadcast()
	}()
	switch todo {
	case unscanned:
		err = s.g.scanBlock(b, w)
	case underTest:
		s.g.test(b, w)
	default:
		s.g.fillBlock(b, w)
	}
}

// take returns a block and the work to do on it, or no block.
func (s *schedule) take() (*block, stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.stopped {
		if s.next < len(s.blocks) {
			b := &s.blocks[s.next]
			s.next++
			s.scanning++
			s.busy++
			return b, unscanned
		}
		if s.scanning == 0 && !s.g.placed {
			s.advance()
			continue
		}
		if b := s.toTest(); b != nil {
			s.busy++
			return b, underTest
		}
		if b := s.toFill(); b != nil {
			s.busy++
			return b, filling
		}
		if s.g.placed && s.filled == len(s.g.blocks) {
			break
		}
		s.changed.Wait()
	}
	return nil, 0
}

// advance goes on to the next length, or to filling, or stops where there are too
// many rules.
func (s *schedule) advance() {
	defer s.changed.Broadcast()
	s.length++
	switch {
	case s.length <= s.g.sets.MaxLength():
		s.blocks, s.next = s.g.begin(s.length), 0
	case s.g.found.Load() <= int64(s.g.config.MaxRules):
		s.g.place()
	default:
		s.stopped = true
	}
}

// toTest returns the next block with rules that need p-values, unless filling has
// begun, as filling computes p-values too.
func (s *schedule) toTest() *block {
	for !s.g.placed && s.tested < len(s.g.blocks) {
		b := &s.g.blocks[s.tested]
		if b.stage == unscanned {
			return nil
		}
		s.tested++
		if len(b.rules) > 0 {
			b.stage = underTest
			return b
		}
	}
	return nil
}

// toFill returns the next block to be filled. Filling begins at the last block:
// p-values of the blocks at the start may still be on their way.
func (s *schedule) toFill() *block {
	if !s.g.placed || s.filled == len(s.g.blocks) {
		return nil
	}
	b := &s.g.blocks[len(s.g.blocks)-1-s.filled]
	if b.stage == underTest {
		return nil
	}
	s.filled++
	b.stage = filling
	return b
}
