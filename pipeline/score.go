package pipeline

import (
	"context"
	"errors"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// Score does the job with the models of an earlier run: the history is loaded
// and scanned, every customer is scored, and the scores are published. Nothing
// is learned, so steps without a model leave their columns empty.
//
// Errors: each has the exit code it calls for; see exit.Of.
func Score(ctx context.Context, job config.Job, fitted *modelfile.Fitted, env Env) (*Result, error) {
	models := fitted.Models
	taken, err := fitted.Agree(&job)
	if err != nil {
		return nil, err
	}
	for _, w := range job.Steps.Wanted() {
		if !w.Step.Unlearned || models[w.Step.Name] != nil {
			job.Steps = job.Steps.With(w.Step.Name, nil)
		}
	}
	r := newRun(job, env)
	r.Models, r.Reference = models, fitted.Reference
	r.NoteTaken(taken)
	digest, err := models.Digest()
	if err != nil {
		return nil, err
	}
	r.Applied = digest
	return r.locked(ctx, func() (*Result, error) { return r.score(ctx) })
}

func (r *run) score(ctx context.Context) (result *Result, err error) {
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Data.Store.Close()) }()
	if err := r.prepareModels(); err != nil {
		return nil, err
	}
	if err := r.checkModels(); err != nil {
		return nil, err
	}
	if err := r.scanHistory(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Scan.Close()) }()
	if err := r.CheckShifts(ctx); err != nil {
		return nil, err
	}
	if err := r.Data.Commit(); err != nil {
		return nil, err
	}
	if err := r.doSteps(ctx); err != nil {
		return nil, err
	}
	if err := r.prepareTables(); err != nil {
		return nil, err
	}
	if err := r.DescribeGroups(ctx); err != nil {
		return nil, err
	}
	return r.publish(ctx)
}

// prepareModels asks the models that must see events for their scanners.
func (r *run) prepareModels() error {
	r.Prepared = map[string]mining.Prepared{}
	for _, kind := range r.Models.Kinds() {
		model, ok := r.Models[kind].(mining.Preparer)
		if !ok {
			continue
		}
		p, err := model.Prepare(r.Known)
		if err != nil {
			return exit.Errorf(exit.Usage, "%s: models/%s.json: %w", r.Job.Path, kind, err)
		}
		r.Prepared[kind] = p
	}
	return nil
}

// prepareTables asks the models that have seen events for their tables.
func (r *run) prepareTables() error {
	r.PreparedTables = map[string][]mining.Table{}
	for _, kind := range r.Models.Kinds() {
		p := r.Prepared[kind]
		if p == nil {
			continue
		}
		tables, err := p.Tables(r.input(nil, nil))
		if err != nil {
			return err
		}
		r.PreparedTables[kind] = tables
	}
	return nil
}

// checkModels refuses models whose features the job's columns do not give.
func (r *run) checkModels() error {
	have := map[string]bool{}
	for _, f := range r.Known.Features {
		have[f.Name] = f.Kind != features.Code // of which no model can be made
	}
	for _, kind := range r.Models.Kinds() {
		if d, ok := r.ScorerOf(steps.Lookup(steps.Table(), kind)).(mining.Deriver); ok {
			for _, name := range d.Derived() {
				have[name] = true
			}
		}
	}
	var missing []string
	for _, name := range r.NewScorer().Reads() {
		if !have[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return exit.Errorf(exit.Usage, "%s: the models need the features %v, which the columns of this job do not give; map the same columns, and name the same attributes, as the run that fitted them", r.Job.Path, missing)
	}
	return nil
}
