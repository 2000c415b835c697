package lifetime

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/integrate/quad"
)

// some returns n customers who buy at rates of their own and stop.
func some(n int, seed uint64) Customers {
	rng := rand.New(rand.NewPCG(seed, 0))
	c := Customers{X: make([]float64, n), Tx: make([]float64, n), T: make([]float64, n)}
	for i := range n {
		rate, stop := rng.ExpFloat64()*0.1, rng.Float64()
		stop *= 0.8 * stop * stop
		c.T[i] = float64(rng.IntN(7*60)) / 7
		for at := rng.ExpFloat64() / rate; at < c.T[i]; at += rng.ExpFloat64() / rate {
			if day := math.Ceil(at*7) / 7; day > c.Tx[i] && day <= c.T[i] {
				c.X[i]++
				c.Tx[i] = day
			}
			if rng.Float64() < stop {
				break
			}
		}
	}
	return c
}

// plainLikelihood is the log-likelihood of one customer as METHODS and the
// literature write it: gamma functions, and for Pareto/NBD 64 nodes in ln(α+u).
func plainLikelihood(kind Kind, v []float64, x, tx, t float64) float64 {
	lg := func(v float64) float64 { l, _ := math.Lgamma(v); return l }
	add := func(a, b float64) float64 { return max(a, b) + math.Log1p(math.Exp(-math.Abs(a-b))) }
	r, alpha, a, b := v[0], v[1], v[2], v[3]
	first := lg(r+x) - lg(r) + r*math.Log(alpha)
	active := -(r + x) * math.Log(alpha+t)
	switch kind {
	case BGNBD:
		first += lg(a+b) + lg(b+x) - lg(b) - lg(a+b+x)
		if x == 0 {
			return first + active
		}
		return first + add(active, math.Log(a)-math.Log(b+x-1)-(r+x)*math.Log(alpha+tx))
	case MBGNBD:
		first += lg(a+b) + lg(b+x+1) - lg(b) - lg(a+b+x+1)
		return first + add(active, math.Log(a)-math.Log(b+x)-(r+x)*math.Log(alpha+tx))
	}
	s, beta := a, b
	first += s * math.Log(beta)
	active -= s * math.Log(beta+t)
	if tx == t {
		return first + active
	}
	return first + add(active, math.Log(s)+plainIntegral(alpha, beta, r+x, s+1, tx, t))
}

// plainIntegral is ln ∫ (α+u)^−R (β+u)^−S du with 64 nodes in each of 8 parts.
func plainIntegral(alpha, beta, R, S, lo, hi float64) float64 {
	near := min(alpha, beta)
	l, h := math.Log(near+lo), math.Log(near+hi)
	logOf := func(v float64) float64 {
		u := math.Exp(v) - near
		return v - R*math.Log(alpha+u) - S*math.Log(beta+u)
	}
	top := max(logOf(l), logOf((l+h)/2), logOf(h))
	total := 0.0
	for k := range 8 {
		from, to := l+(h-l)*float64(k)/8, l+(h-l)*float64(k+1)/8
		total += quad.Fixed(func(v float64) float64 { return math.Exp(logOf(v) - top) }, from, to, 64, quad.Legendre{}, 0)
	}
	return top + math.Log(total)
}

func problemOf(t *testing.T, kind Kind, c Customers, weight []float64) *problem {
	t.Helper()
	rows, err := collapse(context.Background(), 1, [][]float64{c.X, c.Tx, c.T}, func(int) bool { return true }, weight)
	if err != nil {
		t.Fatal(err)
	}
	return newProblem(kind, rows, 2)
}

func TestLikelihoodIsThatOfTheLiterature(t *testing.T) {
	const seed = 3
	c := some(400, seed)
	for kind := range ParetoNBD + 1 {
		p := problemOf(t, kind, c, nil)
		for _, v := range [][]float64{{0.5, 10, 0.6, 11}, {0.2, 4, 0.8, 2.4}, {3, 40, 0.1, 0.5}, {0.05, 1, 20, 90}, {10, 300, 2, 1}} {
			var d derivatives
			if err := p.objective()(context.Background(), v, &d); err != nil {
				t.Fatal(err)
			}
			want := 0.0
			for i := range c.X {
				want += plainLikelihood(kind, v, c.X[i], c.Tx[i], c.T[i])
			}
			if !(math.Abs(d.value-want) <= 1e-9*math.Abs(want)) {
				t.Errorf("%v at %v (seed %d): got %.12g, want %.12g", kind, v, seed, d.value, want)
			}
		}
	}
}

func TestDerivativesAreThoseOfTheLikelihood(t *testing.T) {
	const seed, h = 4, 1e-5
	c := some(300, seed)
	weight := make([]float64, len(c.X))
	for i := range weight {
		weight[i] = 0.5 + float64(i%3)
	}
	check := func(name string, o objective, v []float64) {
		t.Helper()
		at := func(v []float64) *derivatives {
			var d derivatives
			if err := o(context.Background(), v, &d); err != nil {
				t.Fatal(err)
			}
			return &d
		}
		d := at(v)
		for i := range v {
			up, down := append([]float64(nil), v...), append([]float64(nil), v...)
			step := h * v[i]
			up[i], down[i] = v[i]+step, v[i]-step
			a, b := at(up), at(down)
			if got, want := d.slope[i], (a.value-b.value)/(2*step); math.Abs(got-want) > 1e-6*(math.Abs(want)+1/v[i]) {
				t.Errorf("%s at %v (seed %d): slope %d: got %.9g, want %.9g", name, v, seed, i, got, want)
			}
			for j := range v {
				got, want := d.curve[max(i, j)][min(i, j)], (a.slope[j]-b.slope[j])/(2*step)
				if math.Abs(got-want) > 1e-6*(math.Abs(want)+1/(v[i]*v[j])) {
					t.Errorf("%s at %v (seed %d): curve %d %d: got %.9g, want %.9g", name, v, seed, i, j, got, want)
				}
			}
		}
	}
	for _, v := range [][]float64{{0.5, 10, 0.6, 11}, {2, 5, 3, 0.4}, {0.1, 30, 0.2, 200}} {
		for kind := range ParetoNBD + 1 {
			check(kind.String(), problemOf(t, kind, c, weight).objective(), v)
		}
		check("without drop-out", problemOf(t, BGNBD, c, weight).withoutDropout, v[:2])
	}
	x, mean := []float64{1, 2, 5, 1}, []float64{10, 3, 7.5, 90}
	rows, err := collapse(context.Background(), 1, [][]float64{x, mean}, func(int) bool { return true }, weight[:4])
	if err != nil {
		t.Fatal(err)
	}
	check("gamma-gamma", newMoney(rows, 1).objective, []float64{6, 3.5, 15})
	check("gamma-gamma", newMoney(rows, 1).objective, []float64{0.3, 0.8, 2})
}

func TestQuadratureIsExact(t *testing.T) {
	const seed = 5
	rng, q := rand.New(rand.NewPCG(seed, 0)), newQuadrature()
	wild := func(spread float64) float64 { return math.Exp(spread * rng.NormFloat64()) }
	for range 3000 {
		f := decay{alpha: 10 * wild(1.5), beta: 10 * wild(2), R: wild(2), S: 1 + wild(1)}
		if rng.IntN(4) == 0 {
			f.R += 800 * rng.Float64()
		}
		lo := 100 * rng.Float64() * rng.Float64()
		hi := lo + 100*wild(1)
		got, want := q.logIntegral(f, lo, hi), plainIntegral(f.alpha, f.beta, f.R, f.S, lo, hi)
		if math.Abs(got-want) > 1e-10+1e-13*math.Abs(want) {
			t.Fatalf("%+v on [%g, %g] (seed %d): got %.14g, want %.14g", f, lo, hi, seed, got, want)
		}
		if m := q.moments(f, lo, hi); math.Abs(m.logIntegral-got) > 1e-12*(1+math.Abs(got)) {
			t.Fatalf("%+v: moments say %.14g, the integral %.14g", f, m.logIntegral, got)
		}
	}
}

// The series and the integral over the drop-out probability are two ways to the
// same mean.
func TestMeanOfGeometricIsTheSameInTwoWays(t *testing.T) {
	const seed = 6
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 2000 {
		a, b := math.Exp(rng.NormFloat64()), math.Exp(2*rng.NormFloat64())
		if a > 8 || a < 0.05 {
			continue
		}
		x := float64(rng.IntN(300))
		R, A, h := x+math.Exp(rng.NormFloat64()), 1+50*rng.Float64(), 60*rng.Float64()
		b += x // as rates and drop-out of one customer have it
		if h/(A+h) > 0.98 {
			continue
		}
		got, want := geometricExpected(a, b, R, A, h), geometricMean(a, b, R, A, h)
		if math.Abs(got-want) > 1e-9*want {
			t.Errorf("a %g, b %g, R %g, A %g, h %g (seed %d): got %.12g, want %.12g", a, b, R, A, h, seed, got, want)
		}
	}
	// a = 1, where the closed form divides by zero, and extremes.
	for _, v := range [][5]float64{{1, 2, 3, 10, 20}, {1e-8, 5, 3, 10, 20}, {30, 1e-6, 0.4, 5, 5000}, {0.5, 0.2, 0.3, 8, 30}} {
		got := geometricExpected(v[0], v[1], v[2], v[3], v[4])
		if !(got > 0) || got > v[2]/v[3]*v[4]*1.000001 {
			t.Errorf("%v: got %v, want a number from 0 to %v", v, got, v[2]/v[3]*v[4])
		}
	}
	near(t, "a = 1", geometricExpected(1, 2, 3, 10, 20), geometricMean(1, 2, 3, 10, 20), 1e-12)
}

func TestFitDoesNotDependOnOrderUnitOrTheFormOfWeights(t *testing.T) {
	const seed = 7
	ctx := context.Background()
	c := some(3000, seed)
	for kind := range ParetoNBD + 1 {
		run := func(c Customers, weight []float64) (*Model, Report) {
			t.Helper()
			m, r, err := Config{Kind: kind, MaxIter: 200, Tolerance: 1e-10, Workers: 2}.Fit(ctx, c, weight)
			if err != nil || !r.Converged {
				t.Fatalf("%v (seed %d): %+v, %v", kind, seed, r, err)
			}
			return m, r
		}
		m, r := run(c, nil)
		order := rand.New(rand.NewPCG(seed, 1)).Perm(len(c.X))
		mixed := Customers{}
		for _, i := range order {
			mixed.X, mixed.Tx, mixed.T = append(mixed.X, c.X[i]), append(mixed.Tx, c.Tx[i]), append(mixed.T, c.T[i])
		}
		if got, _ := run(mixed, nil); got.v != m.v {
			t.Errorf("%v: customers shuffled (seed %d): got %v, want %v", kind, seed, got.v, m.v)
		}
		days := Customers{X: c.X, Tx: scaled(c.Tx, 7), T: scaled(c.T, 7)}
		inDays, rd := run(days, nil)
		for i, factor := range []float64{1, 7, 1, map[bool]float64{true: 7, false: 1}[kind == ParetoNBD]} {
			near(t, fmt.Sprintf("%v in days, parameter %d", kind, i+1), inDays.v[i], m.v[i]*factor, 1e-6)
		}
		near(t, "log-likelihood in days", rd.LogLikelihood, r.LogLikelihood-sum(c.X)*math.Log(7), 1e-10)
		twice := Customers{X: append(append([]float64(nil), c.X...), c.X...), Tx: append(append([]float64(nil), c.Tx...), c.Tx...),
			T: append(append([]float64(nil), c.T...), c.T...)}
		doubled, _ := run(twice, nil)
		two := make([]float64, len(c.X))
		for i := range two {
			two[i] = 2
		}
		if weighted, _ := run(c, two); weighted.v != doubled.v {
			t.Errorf("%v: weights of 2 and customers twice: got %v, %v", kind, weighted.v, doubled.v)
		}
	}
}

func scaled(v []float64, factor float64) []float64 {
	out := make([]float64, len(v))
	for i, a := range v {
		out[i] = a * factor
	}
	return out
}
