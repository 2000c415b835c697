package publish

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/models/drift"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/reference"
)

// NoteTaken warns of settings that are those of the models, and not those of the job.
func (r *Results) NoteTaken(taken []reference.Difference) {
	if r.Reference == nil {
		r.Data.Warn("no_reference", 0, "the models come from a version of the program that kept no reference: "+
			"nothing tells whether currency, settings and customers are those that the models were learned with")
	}
	if len(taken) == 0 {
		return
	}
	var all []string
	for _, d := range taken {
		all = append(all, fmt.Sprintf("%s is %s (in the job: %s)", d.Setting, d.Model, d.Job))
	}
	r.Data.Warn("settings_of_models", len(taken), "taken from the models: %s", strings.Join(all, "; "))
}

// shiftsShown is the number of features that a message names.
const shiftsShown = 5

// CheckShifts compares the customers at hand with those whom the models were learned from. It
// warns of major shifts, and refuses those that the job does not allow.
func (r *Results) CheckShifts(ctx context.Context) (err error) {
	if r.Reference == nil {
		return nil
	}
	c := r.referenceCustomers()
	if r.Shifts, err = r.Reference.Shifts(ctx, c); err != nil {
		return err
	}
	sorted := slices.Clone(r.Shifts)
	slices.SortStableFunc(sorted, func(a, b reference.Shift) int {
		switch {
		case a.PSI > b.PSI:
			return -1
		case a.PSI < b.PSI:
			return 1
		}
		return 0
	})
	beyond := func(limit float64, also bool) (n int, text string) {
		var all []string
		for _, s := range sorted {
			if !(s.PSI > limit || also && s.PSI == limit) {
				break
			}
			if n++; n <= shiftsShown {
				all = append(all, fmt.Sprintf("%s %.2f", s.Feature, s.PSI))
			}
		}
		if n > shiftsShown {
			all = append(all, fmt.Sprintf("and %d more", n-shiftsShown))
		}
		return n, strings.Join(all, ", ")
	}
	buyers := int64(r.Reference.Customers)
	now := r.buyersCount()
	if limit := r.Job.Quality.MaxPSI; limit != nil {
		if n, text := beyond(*limit, false); n > 0 {
			return exit.Errorf(exit.BadModel, "%s: quality.max_psi: got the PSI %s between the %d customers at hand and the %d whom the models were learned from, "+
				"want at most %v; look whether currency, units and files are those of that run, or learn anew with: quintile run", r.Job.Path, text, now, buyers, *limit)
		}
	}
	if n, text := beyond(drift.MajorPSI, true); n > 0 {
		r.Data.Warn("drift", n, "features have moved between the %d customers whom the models were learned from and the %d at hand, by a PSI of 0.25 and more: %s", buyers, now, text)
	}
	return nil
}

// buyersCount returns the number of customers with a purchase.
func (r *Results) buyersCount() int64 { return r.Scan.Census.Customers - r.Scan.Census.ReturnsOnly }

// referenceCustomers says whose numbers are compared: those of customers with a purchase.
func (r *Results) referenceCustomers() reference.Customers {
	return reference.Customers{Table: r.Scan.Table, Buyers: r.Buyers, Seed: r.Job.Seed, Workers: r.Job.Workers}
}

// writeReference publishes the reference of later runs: for a run, the customers as learned;
// for scored customers, the reference of their models.
func (r *Results) writeReference(ctx context.Context, s *place.Stage) error {
	known := r.Reference
	if r.Models == nil {
		var err error
		if known, err = r.learnReference(ctx); err != nil {
			return err
		}
	}
	if known == nil {
		return nil
	}
	text, err := known.Encode()
	if err != nil {
		return err
	}
	return r.writeText(s, reference.Name, text)
}

// learnReference learns the reference of the columns that the scores come from.
func (r *Results) learnReference(ctx context.Context) (*reference.Reference, error) {
	known := &reference.Reference{Currency: r.Job.Currency, Customers: int(r.buyersCount()), Settings: map[string]reference.Settings{}}
	names := r.BaseColumns().Reads
	fitted := r.fitted()
	for _, kind := range fitted.Kinds() {
		names = append(names, fitted[kind].Reads()...)
		settings := r.Job.Steps.Get(kind)
		if settings == nil {
			continue
		}
		flat, err := modelfile.Settings(settings)
		if err != nil {
			return nil, err
		}
		known.Settings[kind] = flat
	}
	var err error
	known.Features, err = reference.Learn(ctx, r.referenceCustomers(), names)
	return known, err
}

// driftAccount says how far each feature has moved; nil where nothing was compared.
func driftAccount(shifts []reference.Shift) map[string]float64 {
	out := map[string]float64{}
	for _, s := range shifts {
		out[s.Feature] = s.PSI
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
