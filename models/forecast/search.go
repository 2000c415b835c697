package forecast

import "math"

// most is the number of parameters of the largest shape.
const most = 4

// point is a place of the search and the sum of squares there.
type point struct {
	u   [most]float64
	sse float64
}

// The search ends when a step improves the sum of squares by a smaller share, or
// after so many steps.
const improvement, mostSteps = 1e-9, 30

// search minimises the sum of squares of w over the box of its parameters by
// Levenberg and Marquardt's method with numeric derivatives, from the best one
// or two of the starts. A parameter that presses against its bound is held there for the
// step.
//
// tangent lends (k+1) × n numbers of memory.
func (w *innovations) search(starts []point, descents int, tangent []float64) point {
	k := w.free()
	best, second := point{sse: math.Inf(1)}, point{sse: math.Inf(1)}
	for _, s := range starts {
		for i := range k {
			low, high := w.bounds(i)
			s.u[i] = min(max(s.u[i], low), high)
		}
		s.sse = w.evaluate(s.u[:k])
		switch {
		case s.sse < best.sse:
			best, second = s, best
		case s.sse < second.sse && s.u != best.u:
			second = s
		}
	}
	best = w.descend(best, tangent)
	if descents < 2 || math.IsInf(second.sse, 1) {
		return best
	}
	if second = w.descend(second, tangent); second.sse < best.sse {
		return second
	}
	return best
}

// descend returns where the search from a place ends.
func (w *innovations) descend(at point, tangent []float64) point {
	damping := 1e-3
	for range mostSteps {
		before := at.sse
		if !w.step(&at, &damping, tangent) || before-at.sse <= improvement*before {
			break
		}
	}
	return at
}

// step improves best and reports whether it could.
func (w *innovations) step(best *point, damping *float64, tangent []float64) bool {
	k, n := w.free(), len(w.y)
	w.evaluate(best.u[:k])
	errors := tangent[k*n:][:n]
	copy(errors, w.e)
	var square [most][most]float64
	var slope [most]float64
	for i := range k {
		column := tangent[i*n:][:n]
		delta := w.shift(best.u, i)
		u := best.u
		u[i] += delta
		w.evaluate(u[:k])
		for t, e := range w.e {
			d := (e - errors[t]) / delta
			column[t] = d
			slope[i] += float64(d * errors[t])
		}
		for j := range i + 1 {
			other := tangent[j*n:][:n]
			for t, d := range column {
				square[i][j] += float64(d * other[t])
			}
			square[j][i] = square[i][j]
		}
	}
	for range 12 {
		next := point{u: w.move(best.u, square, slope, *damping)}
		if next.u == best.u {
			return false
		}
		if next.sse = w.evaluate(next.u[:k]); next.sse < best.sse {
			*best = next
			*damping = max(*damping/10, 1e-9)
			return true
		}
		*damping *= 8
	}
	return false
}

// shift returns the step of the numeric derivative by parameter i, inwards.
func (w *innovations) shift(u [most]float64, i int) float64 {
	const size = 1e-6
	if _, high := w.bounds(i); u[i]+size > high {
		return -size
	}
	return size
}

// move returns the place that the damped normal equations point to, inside the
// box.
func (w *innovations) move(u [most]float64, square [most][most]float64, slope [most]float64, damping float64) [most]float64 {
	k := w.free()
	var held [most]bool
	for {
		var h [most * (most + 1) / 2]float64
		var b [most]float64
		for i := range k {
			if held[i] {
				h[i*(i+1)/2+i] = 1
				continue
			}
			b[i] = -slope[i]
			for j := range i + 1 {
				if !held[j] {
					h[i*(i+1)/2+j] = square[i][j]
				}
			}
			h[i*(i+1)/2+i] += damping * (square[i][i] + 1e-12)
		}
		solveInPlace(h[:k*(k+1)/2], b[:k])
		again := false
		for i := range k {
			low, high := w.bounds(i)
			outwards := u[i] <= low && b[i] < 0 || u[i] >= high && b[i] > 0
			if outwards && !held[i] {
				held[i], again = true, true
			}
		}
		if again {
			continue
		}
		for i := range k {
			low, high := w.bounds(i)
			u[i] = min(max(u[i]+b[i], low), high)
		}
		return u
	}
}
