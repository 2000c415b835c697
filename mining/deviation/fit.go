package deviation

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/models/outlier"
)

// task is the step in a run.
type task struct {
	windows
	collector
	set      Settings
	priced   bool // line items have money
	products bool // line items have products
}

// fewestPeers is the number of customers below which a centre of changes means little.
const fewestPeers = 30

// manyFlagged is the share of flagged customers beyond which flags say little.
const manyFlagged = 0.25

// piece is how many customers are read at once.
const piece = 1 << 16

// Memory covers the changes and distances of all customers, of the columns of a piece, and
// of the days and weeks.
func (t *task) Memory(customers int) int64 {
	return 96*int64(customers) + 8*piece*int64(len(t.Derived())) + t.collector.memory()
}

// people is what became of the customers.
type people struct {
	model    *Model // nil where nobody can be scored
	compared int    // have a past
	peers    int    // of these, bought in the window
	flagged  [3]int // by direction
	silent   int    // are flagged, and bought nothing in the window
	warnings []models.Warning
}

// Fit compares customers with one another, and days and weeks with their neighbours.
func (t *task) Fit(ctx context.Context, in *mining.Input) (*mining.Result, error) {
	p, err := t.people(ctx, in)
	if err != nil {
		return nil, err
	}
	e, err := t.events(in)
	if err != nil {
		return nil, err
	}
	out := &mining.Result{State: mining.OK, Warnings: append(p.warnings, e.warnings...), Tables: []mining.Table{tableOf(e.rows)}}
	if p.model == nil {
		out.State = mining.Insufficient
	} else {
		out.Model = p.model
	}
	out.Figures = append(t.figures(p), e.figures()...)
	out.Section = t.section(in, p, e)
	return out, nil
}

// people finds the usual changes, and flags those far from them.
func (t *task) people(ctx context.Context, in *mining.Input) (*people, error) {
	p := &people{}
	x, peers, err := t.changes(ctx, in)
	if err != nil {
		return nil, err
	}
	p.compared, p.peers = len(x.Cols[money]), len(peers.Cols[money])
	if p.peers < fewestPeers {
		p.warn("few_customers", p.peers, fmt.Sprintf("%d customers have a past to compare with and a purchase in the window, and %d are needed; nobody is scored", p.peers, fewestPeers))
		return p, nil
	}
	if !t.priced {
		p.warn("no_money", p.compared, "no column holds money, so that days and products alone are compared; map unit_price or amount under columns")
	}
	if !t.products {
		p.warn("no_products", p.compared, "no column holds products, so that money and days alone are compared; map product under columns")
	}
	c := outlier.DefaultMCD()
	c.Seed, c.Workers = in.Seed, in.Workers
	mcd, report, err := c.Fit(ctx, peers)
	if err != nil {
		return nil, err
	}
	if degenerate(report.Warnings) {
		p.warn("no_spread", p.compared, "half of the customers or more changed alike, so that distances have no unit; nobody is scored")
		return p, nil
	}
	distances := make([]float64, p.compared)
	if err := mcd.ScoreTo(distances, x); err != nil {
		return nil, err
	}
	cut, err := cutOf(mcd, distances, float64(t.set.FalseDiscovery))
	if err != nil {
		return nil, err
	}
	p.model = &Model{WindowDays: t.length, PastWindows: t.past, MinDays: t.minDays, Peers: mcd, Cut: cut}
	if err := p.direct(ctx, in, distances); err != nil {
		return nil, err
	}
	if n := p.all() - p.silent; float64(n) > manyFlagged*float64(p.peers) {
		p.warn("many_flagged", n, fmt.Sprintf("%d of %d customers who bought in the window are flagged: their changes are far from normal", n, p.peers))
	}
	return p, nil
}

func (p *people) warn(code string, count int, message string) {
	p.warnings = append(p.warnings, models.Warning{Code: code, Count: count, Message: message})
}

// changes reads the changes of all customers with a past, and of their peers, the customers who
// bought in the window. Silence is a departure to be found, and so must not define the usual.
func (t *task) changes(ctx context.Context, in *mining.Input) (all, peers models.Matrix, err error) {
	all = models.Matrix{Names: quantityNames[:], Cols: make([][]float32, quantities)}
	peers = models.Matrix{Names: quantityNames[:], Cols: make([][]float32, quantities)}
	for s, err := range in.Table.Stretches(ctx, t.Derived(), in.Buyers, piece) {
		if err != nil {
			return all, peers, err
		}
		part, rows := changes(s.Columns)
		bought := s.Columns[1+days]
		for q := range quantities {
			all.Cols[q] = append(all.Cols[q], part.Cols[q]...)
			for k, i := range rows {
				if bought[i] > 0 {
					peers.Cols[q] = append(peers.Cols[q], part.Cols[q][k])
				}
			}
		}
	}
	return all, peers, nil
}

// degenerate reports whether the core of the changes lies in a plane, or no column varies:
// distances are then in units of nothing.
func degenerate(warnings []models.Warning) bool {
	constant := 0
	for _, w := range warnings {
		switch w.Code {
		case "exact_fit":
			return true
		case "constant_column":
			constant += w.Count
		}
	}
	return constant == quantities
}

// cutOf returns the least distance at which the false discovery rate is kept, 0 where there
// is none.
func cutOf(mcd *outlier.MCD, distances []float64, rate float64) (float64, error) {
	q := make([]float64, len(distances))
	for i, d := range distances {
		q[i] = mcd.PValue(d)
	}
	if err := models.BenjaminiHochberg(q, q); err != nil {
		return 0, err
	}
	cut := 0.0
	for i, d := range distances {
		if q[i] <= rate && (cut == 0 || d < cut) {
			cut = d
		}
	}
	return cut, nil
}

// direct counts the flagged customers by the direction of their change.
func (p *people) direct(ctx context.Context, in *mining.Input, distances []float64) error {
	at := 0
	var h history
	for s, err := range in.Table.Stretches(ctx, p.model.Derived(), in.Buyers, piece) {
		if err != nil {
			return err
		}
		for i := range s.Columns[0] {
			if !h.read(s.Columns, i) {
				continue
			}
			if p.model.flags(distances[at]) {
				f := h.judge()
				p.flagged[f.direction]++
				if f.silent {
					p.silent++
				}
			}
			at++
		}
	}
	return nil
}

// all returns the number of flagged customers.
func (p *people) all() int { return p.flagged[up] + p.flagged[down] + p.flagged[other] }

// figures returns the figures of the customers.
func (t *task) figures(p *people) []mining.Figure {
	figures := []mining.Figure{
		{Name: "flagged", Value: p.all(), Summary: true}, {Name: "compared", Value: p.compared}, {Name: "peers", Value: p.peers},
		{Name: "up", Value: p.flagged[up]}, {Name: "down", Value: p.flagged[down]}, {Name: "other", Value: p.flagged[other]},
		{Name: "silent", Value: p.silent},
	}
	if p.model == nil {
		return figures
	}
	var cut any
	if p.model.Cut > 0 {
		cut = p.model.Cut
	}
	usual := map[string]any{}
	for q, v := range p.model.Peers.Location() {
		if usual[quantityNames[q]] = v; q == money && !t.priced || q == codes && !t.products {
			usual[quantityNames[q]] = nil // a column of zeros
		}
	}
	return append(figures, mining.Figure{Name: "cut", Value: cut}, mining.Figure{Name: "usual_change", Value: usual})
}
