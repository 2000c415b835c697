//go:build amd64 && !noasm

package kernel

import "golang.org/x/sys/cpu"

// Chunk is the number of rows to gather and add up at a time: few enough to stay
// in a fast cache until the sums are done.
const Chunk = 1 << 10

func add8Fast(s *Sums, words []uint64, stride int, values []uint64, soon Ahead) bool {
	n := len(values)
	if n == 0 {
		return true
	}
	_ = words[(n-1)*stride]
	data, rows, rate := soon.prepare(words, n)
	add8ASM(&s[0][0], &words[0], 8*stride, &values[0], n, data, rows, rate, 8*soon.Stride)
	return true
}

func add4Fast(s *Sums, words []uint64, stride int, values []uint64, soon Ahead) bool {
	n := len(values)
	if n == 0 {
		return true
	}
	_ = words[(n-1)*stride]
	data, rows, rate := soon.prepare(words, n)
	add4ASM(&s[0][0], &words[0], 8*stride, &values[0], n, data, rows, rate, 8*soon.Stride)
	return true
}

// prepare returns the arguments by which the assembler spreads the fetches of a
// evenly over n steps: step i fetches row i·rate/2³². Without rows to fetch,
// some word at hand is fetched.
func (a Ahead) prepare(words []uint64, n int) (data *uint64, rows *uint32, rate int) {
	if len(a.Rows) == 0 {
		return &words[0], new(uint32), 0
	}
	return &a.Data[0], &a.Rows[0], len(a.Rows) << 32 / n
}

// logisticFast handles as many rows of Logistic as the assembler can, and
// returns the number of rows done.
func logisticFast(pairs []uint64, score, target []float64, s *LogisticSums) int {
	n := len(pairs) &^ 3
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	logisticAVX2(&pairs[0], &score[0], &target[0], n, &s.Product[0], &exp2Table[0])
	return n
}

func fixFast(dst []uint64, stride int, pairs []uint64, perG, perH float64) (n int, sumG, sumH int64) {
	n = len(pairs) &^ 3
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0, 0, 0
	}
	_ = dst[(n-1)*stride]
	var s [8]int64
	fixAVX2(&dst[0], 8*stride, &pairs[0], n, perG, perH, &s[0])
	return n, s[0] + s[1] + s[2] + s[3], s[4] + s[5] + s[6] + s[7]
}

func packFast(pairs []uint64) (n int, sumG, sumH int64) {
	n = len(pairs) &^ 3
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0, 0, 0
	}
	var s [8]int64
	packAVX2(&pairs[0], n, &s[0])
	return n, s[0] + s[1] + s[2] + s[3] - int64(n)<<31, s[4] + s[5] + s[6] + s[7]
}

func gather4Fast(a, b, c, d, data []uint64, rows []uint32, stride int) int {
	n := len(rows) &^ 3
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	gather4AVX2(&a[0], &b[0], &c[0], &d[0], &data[0], &rows[0], n, 8*stride)
	return n
}
