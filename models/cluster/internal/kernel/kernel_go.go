package kernel

import (
	"math"
	"math/bits"
)

// tileScores sets acc to the scores of the four centres of a tile for the 16
// points of a block.
func tileScores(acc *[Tile][Block]float32, block []float32, dims int, tile []float32) {
	for c := range acc {
		half := tile[c]
		for l := range acc[c] {
			acc[c][l] = half
		}
	}
	coords := tile[2*Tile:]
	for j := range dims {
		var v [Block]float64 // converted once for the four centres
		for l, u := range (*[Block]float32)(block[j*Block:]) {
			v[l] = float64(u)
		}
		for c := range acc {
			b := -float64(coords[j*Tile+c])
			a := &acc[c]
			for l, u := range v { // fma(u, b, a[l]), written out: the call costs half the time
				p, z := u*b, float64(a[l])
				r := p + z
				if math.Float64bits(r)&0x0fffffff != 0 {
					a[l] = float32(r)
				} else {
					a[l] = fmaHalfway(p, z, r)
				}
			}
		}
	}
}

func assignGo(x []float32, list []int32, dims int, tiles []float32, labels []int32) {
	size := TileLen(dims)
	var acc [Tile][Block]float32
	for i, b := range list {
		block := x[int(b)*Block*dims:][:Block*dims]
		out := (*[Block]int32)(labels[i*Block:])
		var best [Block]float32
		for l := range best {
			best[l], out[l] = startScore, 0
		}
		for t := 0; t+size <= len(tiles); t += size {
			tile := tiles[t : t+size]
			tileScores(&acc, block, dims, tile)
			for c := range acc {
				id := int32(math.Float32bits(tile[Tile+c]))
				for l, s := range acc[c] {
					if s < best[l] {
						best[l], out[l] = s, id
					}
				}
			}
		}
	}
}

func assign2Go(x []float32, list []int32, dims int, tiles []float32, labels []int32, first, second []float32) {
	size := TileLen(dims)
	var acc [Tile][Block]float32
	for i, b := range list {
		block := x[int(b)*Block*dims:][:Block*dims]
		out := (*[Block]int32)(labels[i*Block:])
		best := (*[Block]float32)(first[i*Block:])
		next := (*[Block]float32)(second[i*Block:])
		for l := range best {
			best[l], next[l], out[l] = startScore, startScore, 0
		}
		for t := 0; t+size <= len(tiles); t += size {
			tile := tiles[t : t+size]
			tileScores(&acc, block, dims, tile)
			for c := range acc {
				id := int32(math.Float32bits(tile[Tile+c]))
				for l, s := range acc[c] {
					if s < best[l] {
						best[l], next[l], out[l] = s, best[l], id
					} else if s < next[l] {
						next[l] = s
					}
				}
			}
		}
	}
}

func changedGo(list []int32, old, fresh []int32, masks []uint32) {
	for i, b := range list {
		was := (*[Block]int32)(old[int(b)*Block:])
		is := (*[Block]int32)(fresh[i*Block:])
		var mask uint32
		for l := range was {
			if was[l] != is[l] {
				mask |= 1 << l
			}
		}
		masks[i] = mask
	}
}

func gapsGo(norms, first, second []float32, slack float32, lanes, least []float32) {
	for i := range least {
		norm := (*[Block]float32)(norms[i*Block:])
		best := (*[Block]float32)(first[i*Block:])
		next := (*[Block]float32)(second[i*Block:])
		out := (*[Block]float32)(lanes[i*Block:])
		low := float32(math.MaxFloat32)
		for l := range norm {
			u := float32(best[l]+best[l]) + norm[l]
			u = max(fma(slack, norm[l]+u, u), 0)
			v := float32(next[l]+next[l]) + norm[l]
			v = max(fma(-slack, norm[l]+v, v), 0)
			out[l] = sqrt(v) - sqrt(u)
			low = min(low, out[l])
		}
		least[i] = low
	}
}

func nearerGo(x []float32, blocks, dims int, points, best, out []float32) {
	for b := range blocks {
		var acc [Tile][Block]float32
		block := x[b*Block*dims:][:Block*dims]
		for j := range dims {
			v := (*[Block]float32)(block[j*Block:])
			for c := range acc {
				p := points[j*Tile+c]
				a := &acc[c]
				for l := range v { // fma(t, t, a[l]), written out
					t := float64(v[l] - p)
					q, z := t*t, float64(a[l])
					r := q + z
					if math.Float64bits(r)&0x0fffffff != 0 {
						a[l] = float32(r)
					} else {
						a[l] = fmaHalfway(q, z, r)
					}
				}
			}
		}
		low := best[b*Block:][:Block]
		for c := range acc {
			to := out[(b*Tile+c)*Block:][:Block]
			for l := range to {
				to[l] = min(acc[c][l], low[l])
			}
		}
	}
}

func moveGo(x []float32, dims int, mask uint32, from, to *[Block]int32, sums []float64) {
	for ; mask != 0; mask &= mask - 1 {
		l := bits.TrailingZeros32(mask)
		add := sums[int(to[l])*dims:][:dims]
		if from[l] < 0 {
			for j := range add {
				add[j] += float64(x[j*Block+l])
			}
			continue
		}
		sub := sums[int(from[l])*dims:][:dims]
		for j := range add {
			v := float64(x[j*Block+l])
			add[j] += v
			sub[j] -= v
		}
	}
}

func frameGo(col []float32, blocks int, scale, shift float32, dst []float32, dims int) (largest uint32) {
	const sign = 1 << 31
	for b := range blocks {
		from, to := (*[Block]float32)(col[b*Block:]), (*[Block]float32)(dst[b*Block*dims:])
		for l, u := range from {
			v := float32(u*scale) - shift
			to[l] = v
			largest = max(largest, math.Float32bits(v)&^sign)
		}
	}
	return largest
}
