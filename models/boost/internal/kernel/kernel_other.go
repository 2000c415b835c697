//go:build !amd64 || noasm

package kernel

// Chunk is the number of rows to gather and add up at a time: many, for nothing
// is fetched ahead, and a loop that only gathers has most cache misses in flight.
const Chunk = 1 << 14

func add8Fast(*Sums, []uint64, int, []uint64, Ahead) bool { return false }

func add4Fast(*Sums, []uint64, int, []uint64, Ahead) bool { return false }

func logisticFast([]uint64, []float64, []float64, *LogisticSums) int { return 0 }

func fixFast([]uint64, int, []uint64, float64, float64) (n int, sumG, sumH int64) { return 0, 0, 0 }

func packFast([]uint64) (n int, sumG, sumH int64) { return 0, 0, 0 }

func gather4Fast(_, _, _, _, _ []uint64, _ []uint32, _ int) int { return 0 }
