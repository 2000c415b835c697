package pipeline

import (
	"context"
	"errors"

	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/place"
)

// account writes the account of a failed run, or removes the account of an earlier
// failure after a success. account is called under the lock, and does not change
// the outcome of the run: a fault here is logged.
func (r *run) account(ctx context.Context, result *Result, failure error) {
	var err error
	switch {
	case failure == nil && !result.Unchanged:
		err = r.place.RemoveFailed(ctx, []string{manifest.Name, manifest.Quarantine})
	case failure != nil && exit.Of(failure) != exit.Locked: // otherwise the place is another run's
		err = r.writeFailed(ctx, failure)
	}
	if err != nil {
		r.env.Log.Warn().Err(err).Msg("the account of a failed run could not be written or removed")
	}
}

func (r *run) writeFailed(ctx context.Context, failure error) (err error) {
	s, err := place.OpenFailed(r.place.Folder(), r.Job.Workers)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Discard()) }()
	m, err := r.failedManifest(ctx, failure)
	if err != nil {
		return err
	}
	text, err := manifest.Encode(m)
	if err != nil {
		return err
	}
	names := []string{manifest.Name}
	if m.State == manifest.StateFailed { // an interrupted run has no time for it
		if err := r.WriteQuarantine(s); err != nil {
			return err
		}
		names = []string{manifest.Quarantine, manifest.Name}
	}
	if err := s.Write(manifest.Name, text); err != nil {
		return err
	}
	return r.place.PublishFailed(ctx, s, names)
}

func (r *run) failedManifest(ctx context.Context, failure error) (*manifest.Failed, error) {
	r.Data.TakeRead()
	sum, err := r.Job.Digest()
	if err != nil {
		return nil, err
	}
	m := &manifest.Failed{
		Job: r.Job.Job, State: manifest.StateFailed, ExitCode: exit.Of(failure), Error: failure.Error(), Version: r.env.Version, ConfigSHA256: sum,
		Inputs: r.Data.AllInputs(), Rows: r.Data.Rows(), Warnings: r.AllWarnings(), Timings: r.Watch.Timings(),
	}
	if r.AsOf != 0 {
		m.AsOf = r.AsOf.String()
	}
	if ctx.Err() != nil && errors.Is(failure, context.Canceled) {
		m.State = manifest.StateInterrupted
		if cause := context.Cause(ctx); cause != nil {
			m.ExitCode, m.Error = exit.Of(cause), cause.Error()
		}
	}
	return m, nil
}
