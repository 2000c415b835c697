package neighbour

import (
	"context"
	"errors"
	"fmt"

	"github.com/quintile-dev/quintile/models"
)

// Fit learns the weights of items for one another from the rows of x.
//
// The items most held, c.Dense of them, get EASE [1]: with X the rows as zeros
// and ones,
//
//	P = (XᵀX + λI)⁻¹,  w_ij = −P_ij/P_jj,  w_jj = 0
//
// that is, the ridge regression of every item on all other items. The items
// beyond are predicted by cosine [2]: each item held adds to the scores of the
// c.Neighbours most similar items beyond the line,
//
//	w_ij = κ·n_ij/√(n_i·n_j)
//
// with κ the least-squares scale, which turns the sum into a prediction of
// holding, like the score of EASE. Without EASE κ is 1. EASE was ahead of
// item-kNN, rules and matrix factorisation on sparse purchases; EASE knows no
// time, so an item no longer sold still scores: multiply by [Trend].
//
// Shape: x has a row per customer, or whatever holds items; it is not modified.
//
// Missing: an item that no row holds gets no weights.
//
// Determinism: the result depends on x and c (but for Workers) only; the order
// of the rows matters in the last bits of κ alone. Of items equally held the one
// of the lower code comes first.
//
// Errors: the first fault of c or x (*models.ConfigError, *models.ShapeError,
// *models.ValueError); an error without a row that holds an item; ctx.Err().
//
// Cost: O(Σ m²) to count pairs in rows of m items, and d³ additions and
// multiplications for d dense items. Memory: 4 bytes per item of a row, 8·d²
// for the matrix and its inverse (200 MB for 5,000), 32 bytes per weight kept.
//
// [1] H. Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019,
// pp. 3251–3257, doi:10.1145/3308558.3313710.
//
// [2] M. Deshpande, G. Karypis, "Item-Based Top-N Recommendation Algorithms",
// ACM TOIS 22(1), 2004, pp. 143–177, doi:10.1145/963770.963776.
func (c Config) Fit(ctx context.Context, x Rows) (*Model, Report, error) {
	p, err := c.prepare(ctx, x)
	if err != nil {
		return nil, Report{}, err
	}
	return p.fit(ctx, c, p.gram)
}

// prepared is what fits with several penalties share.
type prepared struct {
	ranked
	items  int // that are held
	rows   int // that hold an item
	dense  int
	gram   *triangle // XᵀX of the dense items; nil for none
	cosine []weight  // of pairs of ranks, not scaled
}

func (c Config) prepare(ctx context.Context, x Rows) (*prepared, error) {
	if err := errors.Join(c.Validate(), x.Validate()); err != nil {
		return nil, err
	}
	if len(x.Items) == 0 {
		return nil, errors.New("neighbour: got no row that holds an item, want at least one; leave the fit out")
	}
	r, err := rank(ctx, x, c.Workers)
	if err != nil {
		return nil, err
	}
	p := &prepared{ranked: r}
	for p.items < len(r.counts) && r.counts[p.items] > 0 {
		p.items++
	}
	for i := range x.Len() {
		if len(x.Row(i)) > 0 {
			p.rows++
		}
	}
	p.dense = min(c.Dense, p.items)
	if p.gram, err = p.countPairs(ctx, c.Workers); err != nil {
		return nil, err
	}
	p.cosine, err = p.similar(ctx, c)
	return p, err
}

// fit learns from the prepared rows, and overwrites gram.
func (p *prepared) fit(ctx context.Context, c Config, gram *triangle) (*Model, Report, error) {
	report := Report{Rows: p.rows, Items: p.items, Dense: p.dense, CosineScale: 1}
	weights, err := p.ease(ctx, c, gram)
	if err != nil {
		return nil, Report{}, err
	}
	cosine := p.cosine
	if p.dense > 0 {
		report.LineCount = int(p.counts[p.dense-1])
	}
	if p.dense > 0 && len(cosine) > 0 {
		if report.CosineScale, err = p.scale(ctx, c.Workers); err != nil {
			return nil, Report{}, err
		}
		if report.CosineScale == 0 {
			report.Warnings = append(report.Warnings, models.Warning{Code: "cosine_scale", Count: 1,
				Message: fmt.Sprintf("none of the %d items beyond the %d of EASE is held with a neighbour", p.items-p.dense, p.dense)})
		}
	}
	for _, w := range cosine {
		if value := w.value * report.CosineScale; value != 0 {
			weights = append(weights, weight{w.from, w.to, value})
		}
	}
	for k, w := range weights {
		weights[k].from, weights[k].to = p.codes[w.from], p.codes[w.to]
	}
	dense := make([]bool, p.ranked.rows.ItemCount)
	for _, code := range p.codes[:p.dense] {
		dense[code] = true
	}
	report.Weights = len(weights)
	return newModel(dense, weights), report, nil
}
