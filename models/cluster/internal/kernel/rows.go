package kernel

// Points also come as rows, in turn, to be sorted: coordinate j of point i is
// then x[i·dims+j].

// Spare is how much longer than its points a slice that holds rows or gathered
// blocks must be: the assembler reads and writes squares of eight by eight.
const Spare = 7 * Block

// Gather sets dst to a block of the points of x, given as rows, that list names.
//
// Shape: x has Spare values beyond its points, and dst has Spare values beyond
// the block; the latter are overwritten.
func Gather(x []float32, list *[Block]int32, dims int, dst []float32) {
	need("dst", len(dst), Block*dims+Spare)
	rows := uint32((len(x) - Spare) / dims)
	for _, i := range list {
		if uint32(i) >= rows {
			panic("kernel: BUG: point outside the rows")
		}
	}
	if !gatherFast(x, list, dims, dst) {
		gatherGo(x, list, dims, dst)
	}
}

// Turn sets dst to the rows of the block at the start of x. Both have Spare
// values beyond the block; the spare values of dst are overwritten.
func Turn(x []float32, dims int, dst []float32) {
	need("x", len(x), Block*dims+Spare)
	need("dst", len(dst), Block*dims+Spare)
	if !turnFast(x, dims, dst) {
		turnGo(x, dims, dst)
	}
}

// Norms sets norms[i·16+l] to |x|² of point l of block list[i].
func Norms(x []float32, list []int32, dims int, norms []float32) {
	need("norms", len(norms), len(list)*Block)
	checkList(list, len(x), Block*dims)
	if len(list) == 0 || normsFast(x, list, dims, norms) {
		return
	}
	normsGo(x, list, dims, norms)
}

func gatherGo(x []float32, list *[Block]int32, dims int, dst []float32) {
	for l, at := range list {
		to := dst[l:]
		for j, v := range x[int(at)*dims:][:dims] {
			to[j*Block] = v
		}
	}
}

func turnGo(x []float32, dims int, dst []float32) {
	for l := range Block {
		row := dst[l*dims:][:dims]
		for j := range row {
			row[j] = x[j*Block+l]
		}
	}
}

func normsGo(x []float32, list []int32, dims int, norms []float32) {
	for i, b := range list {
		norm := (*[Block]float32)(norms[i*Block:])
		*norm = [Block]float32{}
		for j := range dims {
			for l, v := range (*[Block]float32)(x[(int(b)*dims+j)*Block:]) {
				norm[l] += float32(v * v)
			}
		}
	}
}
