//go:build amd64 && !noasm

package kernel

import "golang.org/x/sys/cpu"

// Chunk is the number of rows to gather and add up at a time: few enough for them
// to stay in a fast cache until they are added.
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

// prepare returns what the assembler takes to fetch a evenly among n steps: at
// step i it fetches row i·rate/2³². With nothing to fetch it fetches what is at
// hand.
func (a Ahead) prepare(words []uint64, n int) (data *uint64, rows *uint32, rate int) {
	if len(a.Rows) == 0 {
		return &words[0], new(uint32), 0
	}
	return &a.Data[0], &a.Rows[0], len(a.Rows) << 32 / n
}

// logisticFast does what it can of Logistic and returns the number of rows done.
func logisticFast(pairs []uint64, score, target []float64, s *LogisticSums) int {
	n := len(pairs) &^ 3
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	logisticAVX2(&pairs[0], &score[0], &target[0], n, &s.Product[0], &exp2Table[0])
	return n
}
