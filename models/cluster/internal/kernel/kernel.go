// Package kernel holds the inner loops of k-means: which centre is nearest to a
// point, how far the runner-up is, and how far points are from a few candidates.
//
// Points come in blocks of 16, dimension by dimension, so that a vector register
// holds one coordinate of eight points:
//
//	block b of a d-dimensional set is x[b·16·d : (b+1)·16·d];
//	coordinate j of its point l is at j·16 + l.
//
// Centres come in tiles of 4 (see Tiles). The nearest centre minimises the score
// |c|²/2 − x·c, which is half the squared distance less |x|²/2: one fused
// multiply-subtract for each coordinate.
//
// Every function has an AVX2 and a pure-Go form. Both round alike, operation by
// operation (a float32 fused multiply-add is exact in the Go form too), so they
// return the same bits; the tests compare them. Tag noasm leaves the assembler
// out.
package kernel

//go:generate sh -c "cd gen && go run . -out ../kernel_amd64.s -stubs ../stub_amd64.go -pkg kernel"

// Block is the number of points in a block; Tile the number of centres in a tile.
const (
	Block = 16
	Tile  = 4
)

// Vacant is the half norm of an absent centre in a tile: above every possible
// score, so that an absent centre never wins.
const Vacant = 0x1p100

// startScore is what the search for the least score starts from.
const startScore = 0x1p120

// TileLen returns the length of one tile of dims dimensions.
func TileLen(dims int) int { return Tile * (2 + dims) }

// Tiles returns how many tiles hold k centres.
func Tiles(k int) int { return (k + Tile - 1) / Tile }

// Assign sets labels[i·16+l] to the number of the centre nearest to point l of
// block list[i]; of centres with the same score the first in tile order wins.
//
// Shape: x as in the package comment; tiles holds whole tiles; labels has 16
// entries for each entry of list. Scores must stay below Vacant.
//
// Cost: O(len(list)·16·dims·k).
func Assign(x []float32, list []int32, dims int, tiles []float32, labels []int32) {
	count := checkAssign(x, list, dims, tiles, labels)
	if len(list) == 0 {
		return
	}
	if assignFast(x, list, dims, tiles, count, labels) {
		return
	}
	assignGo(x, list, dims, tiles, labels)
}

// Assign2 is Assign and also keeps the scores of the nearest and of the second
// nearest centre of each point, laid out as labels.
func Assign2(x []float32, list []int32, dims int, tiles []float32, labels []int32, first, second []float32) {
	count := checkAssign(x, list, dims, tiles, labels)
	need("first", len(first), len(list)*Block)
	need("second", len(second), len(list)*Block)
	if len(list) == 0 {
		return
	}
	if assign2Fast(x, list, dims, tiles, count, labels, first, second) {
		return
	}
	assign2Go(x, list, dims, tiles, labels, first, second)
}

// Changed sets masks[i] to the points of block list[i] whose label in fresh (laid
// out by list) differs from that in old (laid out by block): bit l for point l.
func Changed(list []int32, old, fresh []int32, masks []uint32) {
	need("fresh", len(fresh), len(list)*Block)
	need("masks", len(masks), len(list))
	checkList(list, len(old), Block)
	if len(list) == 0 || changedFast(list, old, fresh, masks) {
		return
	}
	changedGo(list, old, fresh, masks)
}

// Gaps sets lanes[i·16+l] to a lower bound of how much farther the second nearest
// centre is than the nearest, in plain distance, for point l of block i,
// and least[i] to the least of the block:
//
//	D = 2·score + |x|²,   gap = √(D₂ − slack·(|x|²+D₂)) − √(D₁ + slack·(|x|²+D₁))
//
// norms come from Norms, first and second from Assign2, and least has an entry
// for each block. Slack covers the rounding of the scores; see Slack.
func Gaps(norms, first, second []float32, slack float32, lanes, least []float32) {
	need("norms", len(norms), len(least)*Block)
	need("first", len(first), len(least)*Block)
	need("second", len(second), len(least)*Block)
	need("lanes", len(lanes), len(least)*Block)
	if len(least) == 0 || gapsFast(norms, first, second, slack, lanes, least) {
		return
	}
	gapsGo(norms, first, second, slack, lanes, least)
}

// Slack returns the relative slack that makes Gaps a true lower bound, with a
// margin: a sum of d+2 products rounds off at most (d+2)·2⁻²⁴ of the sum of
// their sizes, which is below 5|x|²+3D; twice as much again keeps the bound
// beyond what the next evaluation may round off, so that a point whose gap is
// positive is also computed to be nearest to the same centre.
func Slack(dims int) float32 { return float32(32*(dims+8)) * 0x1p-24 }

// Nearer sets out[(b·4+c)·16+l] to the smaller of best[b·16+l] and the squared
// distance of point l of block b to candidate c, for all blocks of x. Distances
// are sums of squared differences: exactly 0 for equal points.
//
// Shape: points holds 4 candidates dimension by dimension: points[j·4+c].
func Nearer(x []float32, dims int, points, best, out []float32) {
	blocks := len(best) / Block
	need("x", len(x), blocks*Block*dims)
	need("points", len(points), Tile*dims)
	need("out", len(out), len(best)*Tile)
	if blocks == 0 || nearerFast(x, blocks, dims, points, best, out) {
		return
	}
	nearerGo(x, blocks, dims, points, best, out)
}

// Move adds the coordinates of the points of one block, named by mask, to the
// sums of cluster to[l], and subtracts the coordinates from the sums of cluster
// from[l], unless from[l] is negative. Points are handled in order of l.
//
// Shape: x is the block; sums has dims entries for each cluster. The caller has
// checked that the labels named by mask are within sums.
func Move(x []float32, dims int, mask uint32, from, to *[Block]int32, sums []float64) {
	need("x", len(x), Block*dims)
	mask &= 1<<Block - 1
	if mask == 0 || moveFast(x, dims, mask, from, to, sums) {
		return
	}
	moveGo(x, dims, mask, from, to, sums)
}

// Frame sets coordinate j of len(col)/16 blocks of dims dimensions to col·scale
// − shift, rounding after each operation, and returns the bits of the largest
// absolute value: the bits of +Inf and NaN are above all others.
//
// Shape: dst begins with the first value to set; col has whole blocks.
func Frame(col []float32, scale, shift float32, dst []float32, dims int) (largest uint32) {
	blocks := len(col) / Block
	if blocks == 0 {
		return 0
	}
	need("dst", len(dst), (blocks-1)*Block*dims+Block)
	if largest, ok := frameFast(col, blocks, scale, shift, dst, dims); ok {
		return largest
	}
	return frameGo(col, blocks, scale, shift, dst, dims)
}

func checkAssign(x []float32, list []int32, dims int, tiles []float32, labels []int32) (count int) {
	count = len(tiles) / TileLen(dims)
	if dims < 1 || count < 1 {
		panic("kernel: BUG: no dimension or no tile")
	}
	need("labels", len(labels), len(list)*Block)
	checkList(list, len(x), Block*dims)
	return count
}

// checkList panics unless every block of list lies inside a slice of n values,
// each block of which has size values.
func checkList(list []int32, n, size int) {
	blocks := uint32(n / size)
	for _, b := range list {
		if uint32(b) >= blocks {
			panic("kernel: BUG: block outside the points")
		}
	}
}

func need(name string, got, want int) {
	if got < want {
		panic("kernel: BUG: " + name + " is too short")
	}
}
