package pipeline

import (
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// stepsOf returns the steps of these names, with their default settings.
func stepsOf(names ...string) config.Steps { return keep(config.Default().Steps, names...) }

// keep returns the steps of these names alone.
func keep(s config.Steps, names ...string) config.Steps {
	for _, w := range s.Wanted() {
		if !slices.Contains(names, w.Step.Name) {
			s = s.With(w.Step.Name, nil)
		}
	}
	return s
}

// edit changes the settings of a step of the job, and of no copy of it.
func edit[T any](t *testing.T, job *config.Job, step string, do func(*T)) {
	t.Helper()
	before := config.SettingsOf[T](job.Steps)
	if before == nil {
		t.Fatalf("the job has no step %s", step)
	}
	changed := *before
	do(&changed)
	settings, ok := any(&changed).(mining.Settings)
	if !ok {
		t.Fatalf("%T are no settings", changed)
	}
	job.Steps = job.Steps.With(step, settings)
}
