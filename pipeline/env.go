package pipeline

import (
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline/progress"
)

// Env is the environment of a run. The caller owns the Env.
type Env struct {
	Log      zerolog.Logger
	Progress progress.Watcher // told how far the run is; nil: nobody watches
	Now      func() time.Time
	Version  string // of the program, for the manifest

	FromScratch bool // the run before is passed over, and every step begins anew
}
