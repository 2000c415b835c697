package pipeline

import (
	"context"
	"errors"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// Score does the job with models that an earlier run has fitted: it loads and
// scans the history, scores every customer, and publishes the scores. Nothing is
// learned, so steps without a model leave their columns empty.
//
// Errors: each has the exit code it calls for; see exit.Of.
func Score(ctx context.Context, job config.Job, models Models, env Env) (*Result, error) {
	for _, w := range job.Steps.Wanted() {
		if !w.Step.Unlearned || models[w.Step.Name] != nil {
			job.Steps = job.Steps.With(w.Step.Name, nil)
		}
	}
	r := newRun(job, env)
	r.models = models
	digest, err := models.digest()
	if err != nil {
		return nil, err
	}
	r.applied = digest
	return r.locked(ctx, func(jobFolder string) (*Result, error) { return r.score(ctx, jobFolder) })
}

func (r *run) score(ctx context.Context, jobFolder string) (result *Result, err error) {
	folder, err := r.prepare(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.store.Close()) }()
	if err := r.prepareModels(); err != nil {
		return nil, err
	}
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
	if err := r.doSteps(ctx); err != nil {
		return nil, err
	}
	if err := r.prepareTables(); err != nil {
		return nil, err
	}
	if err := r.describeGroups(ctx); err != nil {
		return nil, err
	}
	return r.publish(ctx, jobFolder)
}

// prepareModels asks the models that must see events for what takes part in the scan.
func (r *run) prepareModels() error {
	r.prepared = map[string]mining.Prepared{}
	for _, kind := range r.models.kinds() {
		model, ok := r.models[kind].(mining.Preparer)
		if !ok {
			continue
		}
		p, err := model.Prepare(r.known)
		if err != nil {
			return exit.Errorf(exit.Usage, "%s: models/%s.json: %w", r.job.Path, kind, err)
		}
		r.prepared[kind] = p
	}
	return nil
}

// prepareTables asks the models that have seen events for the tables they publish.
func (r *run) prepareTables() error {
	r.preparedTables = map[string][]mining.Table{}
	for _, kind := range r.models.kinds() {
		p := r.prepared[kind]
		if p == nil {
			continue
		}
		tables, err := p.Tables(r.input(nil, nil))
		if err != nil {
			return err
		}
		r.preparedTables[kind] = tables
	}
	return nil
}

// checkModels refuses models whose features the job's columns do not give.
func (r *run) checkModels() error {
	have := map[string]bool{}
	for _, f := range r.known.Features {
		have[f.Name] = f.Kind != features.Code // of which no model can be made
	}
	for _, kind := range r.models.kinds() {
		if d, ok := r.scorerOf(steps.Lookup(steps.Table(), kind)).(mining.Deriver); ok {
			for _, name := range d.Derived() {
				have[name] = true
			}
		}
	}
	var missing []string
	for _, name := range r.newScorer().Reads() {
		if !have[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return exit.Errorf(exit.Usage, "%s: the models need the features %v, which the columns of this job do not give; map the same columns, and name the same attributes, as the run that fitted them", r.job.Path, missing)
	}
	return nil
}
