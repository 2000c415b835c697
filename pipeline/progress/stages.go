// Package progress times and logs the stages of a run, and calls its watcher.
package progress

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Watcher watches a run. Several goroutines may call the methods.
type Watcher interface {
	// Begin announces the begin of a stage, with its amount of work (0 if
	// unknown) in the given unit.
	Begin(stage string, total int64, unit string)
	// Advance reports n more units of work.
	Advance(stage string, n int64)
	// End reports the end of a stage.
	End(stage string)
}

// Silent watches a run and says nothing.
type Silent struct{}

// Begin does nothing.
func (Silent) Begin(string, int64, string) {}

// Advance does nothing.
func (Silent) Advance(string, int64) {}

// End does nothing.
func (Silent) End(string) {}

// Stages times the stages of a run for the log and the manifest, the only
// places with a time of day.
type Stages struct {
	Now func() time.Time // the clock

	watcher Watcher
	log     zerolog.Logger

	mu      sync.Mutex
	seconds map[string]float64
	peaks   map[string]int64 // bytes
}

// New returns stages not yet begun, with a watcher, nil for no watcher.
func New(watcher Watcher, now func() time.Time, log zerolog.Logger) *Stages {
	if watcher == nil {
		watcher = Silent{}
	}
	return &Stages{watcher: watcher, Now: now, log: log, seconds: map[string]float64{}, peaks: map[string]int64{}}
}

// Advance reports n more units of work of a stage.
func (s *Stages) Advance(stage string, n int64) { s.watcher.Advance(stage, n) }

// Timings returns the seconds taken by each stage so far.
func (s *Stages) Timings() map[string]float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.seconds)
}

// Peaks returns, in bytes by stage, the most resident memory of the process
// during the stage. Stages side by side also count each other's memory. The map
// is empty on a system without such figures.
func (s *Stages) Peaks() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.peaks)
}

// Stage runs one stage of a run: with timing, a look at memory, a log entry, and
// calls of the watcher.
func (s *Stages) Stage(name string, total int64, unit string, do func() error) error {
	start := s.Now()
	s.watcher.Begin(name, total, unit)
	seen := watchMemory()
	err := do()
	s.watcher.End(name)
	peak := seen()
	elapsed := s.Now().Sub(start).Seconds()
	s.mu.Lock()
	s.seconds[name] += elapsed
	if peak > 0 {
		s.peaks[name] = max(s.peaks[name], peak)
	}
	s.mu.Unlock()
	event := s.log.Info()
	if err != nil && !errors.Is(err, context.Canceled) {
		event = s.log.Error().Err(err)
	}
	event.Str("stage", name).Float64("seconds", elapsed).Msg(ending(err))
	return err
}

// ending says in words how a stage ended.
func ending(err error) string {
	switch {
	case err == nil:
		return "stage done"
	case errors.Is(err, context.Canceled):
		return "stage interrupted"
	}
	return "stage failed"
}
