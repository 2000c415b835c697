package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// failedName is the folder beside the published ones in which the last run that
// failed has left its account.
const failedName = "failed"

const quarantineName = "quarantine.parquet"

// FailedManifest is the account of a run that failed, as far as it came. It is the
// file failed/manifest.json.
type FailedManifest struct {
	Job          string             `json:"job"`
	State        string             `json:"state"` // failed or interrupted
	ExitCode     exit.Code          `json:"exit_code"`
	Error        string             `json:"error"`
	AsOf         string             `json:"as_of,omitempty"` // where it was known already
	Version      string             `json:"version"`
	ConfigSHA256 string             `json:"config_sha256"`
	Inputs       []ManifestInput    `json:"inputs"`
	Rows         Rows               `json:"rows"` // of the files that were read to their end
	Warnings     []models.Warning   `json:"warnings"`
	Timings      map[string]float64 `json:"timings"`
}

// account leaves an account of a run that failed, or removes that of an earlier one
// after a success. It is called under the lock, and changes nothing of how the run
// ends: what goes wrong here is logged.
func (r *run) account(ctx context.Context, jobFolder string, result *Result, failure error) {
	var err error
	switch {
	case failure == nil && !result.Unchanged:
		err = r.removeFailed(ctx, jobFolder)
	case failure != nil && exit.Of(failure) != exit.Locked: // otherwise the place is another run's
		err = r.writeFailed(ctx, jobFolder, failure)
	}
	if err != nil {
		r.env.Log.Warn().Err(err).Msg("the account of a failed run could not be written or removed")
	}
}

func (r *run) writeFailed(ctx context.Context, jobFolder string, failure error) (err error) {
	s := &stage{job: jobFolder, name: failedName, path: filepath.Join(jobFolder, stagePrefix+failedName), workers: r.job.Workers}
	if err := os.RemoveAll(s.path); err != nil {
		return err
	}
	if err := os.Mkdir(s.path, 0o700); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.discard()) }()
	m, err := r.failedManifest(ctx, failure)
	if err != nil {
		return err
	}
	text, err := encode(m)
	if err != nil {
		return err
	}
	names := []string{manifestName}
	if m.State == stateFailed { // an interrupted run has no time for it
		if err := r.writeQuarantine(s); err != nil {
			return err
		}
		names = []string{quarantineName, manifestName}
	}
	if err := s.write(manifestName, text); err != nil {
		return err
	}
	if r.remote != nil {
		return r.remote.sendFailed(ctx, s.path, names)
	}
	if err := s.replace(filepath.Join(jobFolder, failedName), filepath.Join(jobFolder, oldPrefix+failedName)); err != nil {
		return err
	}
	return s.left
}

// The states of a run that did not succeed.
const (
	stateFailed      = "failed"
	stateInterrupted = "interrupted"
)

func (r *run) failedManifest(ctx context.Context, failure error) (*FailedManifest, error) {
	if r.inputs == nil && r.report != nil { // it failed while it was loading
		r.inputs, r.refused = r.report.Inputs, r.report.Faults
	}
	sum, err := r.job.Digest()
	if err != nil {
		return nil, err
	}
	m := &FailedManifest{
		Job: r.job.Job, State: stateFailed, ExitCode: exit.Of(failure), Error: failure.Error(), Version: r.env.Version, ConfigSHA256: sum,
		Inputs: r.allInputs(), Rows: r.rows(), Warnings: r.allWarnings(), Timings: r.watch.Timings(),
	}
	if r.asOf != 0 {
		m.AsOf = r.asOf.String()
	}
	if ctx.Err() != nil && errors.Is(failure, context.Canceled) {
		m.State = stateInterrupted
		if cause := context.Cause(ctx); cause != nil {
			m.ExitCode, m.Error = exit.Of(cause), cause.Error()
		}
	}
	return m, nil
}

func (r *run) removeFailed(ctx context.Context, jobFolder string) error {
	if r.remote != nil {
		return r.remote.removeFailed(ctx, manifestName, quarantineName)
	}
	return os.RemoveAll(filepath.Join(jobFolder, failedName))
}

// sendFailed puts the files of a failed run into the store, in their order, and
// removes those that an earlier one has left.
func (m *remote) sendFailed(ctx context.Context, folder string, names []string) error {
	graced, cancel := withGrace(ctx)
	defer cancel()
	if err := m.claim.check(graced); err != nil {
		return err
	}
	if len(names) == 1 {
		if err := m.bucket.Delete(graced, failedName+"/"+quarantineName); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := m.bucket.Put(graced, failedName+"/"+name, filepath.Join(folder, name)); err != nil {
			return fmt.Errorf("the account of the failed run: %w", err)
		}
	}
	return nil
}

// removeFailed removes what a failed run has left.
func (m *remote) removeFailed(ctx context.Context, names ...string) error {
	graced, cancel := withGrace(ctx)
	defer cancel()
	for _, name := range names {
		if err := m.bucket.Delete(graced, failedName+"/"+name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
