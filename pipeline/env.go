package pipeline

import (
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline/progress"
)

// Env is what a run has of the world around it. The caller owns it.
type Env struct {
	Log      zerolog.Logger
	Progress progress.Watcher // told how far the run is; nil: nobody watches
	Now      func() time.Time
	Version  string // of the program, for the manifest
}
