package modelcheck

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

const (
	dataSeed  = 20111209
	columns   = 5
	rows      = 500    // of an ordinary examination
	manyRows  = 10_000 // more than one block of a blocked sum
	modelSeed = 7
)

// generate returns n rows with the kinds of columns in customer tables:
// clustered, uniform, whole-numbered, skewed and categorical. The result
// depends on n and target only, and a longer table begins with the rows of a
// shorter table.
func generate(n int, target Target) Data {
	rng := rand.New(rand.NewPCG(dataSeed, 0))
	x := models.Matrix{
		Names: []string{"clustered", "uniform", "count", "skewed", "category"},
		Cols:  make([][]float32, columns),
	}
	for j := range x.Cols {
		x.Cols[j] = make([]float32, n)
	}
	var y []float64
	if target != None {
		y = make([]float64, n)
	}
	for i := range n {
		group := rng.IntN(3)
		v := [columns]float64{
			4*float64(group) + rng.NormFloat64(),
			rng.Float64() * 10,
			float64(rng.IntN(12)),
			math.Exp(rng.NormFloat64()),
			float64(rng.IntN(4)),
		}
		for j := range v {
			x.Cols[j][i] = float32(v[j])
		}
		noise, coin := rng.NormFloat64(), rng.Float64()
		if y != nil {
			y[i] = label(target, v, noise, coin)
		}
	}
	return Data{X: x, Y: y}
}

// label draws the target of one row: a signal in the first three columns under
// noise, so that no target is perfectly predictable.
func label(target Target, v [columns]float64, noise, coin float64) float64 {
	signal := float64(0.3*v[0]) - float64(0.2*v[1]) + float64(0.1*v[2])
	switch target {
	case Binary:
		if coin < 1/(1+math.Exp(-signal)) {
			return 1
		}
		return 0
	case Classes:
		s := signal + noise
		switch {
		case s < -0.5:
			return 0
		case s < 1:
			return 1
		}
		return 2
	case Counts:
		return math.Floor(math.Exp(0.5*signal) * -math.Log(1-coin) * 2)
	}
	return 10*signal + noise
}

// clone returns a copy of d that shares nothing with it.
func (d Data) clone() Data {
	cols := make([][]float32, len(d.X.Cols))
	for j, col := range d.X.Cols {
		cols[j] = slices.Clone(col)
	}
	return Data{
		X: models.Matrix{Names: slices.Clone(d.X.Names), Cols: cols},
		Y: slices.Clone(d.Y),
		W: slices.Clone(d.W),
	}
}

// take returns the given rows of d, in the given order.
func (d Data) take(index []int) Data {
	out := Data{X: takeMatrix(d.X, index)}
	if d.Y != nil {
		out.Y = takeSlice(d.Y, index)
	}
	if d.W != nil {
		out.W = takeSlice(d.W, index)
	}
	return out
}

func takeMatrix(x models.Matrix, index []int) models.Matrix {
	cols := make([][]float32, len(x.Cols))
	for j, col := range x.Cols {
		cols[j] = takeSlice(col, index)
	}
	return models.Matrix{Names: x.Names, Cols: cols}
}

func takeSlice[T any](s []T, index []int) []T {
	out := make([]T, len(index))
	for k, i := range index {
		out[k] = s[i]
	}
	return out
}

// columnsOf returns d with only the given columns.
func (d Data) columnsOf(keep ...int) Data {
	x := models.Matrix{}
	for _, j := range keep {
		x.Names = append(x.Names, d.X.Names[j])
		x.Cols = append(x.Cols, d.X.Cols[j])
	}
	return Data{X: x, Y: d.Y, W: d.W}
}

// weights returns n weights between ½ and 2.
func weights(n int) []float64 {
	rng := rand.New(rand.NewPCG(dataSeed, 1))
	w := make([]float64, n)
	for i := range w {
		w[i] = 0.5 + float64(1.5*rng.Float64())
	}
	return w
}

func fill[T any](n int, v T) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = v
	}
	return s
}
