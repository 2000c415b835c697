package churn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/models"
)

// The needs of a cohort for learning or validation.
const (
	// Fewer customers do not carry a hundred features; Klaviyo, too, asks for
	// 500 before it predicts.
	minCustomers = 500
	// With k of a class the standard error of an AUC is about 0.3/√k: 50 leave
	// 0.04, which still tells a model from chance.
	minOfClass = 50
	// With a shorter history, or one shorter than half the horizon, every customer
	// of a cutoff is new: features of habit are missing, and a model of new
	// customers ranks customers with habits wrongly.
	minHistoryDays = 30
)

// historyDays returns the days of history that a cutoff needs, the cutoff included.
func (c Config) historyDays() int { return max(minHistoryDays, (c.HorizonDays+1)/2) }

// checkCohorts refuses contradictory cohorts, and above all leaks: where a
// label covers days known to the features of a later cohort, a model would be
// judged on facts it had already seen.
func (c Config) checkCohorts(cohorts []Cohort) error {
	if len(cohorts) < 2 {
		return &models.ConfigError{Field: "cohorts", Got: len(cohorts), Want: "at least 2: one to learn from and one to validate on"}
	}
	var faults []error
	for k := range cohorts {
		faults = append(faults, cohorts[k].check(k, cohorts[0].X.Names))
		if k == 0 {
			continue
		}
		if earliest := cohorts[k-1].Cutoff + datasets.Day(c.HorizonDays); cohorts[k].Cutoff < earliest {
			faults = append(faults, &models.ConfigError{
				Field: fmt.Sprintf("cohorts[%d].cutoff", k), Got: cohorts[k].Cutoff,
				Want: fmt.Sprintf("%s or later, when the %d days after the cutoff before, %s, are over", earliest, c.HorizonDays, cohorts[k-1].Cutoff),
			})
		}
	}
	return errors.Join(faults...)
}

// check reports the first fault of cohort k.
func (c *Cohort) check(k int, names []string) error {
	if err := c.X.Validate(); err != nil {
		return fmt.Errorf("churn: cohorts[%d]: %w", k, err)
	}
	n, d := c.X.Dims()
	switch {
	case d == 0 || c.X.Names == nil:
		return fmt.Errorf("churn: cohorts[%d]: got no named columns, want at least one feature", k)
	case !slices.Equal(c.X.Names, names):
		return fmt.Errorf("churn: cohorts[%d]: got other features than the first cohort, want the same in the same order", k)
	case k == 0 && repeated(names) != "":
		return fmt.Errorf("churn: got the feature %q twice, want each feature once", repeated(names))
	case len(c.Churned) != n:
		return fmt.Errorf("churn: cohorts[%d]: %w", k, &models.ShapeError{What: "churned", Got: len(c.Churned), Want: n})
	case c.Customers < int64(n) || c.ChurnedAll < 0 || c.ChurnedAll > c.Customers:
		return fmt.Errorf("churn: cohorts[%d]: got %d customers, %d of them churned, for %d rows, want at least as many customers as rows and as churned",
			k, c.Customers, c.ChurnedAll, n)
	}
	return nil
}

// repeated returns the first name that stands twice, or "".
func repeated(names []string) string {
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if seen[name] {
			return name
		}
		seen[name] = true
	}
	return ""
}

// churned counts the rows that churned.
func churned(labels []bool) int {
	n := 0
	for _, v := range labels {
		if v {
			n++
		}
	}
	return n
}

// shortage says what a cohort lacks, or "".
func (c *Cohort) shortage(historyDays int) string {
	rows, left := len(c.Churned), churned(c.Churned)
	if days := int(c.Cutoff-c.Since) + 1; days < historyDays && rows > 0 {
		return fmt.Sprintf("at %s, the history is %d days old, of at least %d (30, or half the horizon)",
			c.Cutoff, max(0, days), historyDays)
	}
	if rows >= minCustomers && left >= minOfClass && rows-left >= minOfClass {
		return ""
	}
	return fmt.Sprintf("at %s, of %d customers %d bought nothing in the horizon and %d did", c.Cutoff, rows, left, rows-left)
}

// wanted says what the gate asks for.
func (c Config) wanted() string {
	return fmt.Sprintf("learning needs at least %d customers, %d that left and %d that stayed, "+
		"and a history of %d days, at the newest cutoff and one before",
		minCustomers, minOfClass, minOfClass, c.historyDays())
}

// usable returns the cohorts with enough history and customers, and a warning for
// each cohort left out. With fewer than two, or without the newest, why names the
// shortage.
func (c Config) usable(cohorts []Cohort) (kept []Cohort, warnings []models.Warning, why string) {
	var short []string
	for k := range cohorts {
		lack := cohorts[k].shortage(c.historyDays())
		if lack == "" {
			kept = append(kept, cohorts[k])
			continue
		}
		short = append(short, lack)
		warnings = append(warnings, models.Warning{
			Code: "cohort_dropped", Count: len(cohorts[k].Churned),
			Message: "a cutoff is not learned from: " + lack,
		})
	}
	newest := cohorts[len(cohorts)-1].shortage(c.historyDays())
	if newest != "" {
		short = []string{newest}
	}
	if newest != "" || len(kept) < 2 {
		return nil, nil, strings.Join(short, "; ") + "; " + c.wanted()
	}
	return kept, warnings, ""
}

// BaseRate says how many customers of one cutoff churned; of all, whatever the
// sample.
type BaseRate struct {
	Cutoff    datasets.Day
	Customers int64 // ≥ 1
	Churned   int64
	Rate      float64 // Churned / Customers, in [0,1]
}

// baseRates returns the rates of the cutoffs that have customers.
func baseRates(cohorts []Cohort) []BaseRate {
	var out []BaseRate
	for _, c := range cohorts {
		if c.Customers > 0 {
			out = append(out, BaseRate{c.Cutoff, c.Customers, c.ChurnedAll, float64(c.ChurnedAll) / float64(c.Customers)})
		}
	}
	return out
}

// set is a table to learn from, with 1 for those who churned.
type set struct {
	x      models.Matrix
	target []float64
}

// slice returns rows from to to (excluded), without a copy.
func (s set) slice(from, to int) set {
	return set{s.x.Slice(from, to), s.target[from:to]}
}

// gather returns the rows, copied.
func (s set) gather(ctx context.Context, rows []int32, workers int) (set, error) {
	out := set{models.Matrix{Names: s.x.Names, Cols: make([][]float32, len(s.x.Cols))}, make([]float64, len(rows))}
	for i, r := range rows {
		out.target[i] = s.target[r]
	}
	err := models.Parallel(ctx, workers, len(s.x.Cols), func(j int) error {
		col := make([]float32, len(rows))
		for i, r := range rows {
			col[i] = s.x.Cols[j][r]
		}
		out.x.Cols[j] = col
		return nil
	})
	return out, err
}

// join appends the cohorts, so that every set for learning is a range of rows,
// and returns the beginning of each cohort, and the end.
func join(ctx context.Context, cohorts []Cohort, workers int) (set, []int, error) {
	from := []int{0}
	for _, c := range cohorts {
		from = append(from, from[len(from)-1]+len(c.Churned))
	}
	n := from[len(cohorts)]
	names := slices.Clone(cohorts[0].X.Names)
	all := set{models.Matrix{Names: names, Cols: make([][]float32, len(names))}, make([]float64, 0, n)}
	for _, c := range cohorts {
		for _, left := range c.Churned {
			all.target = append(all.target, number(left))
		}
	}
	err := models.Parallel(ctx, workers, len(names), func(j int) error {
		col := make([]float32, 0, n)
		for _, c := range cohorts {
			part := models.Matrix{Names: names[j : j+1], Cols: c.X.Cols[j : j+1]}
			if err := part.CheckNotInfinite(); err != nil {
				var v *models.ValueError
				if errors.As(err, &v) {
					v.Column = j + 1
				}
				return fmt.Errorf("churn: cutoff %s: %w", c.Cutoff, err)
			}
			col = append(col, c.X.Cols[j]...)
		}
		all.x.Cols[j] = col
		return nil
	})
	return all, from, err
}

func number(v bool) float64 {
	if v {
		return 1
	}
	return 0
}
