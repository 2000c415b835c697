package pipeline

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining/churn"
	"github.com/quintile-dev/quintile/models"
)

// groupRows is the number of customers scored and written at a time.
const groupRows = 1 << 16

// scores are the columns of segments.parquet for a group of customers.
type scores struct {
	ids     datasets.Strings
	recency []float64 // NaN where the customer has bought nothing
	order   []float64 // frequency
	money   []float64
	r, f, m []uint8  // 0: no score
	rfm     []uint32 // index into the names, or NoCode
	segment []int32  // −1: none
	class   []int32  // −1: none
	churn   []float64
	reasons []string
}

// scorer applies the models to all customers, group by group, in the order of
// ids.
type scorer struct {
	models   Models
	monetary string // the feature published as monetary
	workers  int
	needs    []string // features, each once
	rfmNames []string
	segNames []string
	buffer   [][]float32
	reasons  []churn.Reason
}

func newScorer(m Models, monetary string, workers int) *scorer {
	s := &scorer{models: m, monetary: monetary, workers: workers}
	s.need("recency_days", "frequency", monetary)
	if m.RFM != nil {
		s.need(m.RFM.Monetary.Column())
		s.rfmNames = m.RFM.Segments.Names()
	}
	if m.Segments != nil {
		s.need(m.Segments.Scaler.Names()...)
		s.segNames = m.Segments.Names
	}
	if m.Classify != nil {
		s.need(m.Classify.Reads()...)
	}
	if m.Churn != nil {
		s.need(m.Churn.Features()...)
	}
	return s
}

func (s *scorer) need(names ...string) {
	for _, name := range names {
		if !slices.Contains(s.needs, name) {
			s.needs = append(s.needs, name)
		}
	}
}

// each calls do with the scores of every group in turn.
func (s *scorer) each(ctx context.Context, table *features.Table, do func(*scores) error) error {
	for g, err := range table.Groups(ctx, s.needs, groupRows) {
		if err != nil {
			return err
		}
		out, err := s.score(ctx, g)
		if err != nil {
			return err
		}
		if err := do(out); err != nil {
			return err
		}
	}
	return nil
}

func (s *scorer) column(g *features.Group, name string) []float64 {
	return g.Columns[slices.Index(s.needs, name)]
}

func (s *scorer) score(ctx context.Context, g *features.Group) (*scores, error) {
	n := g.IDs.Len()
	out := &scores{
		ids: g.IDs, recency: s.column(g, "recency_days"), order: s.column(g, "frequency"), money: s.column(g, s.monetary),
	}
	s.scoreRFM(g, out, n)
	out.segment, out.class = filled[int32](n, -1), filled[int32](n, -1)
	if m := s.models.Segments; m != nil {
		if err := m.KMeans.PredictTo(out.segment, s.scaled(g, n)); err != nil {
			return nil, err
		}
	}
	if m := s.models.Classify; m != nil {
		column := func(name string) []float64 { return s.column(g, name) }
		if err := m.LeafTo(ctx, out.class, column, s.workers); err != nil {
			return nil, err
		}
	}
	if err := s.scoreChurn(ctx, g, out, n); err != nil {
		return nil, err
	}
	for i, days := range out.recency {
		if math.IsNaN(days) { // bought nothing: only returns are on record
			out.segment[i], out.class[i], out.churn[i], out.reasons[i] = -1, -1, math.NaN(), ""
		}
	}
	return out, nil
}

func filled[T any](n int, v T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func (s *scorer) scoreRFM(g *features.Group, out *scores, n int) {
	out.r, out.f, out.m = make([]uint8, n), make([]uint8, n), make([]uint8, n)
	out.rfm = filled(n, datasets.NoCode)
	model := s.models.RFM
	if model == nil {
		return
	}
	money := s.column(g, model.Monetary.Column())
	for i := range n {
		var hash uint64
		if model.Ties == features.Hashed {
			hash = features.Hash(g.IDs.At(i), model.Seed)
		}
		out.r[i], out.f[i], out.m[i] = model.Score(out.recency[i], out.order[i], money[i], hash)
		if out.r[i] > 0 {
			name := model.Segments.Name(out.r[i], out.f[i], out.m[i], model.Bins)
			out.rfm[i] = uint32(slices.Index(s.rfmNames, name))
		}
	}
}

// scaled returns the features of the segments, transformed.
func (s *scorer) scaled(g *features.Group, n int) models.Matrix {
	scaler := s.models.Segments.Scaler
	x := s.room(scaler.Names(), n)
	for j := range scaler.Columns {
		scaler.Columns[j].ApplyTo(x.Cols[j], s.column(g, scaler.Columns[j].Name))
	}
	return x
}

// matrix returns features as they are.
func (s *scorer) matrix(g *features.Group, names []string, n int) models.Matrix {
	x := s.room(names, n)
	for j, name := range names {
		for i, v := range s.column(g, name) {
			x.Cols[j][i] = float32(v)
		}
	}
	return x
}

// room returns a matrix to be filled before the next call.
func (s *scorer) room(names []string, n int) models.Matrix {
	for len(s.buffer) < len(names) {
		s.buffer = append(s.buffer, nil)
	}
	x := models.Matrix{Names: names, Cols: make([][]float32, len(names))}
	for j := range names {
		s.buffer[j] = slices.Grow(s.buffer[j][:0], n)[:n]
		x.Cols[j] = s.buffer[j]
	}
	return x
}

func (s *scorer) scoreChurn(ctx context.Context, g *features.Group, out *scores, n int) error {
	out.churn, out.reasons = filled(n, math.NaN()), make([]string, n)
	model := s.models.Churn
	if model == nil {
		return nil
	}
	k := model.Reasons()
	s.reasons = slices.Grow(s.reasons[:0], n*k)[:n*k]
	if err := model.ScoreTo(ctx, out.churn, s.reasons, s.matrix(g, model.Features(), n), s.workers); err != nil {
		return err
	}
	names := model.Features()
	var text strings.Builder
	for i := range n {
		text.Reset()
		for _, reason := range s.reasons[i*k : (i+1)*k] {
			if reason.Feature < 0 {
				break
			}
			if text.Len() > 0 {
				text.WriteString("; ")
			}
			text.WriteString(churn.Phrase(names[reason.Feature], reason.Value))
		}
		out.reasons[i] = text.String()
	}
	return nil
}
