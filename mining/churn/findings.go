package churn

import (
	"context"
	"encoding/json"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/metric"
)

// Findings describe the learned model and its quality. All figures are for the
// champion's calibrated probabilities on the newest cohort, unseen by the champion
// and by its calibration.
//
// If the curve of the older cohorts is flat and the published curve is not, all
// probabilities of the rehearsal are equal. The figures of the ranking (AUC, PRAUC,
// KS, TopDecileLift, Gains) are then measured on the scores before calibration, the
// order of the published model.
type Findings struct {
	State    State
	Model    *Model // nil with Insufficient
	Champion string // Logistic, Boost or Average; "" with Insufficient

	AUC           float64 // in [0,1]; ½ is chance
	PRAUC         float64 // average precision, in [0,1]; the base rate is chance
	LogLoss       float64 // in nats
	Brier         float64 // in [0,1]
	BrierSkill    float64 // ≤ 1; 0 is no better than the base rate
	ECE           float64 // in [0,1], over ten bins of equally many customers
	ECEFloor      float64 // what chance alone makes of the ECE where every probability is true
	KS            float64 // in [0,1]
	TopDecileLift float64

	// The straight line through observed and predicted log-odds: slope 1 and
	// intercept 0 are calibrated. NaN where no finite line exists.
	CalibrationSlope, CalibrationIntercept float64

	BaseRates  []BaseRate  // of every cutoff with customers, oldest first, used or not
	Forecast   *Forecast   // of the next base rate; nil where the past ones do not move one way
	Candidates []Candidate // in the order of Config.Models, then the average
	Gains      []metric.GainRow
	Importance []Importance // strongest first; features without effect are left out
	Warnings   []models.Warning
	Message    string // with Insufficient: what is missing, with the numbers
}

// Candidate is one of the competing models, measured like the champion.
type Candidate struct {
	Name        string  `json:"name"`
	AUC         float64 `json:"auc"`
	PRAUC       float64 `json:"pr_auc"`
	LogLoss     float64 `json:"log_loss"`
	Brier       float64 `json:"brier"`
	Converged   bool    `json:"converged"`
	Calibration string  `json:"calibration"`      // as published: "platt", "isotonic" or "flat"
	Rounds      int     `json:"rounds,omitempty"` // trees found best; boosting and average only
}

// Importance is the effect of one feature on the predictions.
type Importance struct {
	Feature string  `json:"feature"`
	Effect  float64 `json:"effect"` // mean size of its effect on a customer's log-odds, > 0
}

// MarshalJSON writes the cutoff as a day, such as "2011-12-10".
func (b BaseRate) MarshalJSON() ([]byte, error) {
	return json.Marshal(baseRateJSON{b.Cutoff.String(), b.Customers, b.Churned, b.Rate})
}

// UnmarshalJSON reads the output of MarshalJSON.
func (b *BaseRate) UnmarshalJSON(text []byte) error {
	var in baseRateJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	day, err := datasets.ParseDay(in.Cutoff)
	if err != nil {
		return err
	}
	*b = BaseRate{day, in.Customers, in.Churned, in.Rate}
	return nil
}

type baseRateJSON struct {
	Cutoff    string  `json:"cutoff"`
	Customers int64   `json:"customers"`
	Churned   int64   `json:"churned"`
	Rate      float64 `json:"rate"`
}

// calibrationBins is the number of bins of the ECE.
const calibrationBins = 10

// measure sets the figures of a candidate, those of the ranking by rank.
func (c *Candidate) measure(rank, prob, label []float64) (err error) {
	of := func(f func(prob, label, weight []float64) (float64, error), x []float64) float64 {
		v, e := f(x, label, nil)
		if e != nil && err == nil {
			err = e
		}
		return v
	}
	c.AUC, c.PRAUC = of(metric.ROCAUC, rank), of(metric.AveragePrecision, rank)
	c.LogLoss, c.Brier = of(metric.LogLoss, prob), of(metric.Brier, prob)
	return err
}

// measure sets the figures that only the champion has.
func (f *Findings) measure(rank, prob, label []float64) (err error) {
	if f.BrierSkill, err = metric.BrierSkill(prob, label, nil); err != nil {
		return err
	}
	if f.KS, err = metric.KS(rank, label, nil); err != nil {
		return err
	}
	if f.TopDecileLift, err = metric.TopLift(rank, label, 0.1); err != nil {
		return err
	}
	bins, err := metric.CalibrationBins(prob, label, calibrationBins)
	if err != nil {
		return err
	}
	f.ECE, f.ECEFloor = metric.ECE(bins), metric.ECEFloor(bins)
	line, err := metric.FitCalibration(prob, label, nil)
	if err != nil {
		return err
	}
	f.CalibrationSlope, f.CalibrationIntercept = line.Slope, line.Intercept
	f.Gains, err = metric.Gains(rank, label, 10)
	return err
}

// importanceRows is the number of customers in the average of importance at
// most; with so many, the mean is off by a hundredth of the spread.
const importanceRows = 10_000

// importance returns the mean size of each feature's effect over customers of s.
func (m *Model) importance(ctx context.Context, s set, seed uint64, workers int) ([]Importance, error) {
	s, err := s.draw(ctx, importanceRows, seed, streamImportance, workers)
	if err != nil {
		return nil, err
	}
	n, d := s.x.Dims()
	sums := make([][]float64, (n+blockRows-1)/blockRows)
	err = eachBlock(ctx, n, workers, func(from, to int) error {
		odds, effects, sum := make([]float64, to-from), make([]float64, (to-from)*d), make([]float64, d)
		if err := m.ranker.scoreTo(ctx, odds, effects, s.x.Slice(from, to)); err != nil {
			return err
		}
		for i, v := range effects {
			sum[i%d] += math.Abs(v)
		}
		sums[from/blockRows] = sum
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]Importance, 0, d)
	for j, name := range m.features {
		total := 0.0
		for _, sum := range sums {
			total += sum[j]
		}
		if total > 0 {
			out = append(out, Importance{name, total / float64(n)})
		}
	}
	slices.SortStableFunc(out, func(a, b Importance) int {
		switch {
		case a.Effect > b.Effect:
			return -1
		case a.Effect < b.Effect:
			return 1
		}
		return 0
	})
	return out, nil
}
