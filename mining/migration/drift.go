package migration

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models/drift"
)

// shift is the distance by which a feature has moved; NaN for an unknown value.
type shift struct {
	feature     string
	psi, js, ks float64
	exact       bool // ks is of the values
	makes       bool // groups
}

// shifts compares the features of the customers who have bought with the reference, in the order of the features. A
// feature without values or bins in the reference is left out.
func shifts(ctx context.Context, in *mining.Input) ([]shift, error) {
	ref := in.Reference
	var all []shift
	for _, name := range mining.Learnable(in.Features, nil) {
		then, err := ref.Values(ctx, name)
		if err != nil {
			return nil, err
		}
		bins, kept := ref.Kept(name)
		switch {
		case len(then) > 0:
			if bins, err = drift.Learn(then, drift.DefaultBins); err != nil {
				return nil, err
			}
		case !kept:
			continue
		}
		now, err := in.Table.Columns(ctx, []string{name}, in.Buyers)
		if err != nil {
			return nil, err
		}
		s := shift{feature: name, makes: slices.Contains(ref.Reads, name), psi: math.NaN(), js: math.NaN(), ks: math.NaN()}
		if len(now[0]) > 0 {
			if err := s.measure(bins, then, now[0]); err != nil {
				return nil, err
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// measure compares values with a reference: with the values of the reference where they are at hand, or else with the
// kept bins.
func (s *shift) measure(bins drift.Reference, then, now []float64) (err error) {
	shares := drift.Shares(bins.Bins, now)
	if s.psi, err = drift.PSI(bins.Shares, shares, drift.DefaultPSIFloor); err != nil {
		return err
	}
	if s.js, err = drift.JensenShannon(bins.Shares, shares); err != nil {
		return err
	}
	if len(then) > 0 {
		s.exact, s.ks = true, drift.TwoSampleKS(then, now)
		return nil
	}
	s.ks, err = drift.KS(bins.Shares, shares)
	return err
}

// drifted returns the features with a major shift, the highest first.
func drifted(all []shift) []shift {
	var out []shift
	for _, s := range all {
		if s.psi >= drift.MajorPSI {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b shift) int { return cmp.Compare(b.psi, a.psi) })
	return out
}
