package lifetime

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func modelOf(kind Kind, v ...float64) *Model {
	m := &Model{kind: kind, state: OK}
	copy(m.v[:], v)
	for i, name := range kind.names() {
		if i < len(v) {
			m.parameters = append(m.parameters, Parameter{Name: name, Value: v[i]})
		} else {
			m.parameters = append(m.parameters, missing(name))
			m.state = NoDropout
		}
	}
	return m
}

// future draws the purchases of a customer, event after event.
func (m *Model) future(rng *rand.Rand, x, tx, t, h float64) float64 {
	if rng.Float64() >= m.alive(newQuadrature(), x, tx, t) {
		return 0
	}
	rate, end, stop := gamma(rng, m.v[0]+x)/(m.v[1]+t), h, 0.0
	switch {
	case !m.stops():
	case m.kind == ParetoNBD:
		end = min(h, rng.ExpFloat64()/(gamma(rng, m.v[2])/(m.v[3]+t)))
	default:
		stop = gamma(rng, m.v[2])
		stop /= stop + gamma(rng, m.rest(x))
	}
	n := 0.0
	for at := rng.ExpFloat64() / rate; at < end; at += rng.ExpFloat64() / rate {
		if n++; rng.Float64() < stop {
			break
		}
	}
	return n
}

func TestDistributionOfPurchasesIsThatOfSimulatedFutures(t *testing.T) {
	const seed, draws = 11, 40_000
	const sds = 4.5 / 2 / 200 // of a share among the draws
	rng := rand.New(rand.NewPCG(seed, 0))
	for _, m := range []*Model{
		modelOf(BGNBD, 0.5, 6, 0.8, 2.5), modelOf(MBGNBD, 0.6, 7, 0.9, 1.6), modelOf(ParetoNBD, 0.55, 10.6, 0.6, 11.7),
		modelOf(BGNBD, 0.7, 9.4),
	} {
		for _, c := range [][4]float64{{0, 0, 30, 26}, {4, 25, 30, 26}, {30, 28, 30, 52}} {
			x, tx, age, h := c[0], c[1], c[2], c[3]
			counts := map[int]float64{}
			mean := 0.0
			for range draws {
				n := m.future(rng, x, tx, age, h)
				counts[int(n)]++
				mean += n / draws
			}
			var w walk
			q := newQuadrature()
			m.start(&w, q, x, tx, age, h)
			w.again()
			below, exact, last := 0.0, 0.0, 0.0
			for n := range 120 {
				below += counts[n] / draws
				at := w.atMost()
				exact += float64(n) * (at - last)
				if last = at; math.Abs(at-below) > sds {
					t.Errorf("%v %v %v, P(X ≤ %d) (seed %d): got %.5f, drawn %.5f", m.kind, m.v, c, n, seed, at, below)
				}
				w.next()
			}
			want := w.alive * m.expected(x, age, h)
			if x < 30 && math.Abs(exact-want) > 1e-6 {
				t.Errorf("%v %v %v: mean of the distribution %.9g, E[X] %.9g", m.kind, m.v, c, exact, want)
			}
			if math.Abs(mean-want) > 0.03*(want+0.3) {
				t.Errorf("%v %v %v (seed %d): mean drawn %.4g, E[X] %.4g", m.kind, m.v, c, seed, mean, want)
			}
			anyWant := 1 - counts[0]/draws
			if got := w.alive * m.any(q, x, age, h); math.Abs(got-anyWant) > sds {
				t.Errorf("%v %v %v (seed %d): P(any) %.5f, drawn %.5f", m.kind, m.v, c, seed, got, anyWant)
			}
		}
	}
}

func TestQuantilesOfMoneyAreThoseOfSimulatedFutures(t *testing.T) {
	const seed, draws = 12, 40_000
	ctx := context.Background()
	s := &Spend{p: 6.25, q: 3.74, v: 15.44}
	rng := rand.New(rand.NewPCG(seed, 0))
	probs := []float64{0.5, 0.8, 0.9}
	for _, m := range []*Model{modelOf(MBGNBD, 0.6, 7, 0.9, 1.6), modelOf(ParetoNBD, 0.55, 10.6, 0.6, 11.7)} {
		for _, c := range [][5]float64{{0, 0, 30, 26, 0}, {4, 25, 30, 26, 40}, {20, 28, 30, 52, 15}} {
			x, tx, age, h, mean := c[0], c[1], c[2], c[3], c[4]
			drawn := make([]float64, draws)
			for i := range drawn {
				nu := gamma(rng, s.p*x+s.q) / (s.v + x*mean)
				for range int(m.future(rng, x, tx, age, h)) {
					drawn[i] += gamma(rng, s.p) / nu
				}
			}
			slices.Sort(drawn)
			got := make([]float64, len(probs))
			one := Customers{X: []float64{x}, Tx: []float64{tx}, T: []float64{age}}
			ask := MoneyAsk{Horizon: h, Probs: probs, Draws: draws}
			if err := m.MoneyQuantilesTo(ctx, got, one, s, []float64{mean}, []uint64{5}, ask, 2); err != nil {
				t.Fatal(err)
			}
			for k, p := range probs {
				if want := drawn[int(p*draws)]; math.Abs(got[k]-want) > 0.04*want {
					t.Errorf("%v %v, quantile %g (seed %d): got %.5g, drawn %.5g", m.kind, c, p, seed, got[k], want)
				}
			}
		}
	}
}

func TestQuantilesDependOnCustomerAndSeedOnly(t *testing.T) {
	const seed = 13
	c := some(1500, seed)
	n := len(c.X)
	mean, seeds := make([]float64, n), make([]uint64, n)
	for i := range n {
		mean[i], seeds[i] = 10+float64(i%7), uint64(i*i)
	}
	m, s := modelOf(MBGNBD, 0.6, 7, 0.9, 1.6), &Spend{p: 6.25, q: 3.74, v: 15.44}
	ask := MoneyAsk{Horizon: 26, Probs: []float64{0.1, 0.9}, Draws: 64}
	run := func(from, workers int) []float64 {
		t.Helper()
		dst := make([]float64, 2*(n-from))
		err := m.MoneyQuantilesTo(context.Background(), dst, c.Slice(from, n), s, mean[from:], seeds[from:], ask, workers)
		if err != nil {
			t.Fatal(err)
		}
		return dst
	}
	all := run(0, 1)
	if !slices.Equal(all, run(0, 8)) {
		t.Errorf("1 and 8 workers differ (seed %d)", seed)
	}
	if !slices.Equal(all[2*1000:], run(1000, 2)) {
		t.Errorf("customers among all and alone differ (seed %d)", seed)
	}
}

func TestDamagedModelsAreRefused(t *testing.T) {
	f := func(text string) {
		t.Helper()
		if json.Unmarshal([]byte(text), new(Model)) == nil {
			t.Errorf("a model was read from %s", text)
		}
		if json.Unmarshal([]byte(text), new(Spend)) == nil {
			t.Errorf("a spend was read from %s", text)
		}
	}
	f(`{"model":"bg_nbd","version":1,"state":"ok","parameters":[]}`)
	f(`{"model":"bg_nbd","version":2,"state":"ok","parameters":[{"name":"r","value":1},{"name":"alpha","value":1},{"name":"a","value":1},{"name":"b","value":1}]}`)
	f(`{"model":"bg_nbd","version":1,"state":"fine","parameters":[{"name":"r","value":1},{"name":"alpha","value":1},{"name":"a","value":1},{"name":"b","value":1}]}`)
	f(`{"model":"bg_nbd","version":1,"state":"ok","parameters":[{"name":"r","value":1},{"name":"alpha","value":1},{"name":"b","value":1},{"name":"a","value":1}]}`)
	f(`{"model":"bg_nbd","version":1,"state":"ok","parameters":[{"name":"r","value":-1},{"name":"alpha","value":1},{"name":"a","value":1},{"name":"b","value":1}]}`)
	f(`{"model":"bg_nbd","version":1,"state":"ok","parameters":[{"name":"r","value":1},{"name":"alpha","value":1},{"name":"a","value":null},{"name":"b","value":null}]}`)
	f(`{"model":"bg_nbd","version":1,"state":"no_dropout","parameters":[{"name":"r","value":1},{"name":"alpha","value":1},{"name":"a","value":1},{"name":"b","value":1}]}`)
	f(`{"model":"gamma_gamma","version":1,"state":"ok","parameters":[{"name":"p","value":1},{"name":"q","value":null},{"name":"gamma","value":1}]}`)
	for _, m := range []*Model{modelOf(MBGNBD, 0.6, 7, 0.9, 1.6), modelOf(ParetoNBD, 0.6, 7)} {
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		read := new(Model)
		if err := json.Unmarshal(b, read); err != nil || read.v != m.v || read.kind != m.kind || read.state != m.state {
			t.Errorf("%s: got %+v, %v", b, read, err)
		}
	}
}
