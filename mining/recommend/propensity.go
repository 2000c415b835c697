package recommend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features/holdings"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/linear"
	"github.com/quintile-dev/quintile/models/metric"
)

// maxCategories is the number of categories, the most popular by customers, with
// published probabilities.
const maxCategories = 20

// propensity says how probably customers buy in categories: a logistic regression for each.
type propensity struct {
	Categories []categoryModel `json:"categories"` // by rising name
}

// categoryModel is the regression of one category.
type categoryModel struct {
	Name      string    `json:"name"`
	Intercept float64   `json:"intercept"`
	Slopes    []float64 `json:"slopes"` // by habit
}

// habits is what a probability depends on: whether the customer bought in the category, how
// often and how long ago, and how the customer buys at all. Numbers are logarithms.
type habits [7]float64

var habitNames = []string{"held", "times", "since", "customer_since", "customer_days", "categories", "age"}

func newHabits(h *holder, code uint32, day datasets.Day) habits {
	x := habits{3: math.Log1p(h.since), 4: math.Log1p(h.days), 5: math.Log1p(float64(len(h.held)))}
	first := day
	for _, held := range h.held {
		first = min(first, held.First)
		if held.Code == code {
			x[0], x[1], x[2] = 1, math.Log1p(float64(held.Times)), math.Log1p(float64(day-held.Last))
		}
	}
	x[6] = math.Log1p(float64(day - first))
	return x
}

func (c *categoryModel) at(x habits) float64 {
	eta := c.Intercept
	for k, v := range x {
		eta += float64(c.Slopes[k] * v)
	}
	return 1 / (1 + math.Exp(-eta))
}

func (p *propensity) names() []string {
	names := make([]string, len(p.Categories))
	for i, c := range p.Categories {
		names[i] = c.Name
	}
	return names
}

func (p *propensity) check() error {
	if p == nil {
		return nil
	}
	if n := len(p.Categories); n > maxCategories || !slices.IsSorted(p.names()) {
		return fmt.Errorf("recommend: propensity: got %d categories, want at most %d by rising name", n, maxCategories)
	}
	for _, c := range p.Categories {
		if len(c.Slopes) != len(habits{}) {
			return errors.New("recommend: propensity: got a regression of other columns, want seven slopes")
		}
		for _, v := range append([]float64{c.Intercept}, c.Slopes...) {
			if v-v != 0 {
				return errors.New("recommend: propensity: got a coefficient that is no number, want finite ones")
			}
		}
	}
	return nil
}

// judgedCategory says how well the probabilities of a category did on the horizon.
type judgedCategory struct {
	Category string `json:"category"`
	BaseRate any    `json:"base_rate"` // share that bought in the horizon
	AUC      any    `json:"auc"`
	ECE      any    `json:"ece"`
}

// learnPropensity learns the probabilities of the main categories from the horizon, and
// judges there what the horizon before teaches.
func (s *scorer) learnPropensity(ctx context.Context, in *mining.Input, horizonDays int) ([]judgedCategory, error) {
	if !s.categories {
		return nil, nil
	}
	names := mainTexts(in.Run)
	horizon := datasets.Day(horizonDays)
	now, err := s.categorySample(ctx, len(names), s.asOf-horizon, horizon)
	if err != nil || now.judged == 0 {
		return nil, err
	}
	before, err := s.categorySample(ctx, len(names), s.asOf-2*horizon, horizon)
	if err != nil {
		return nil, err
	}
	p := &propensity{}
	var judged []judgedCategory
	for _, code := range now.main() {
		c, err := now.fit(ctx, code, names[code], in.Workers)
		if err != nil {
			return nil, err
		}
		p.Categories = append(p.Categories, *c)
		if before.judged < leastJudged {
			continue
		}
		earlier, err := before.fit(ctx, code, names[code], in.Workers)
		if err != nil {
			return nil, err
		}
		j, err := now.judge(earlier, code)
		if err != nil {
			return nil, err
		}
		judged = append(judged, j)
	}
	s.model.propensity, s.groups = p, translation(p.names(), names)
	return judged, nil
}

// categorySample is customers on a day and the categories they bought in the horizon after.
type categorySample struct {
	day datasets.Day
	*sample
	ever   []uint32 // customers by category
	judged int      // customers who bought in the horizon
}

func (s *scorer) categorySample(ctx context.Context, categories int, day, horizon datasets.Day) (*categorySample, error) {
	snap := newSnapshot(day, categories)
	if err := each(ctx, s.heldCategories, func(items []holdings.Item) { snap.add(items) }); err != nil {
		return nil, err
	}
	drawn, err := snap.draw(ctx, s.heldCategories, day+horizon)
	c := &categorySample{day: day, sample: drawn, ever: snap.ever}
	for _, truth := range drawn.truth {
		if len(truth) > 0 {
			c.judged++
		}
	}
	return c, err
}

// main returns the codes of the categories of most customers, rising.
func (c *categorySample) main() []uint32 {
	var codes []uint32
	for code, n := range c.ever {
		if n > 0 {
			codes = append(codes, uint32(code))
		}
	}
	slices.SortFunc(codes, func(a, b uint32) int { return cmp.Or(cmp.Compare(c.ever[b], c.ever[a]), cmp.Compare(a, b)) })
	codes = codes[:min(maxCategories, len(codes))]
	slices.Sort(codes)
	return codes
}

// labels returns who bought in a category in the horizon.
func (c *categorySample) labels(code uint32) (labels []float64, bought int) {
	labels = make([]float64, len(c.holders))
	for i, truth := range c.truth {
		if contains(truth, code) {
			labels[i] = 1
			bought++
		}
	}
	return labels, bought
}

// fit learns the regression of a category. Where fewer than 50 customers bought in it, or did
// not, every customer has the share of all.
func (c *categorySample) fit(ctx context.Context, code uint32, name string, workers int) (*categoryModel, error) {
	labels, bought := c.labels(code)
	out := &categoryModel{Name: name, Slopes: make([]float64, len(habits{}))}
	rest := len(labels) - bought
	out.Intercept = math.Log((float64(bought) + 1) / (float64(rest) + 1))
	if bought < leastBought || rest < leastBought {
		return out, nil
	}
	x := models.Matrix{Names: habitNames, Cols: make([][]float32, len(habits{}))}
	for i := range c.holders {
		for k, v := range newHabits(&c.holders[i], code, c.day) {
			x.Cols[k] = append(x.Cols[k], float32(v))
		}
	}
	config := linear.DefaultLogistic()
	config.Standardized, config.Workers = true, workers
	m, report, err := config.Fit(ctx, x, labels, nil)
	if err != nil || !report.Converged {
		return out, err
	}
	out.Intercept = m.Intercept().Value
	for k, coefficient := range m.Coefficients() {
		out.Slopes[k] = coefficient.Value
	}
	return out, nil
}

// judge measures the probabilities of a model on the customers of c.
func (c *categorySample) judge(m *categoryModel, code uint32) (judgedCategory, error) {
	labels, bought := c.labels(code)
	probs := make([]float64, len(labels))
	for i := range c.holders {
		probs[i] = m.at(newHabits(&c.holders[i], code, c.day))
	}
	auc, err := metric.ROCAUC(probs, labels, nil)
	if err != nil {
		return judgedCategory{}, err
	}
	bins, err := metric.CalibrationBins(probs, labels, 10)
	return judgedCategory{
		Category: m.Name, BaseRate: mining.OrNull(float64(bought) / float64(len(labels))), AUC: mining.OrNull(auc), ECE: mining.OrNull(metric.ECE(bins)),
	}, err
}

// makePropensities computes the probabilities of every customer, partition by partition.
func (s *scorer) makePropensities(ctx context.Context, workers int) error {
	if s.groups == nil {
		return nil
	}
	return models.Parallel(ctx, workers, s.heldCategories.Partitions(), func(p int) error {
		var part holdings.Part
		if err := s.heldCategories.Read(&part, p); err != nil {
			return mining.SpillError(err)
		}
		words := make([]uint32, part.Len()*maxCategories)
		var items []holdings.Item
		var h holder
		for i := range part.Len() {
			record := words[i*maxCategories:][:maxCategories]
			for k := range record {
				record[k] = none
			}
			items = part.Items(items[:0], i)
			if !h.set(items, s.asOf) {
				continue
			}
			for k := range s.model.propensity.Categories {
				prob := s.model.propensity.Categories[k].at(newHabits(&h, s.groups[k], s.asOf))
				record[k] = math.Float32bits(float32(prob))
			}
		}
		return mining.SpillError(s.propensities.put(p, p%workers, words))
	})
}
