package kernel

import "math"

// Pack fills tiles with the k centres of c, row by row of dims coordinates, and
// returns tiles, grown as needed. Centre i carries the number i; the rest of
// the last tile is vacant.
//
// The half norms are summed in float64 and rounded once.
func Pack(tiles []float32, c []float32, dims int) []float32 {
	k := len(c) / dims
	size, count := TileLen(dims), Tiles(k)
	if cap(tiles) < size*count {
		tiles = make([]float32, size*count)
	}
	tiles = tiles[:size*count]
	clear(tiles)
	for i := range count * Tile {
		tile, lane := tiles[i/Tile*size:][:size], i%Tile
		if i >= k {
			tile[lane] = Vacant
			continue
		}
		var norm float64
		for j, v := range c[i*dims : (i+1)*dims] {
			tile[2*Tile+j*Tile+lane] = v
			norm += float64(float64(v) * float64(v))
		}
		tile[lane] = float32(norm / 2)
		tile[Tile+lane] = math.Float32frombits(uint32(i))
	}
	return tiles
}
