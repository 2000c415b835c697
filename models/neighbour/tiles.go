package neighbour

import (
	"context"
	"math"

	"github.com/quintile-dev/quintile/models"
)

// side is the number of rows and columns of a tile: a tile is 32 KiB, so that
// the three of a product lie in the second cache.
const side = 64

// tile is a square of a matrix, row by row.
type tile [side * side]float64

func (t *tile) row(i int) *[side]float64 { return (*[side]float64)(t[i*side:]) }

// triangle is the lower triangle of a symmetric or triangular matrix, in tiles.
type triangle struct {
	size  int // tiles along a side
	tiles []tile
}

// newTriangle returns a zero triangle for n rows, filled up to whole tiles.
func newTriangle(n int) *triangle {
	size := (n + side - 1) / side
	return &triangle{size: size, tiles: make([]tile, size*(size+1)/2)}
}

// at returns tile (i,j), j ≤ i.
func (m *triangle) at(i, j int) *tile { return &m.tiles[i*(i+1)/2+j] }

// entry returns the entry (i,j) of a symmetric matrix.
func (m *triangle) entry(i, j int) float64 {
	if j > i {
		i, j = j, i
	}
	t := m.at(i/side, j/side)
	return t[i%side*side+j%side]
}

// factor replaces a symmetric positive definite matrix by its Cholesky factor
// L, m = L·Lᵀ. It reports false where the matrix is not positive definite.
//
// Tile columns go from left to right. Every entry is one sum in ascending order,
// so the number of workers does not matter.
func (m *triangle) factor(ctx context.Context, workers int) (bool, error) {
	for k := range m.size {
		diagonal := m.at(k, k)
		for j := range k {
			subtract(diagonal, m.at(k, j), m.at(k, j))
		}
		if !factorTile(diagonal) {
			return false, nil
		}
		err := models.Parallel(ctx, workers, m.size-k-1, func(task int) error {
			i := k + 1 + task
			t := m.at(i, k)
			for j := range k {
				subtract(t, m.at(i, j), m.at(k, j))
			}
			solveTile(t, diagonal)
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// invert replaces the Cholesky factor L by the inverse of L·Lᵀ, with as much
// memory again while it works.
//
//	(L·Lᵀ)⁻¹ = Mᵀ·M,  M = L⁻¹
//
// The tiles of M are kept transposed, so that every product is of rows with rows.
func (m *triangle) invert(ctx context.Context, workers int) error {
	inverse := &triangle{size: m.size, tiles: make([]tile, len(m.tiles))} // tile (i,k) is Mᵢₖᵀ
	diagonals := make([]tile, m.size)                                     // Lᵢᵢ⁻¹
	err := models.Parallel(ctx, workers, m.size, func(i int) error {
		invertTile(&diagonals[i], m.at(i, i))
		transpose(inverse.at(i, i), &diagonals[i])
		return nil
	})
	if err != nil {
		return err
	}
	err = models.Parallel(ctx, workers, m.size, func(k int) error {
		for i := k + 1; i < m.size; i++ { // Mᵢₖ = −Lᵢᵢ⁻¹ Σⱼ Lᵢⱼ Mⱼₖ
			var sum tile
			for j := k; j < i; j++ {
				subtract(&sum, inverse.at(j, k), m.at(i, j))
			}
			add(inverse.at(i, k), &sum, &diagonals[i])
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return models.Parallel(ctx, workers, m.size, func(task int) error {
		i := m.size - 1 - task
		for j := range i + 1 {
			t := m.at(i, j)
			*t = tile{}
			for k := i; k < m.size; k++ {
				add(t, inverse.at(k, i), inverse.at(k, j))
			}
		}
		return ctx.Err()
	})
}

// factorTile replaces the lower triangle of t by its Cholesky factor and clears
// the rest. It reports false where t is not positive definite.
func factorTile(t *tile) bool {
	for j := range side {
		row := t.row(j)
		for k := range j {
			other := t.row(k)
			row[k] = (row[k] - dot(row, other, k)) / other[k]
		}
		left := row[j] - dot(row, row, j)
		if !(left > 0) {
			return false
		}
		row[j] = math.Sqrt(left)
		clear(row[j+1:])
	}
	return true
}

// solveTile replaces t by the X with X·Lᵀ = t.
func solveTile(t, l *tile) {
	for r := range side {
		x := t.row(r)
		for j := range side {
			other := l.row(j)
			x[j] = (x[j] - dot(x, other, j)) / other[j]
		}
	}
}

// invertTile sets dst to the inverse of the lower triangular l.
func invertTile(dst, l *tile) {
	for c := range side { // column c of the inverse, from the diagonal down
		for r := c; r < side; r++ {
			sum := 0.0
			if r == c {
				sum = 1
			}
			row := l.row(r)
			for k := c; k < r; k++ {
				sum -= float64(row[k] * dst[k*side+c])
			}
			dst[r*side+c] = sum / row[r]
		}
	}
}

func transpose(dst, src *tile) {
	for i := range side {
		for j := range side {
			dst[j*side+i] = src[i*side+j]
		}
	}
}

// dot returns the sum of the first n products.
func dot(a, b *[side]float64, n int) float64 {
	sum := 0.0
	for t := range n {
		sum += float64(a[t] * b[t])
	}
	return sum
}
