package modelfile

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/reference"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// readReference returns the reference of an earlier run, or nil for a run that has published
// none.
func readReference(earlier *place.Earlier, folder string) (*reference.Reference, error) {
	text, err := earlier.File(reference.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	known, err := reference.Decode(text)
	if err != nil {
		return nil, exit.Errorf(exit.BadInput, "%s: %s: %w", folder, reference.Name, err)
	}
	return known, nil
}

// Agree compares a job with the settings that the models were learned with. A setting that the
// job leaves open is taken from the models, and every such setting is returned.
//
// Errors: where the job asks for a result that the models do not give.
func (f *Fitted) Agree(job *config.Job) (taken []reference.Difference, err error) {
	if f.Reference == nil {
		return nil, nil
	}
	var d reference.Differences
	f.Reference.Money(&d, job.Currency)
	for _, kind := range f.Kinds() {
		settings := job.Steps.Get(kind)
		step := steps.Lookup(steps.Table(), kind)
		if settings == nil || step.Unlearned {
			continue
		}
		ours, err1 := config.Flat(settings)
		defaults, err2 := config.Flat(step.Default())
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		f.Reference.Step(&d, kind, ours, defaults, judging(settings))
	}
	if len(d.Refused) > 0 {
		one := d.Refused[0]
		more := ""
		if n := len(d.Refused) - 1; n > 0 {
			more = fmt.Sprintf(" (and %d more settings differ)", n)
		}
		return nil, exit.Errorf(exit.Usage, "%s: %s: got %s, want %s as the models were learned%s; leave it out to take what the models know, or learn anew with: quintile run",
			job.Path, one.Setting, one.Job, one.Model, more)
	}
	if job.Currency == "" {
		job.Currency = f.Reference.Currency
	}
	return d.Taken, nil
}

// Settings returns the settings of a step as a reference keeps them: settings that judge the
// result of learning are left out.
func Settings(s mining.Settings) (reference.Settings, error) {
	flat, err := config.Flat(s)
	if err != nil {
		return nil, err
	}
	for _, name := range judging(s) {
		delete(flat, name)
	}
	return flat, nil
}

func judging(s mining.Settings) []string {
	if j, ok := s.(mining.Judging); ok {
		return j.Judging()
	}
	return nil
}
