package lifetime

import (
	"context"
	"math"
)

// geometric is the objective of BG/NBD and MBG/NBD in r, α, a, b:
//
//	lnΓ(r+x) − lnΓ(r) + r ln α − (r+x) ln(α+T)
//	  − Σ_{i<n} ln(1 + a/(b+i)) + ln(1 + eᴰ)
//	D = ln a − ln(b+n−1) + (r+x) ln((α+T)/(α+tₓ))
//
// where n, the purchases that the customer may have stopped after, is x for
// BG/NBD and x+1 for MBG/NBD. For n = 0 the last term is absent.
func (p *problem) geometric(ctx context.Context, v []float64, d *derivatives) error {
	if err := p.withoutDropout(ctx, v, d); err != nil {
		return err
	}
	p.surviving(v[2], v[3], d)
	g := &stopping{problem: p, r: v[0], a: v[2], b: v[3]}
	g.logT, g.inverseT = p.logsOf(columnT, v[1])
	g.logTx, g.inverseTx = p.logsOf(columnTx, v[1])
	return p.each(ctx, d, g.add)
}

// surviving adds −Σ_{i<n} ln(1 + a/(b+i)), the probability of not having
// stopped n times, of all rows.
func (p *problem) surviving(a, b float64, d *derivatives) {
	term := func(w, i float64) {
		s, c := b+i, a+b+i
		d.value -= float64(w * math.Log1p(a/s))
		d.slope[2] -= w / c
		d.slope[3] += w * a / float64(s*c)
		d.curve[2][2] += w / float64(c*c)
		d.curve[3][2] += w / float64(c*c)
		d.curve[3][3] -= w * a * (s + c) / float64(float64(s*c)*float64(s*c))
	}
	first := 0.0
	if p.kind == MBGNBD {
		term(p.weight, 0)
		first = 1
	}
	for i, w := range p.more {
		term(w, float64(i)+first)
	}
}

// stopping adds ln(1 + eᴰ).
type stopping struct {
	*problem
	r, a, b                          float64
	logT, inverseT, logTx, inverseTx []float64
}

func (g *stopping) add(d *derivatives, from, to int) {
	first := 0.0 // customers with fewer purchases have no D
	last := g.b - 1
	if g.kind == BGNBD {
		first = 1
	} else {
		last = g.b
	}
	xs, logA := g.rows.columns[columnX], math.Log(g.a)
	var s, bb sums
	for i := from; i < to; i++ {
		x := xs[g.rows.index[columnX][i]]
		if x < first {
			continue
		}
		tx, t := g.rows.index[columnTx][i], g.rows.index[columnT][i]
		R := g.r + x
		ratio := g.logT[t] - g.logTx[tx]
		less := g.inverseTx[tx] - g.inverseT[t] // ≥ 0
		value, share := softplus(logA - math.Log(last+x) + float64(R*ratio))
		w := g.rows.weight[i]
		s.add(w*value, w*share, w*share*(1-share), ratio, R*less, less*(g.inverseTx[tx]+g.inverseT[t])*R, less)
		ib := 1 / (last + x)
		bb.addLast(w*share, w*share*(1-share), ratio, R*less, ib)
	}
	a := g.a
	d.value += s.value
	d.slope[0] += s.ratio
	d.slope[1] -= s.rless
	d.slope[2] += s.share / a
	d.slope[3] -= bb.ib
	d.curve[0][0] += s.ratioRatio
	d.curve[1][0] += -s.ratioRless - s.less
	d.curve[1][1] += s.rlessRless + s.bend
	d.curve[2][0] += s.spreadRatio / a
	d.curve[2][1] -= s.spreadRless / a
	d.curve[2][2] += (s.spread - s.share) / float64(a*a)
	d.curve[3][0] -= bb.ratioIb
	d.curve[3][1] += bb.rlessIb
	d.curve[3][2] -= bb.spreadIb / a
	d.curve[3][3] += bb.ibib
}

// sums are those over a block: of D's derivatives, each times σ(D) or, for
// pairs, times σ(D)(1−σ(D)).
type sums struct {
	value, share, spread                 float64
	ratio, rless, less, bend             float64
	ratioRatio, ratioRless, rlessRless   float64
	spreadRatio, spreadRless             float64
	ib, ratioIb, rlessIb, spreadIb, ibib float64
}

func (s *sums) add(value, share, spread, ratio, rless, bend, less float64) {
	s.value += value
	s.share += share
	s.spread += spread
	s.ratio += float64(share * ratio)
	s.rless += float64(share * rless)
	s.less += float64(share * less)
	s.bend += float64(share * bend)
	sr, sl := float64(spread*ratio), float64(spread*rless)
	s.spreadRatio += sr
	s.spreadRless += sl
	s.ratioRatio += float64(sr * ratio)
	s.ratioRless += float64(sr * rless)
	s.rlessRless += float64(sl * rless)
}

func (s *sums) addLast(share, spread, ratio, rless, ib float64) {
	s.ib += float64(share * ib)
	si := float64(spread * ib)
	s.spreadIb += si
	s.ratioIb += float64(si * ratio)
	s.rlessIb += float64(si * rless)
	s.ibib += float64(float64(share*ib)*ib) + float64(si*ib)
}

// softplus returns ln(1 + eˣ) and its derivative, the logistic function.
func softplus(x float64) (value, slope float64) {
	if x > 0 {
		e := math.Exp(-x)
		return x + math.Log1p(e), 1 / (1 + e)
	}
	e := math.Exp(x)
	return math.Log1p(e), e / (1 + e)
}
