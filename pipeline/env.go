package pipeline

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Env is what a run has of the world around it. The caller owns it.
type Env struct {
	Log      zerolog.Logger
	Progress Progress // told how far the run is; nil: nobody watches
	Now      func() time.Time
	Version  string // of the program, for the manifest
}

// Progress watches a run. Its methods may be called by several goroutines.
type Progress interface {
	// Begin says that a stage begins, with its amount of work, 0 if unknown,
	// and the unit in which it is counted.
	Begin(stage string, total int64, unit string)
	// Advance says that n more units are done.
	Advance(stage string, n int64)
	// End says that a stage is done.
	End(stage string)
}

type silent struct{}

func (silent) Begin(string, int64, string) {}
func (silent) Advance(string, int64)       {}
func (silent) End(string)                  {}

// stopwatch times the stages of a run for the log and the manifest, the only
// places that may know the time of day.
type stopwatch struct {
	env     Env
	seconds map[string]float64
	mu      sync.Mutex
}

// stage runs one stage of a run: times it, logs it, and tells who watches.
func (s *stopwatch) stage(name string, total int64, unit string, do func() error) error {
	start := s.env.Now()
	s.env.Progress.Begin(name, total, unit)
	err := do()
	s.env.Progress.End(name)
	elapsed := s.env.Now().Sub(start).Seconds()
	s.mu.Lock()
	s.seconds[name] += elapsed
	s.mu.Unlock()
	event := s.env.Log.Info()
	if err != nil && !errors.Is(err, context.Canceled) {
		event = s.env.Log.Error().Err(err)
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
