package pipeline

import (
	"context"
	"errors"
	"slices"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// Score does the job with models that an earlier run has fitted: it loads and
// scans the history, scores every customer, and publishes the scores. Nothing is
// learned, so steps without a model leave their columns empty.
//
// Errors: each has the exit code it calls for; see CodeOf.
func Score(ctx context.Context, job config.Job, models *Models, env Env) (*Result, error) {
	job.Steps = config.Steps{Features: job.Steps.Features}
	r := newRun(job, env)
	r.found.models = *models
	digest, err := models.digest()
	if err != nil {
		return nil, err
	}
	r.applied = digest
	r.found.reports = r.scoreReports()
	return r.locked(ctx, func(jobFolder string) (*Result, error) { return r.score(ctx, jobFolder) })
}

func (r *run) scoreReports() map[string]StepReport {
	reports := map[string]StepReport{}
	for _, e := range r.found.models.entries() {
		if e.present {
			reports[e.kind] = StepReport{"state": stateOK, "fitted": false}
		}
	}
	return reports
}

func (r *run) score(ctx context.Context, jobFolder string) (result *Result, err error) {
	folder, err := r.prepare(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.store.Close()) }()
	if err := r.checkModels(); err != nil {
		return nil, err
	}
	if err := r.scanHistory(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.scan.close()) }()
	if err := r.commit(folder); err != nil {
		return nil, err
	}
	return r.publish(ctx, jobFolder)
}

// checkModels refuses models whose features the job's columns do not give.
func (r *run) checkModels() error {
	have := map[string]bool{}
	for _, f := range slices.Concat(r.availableFeatures(), features.OfAttributes(r.attributes.List())) {
		have[f.Name] = f.Kind != features.Code // of which no model can be made
	}
	var missing []string
	for _, name := range newScorer(r.found.models, r.monetaryFeature(), 1).needs {
		if !have[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return errorf(Usage, "%s: the models need the features %v, which the columns of this job do not give; map the same columns, and name the same attributes, as the run that fitted them", r.job.Path, missing)
	}
	return nil
}
