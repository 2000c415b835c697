//go:build amd64 && !noasm

package kernel

import "golang.org/x/sys/cpu"

// Fast reports whether the assembler runs on this machine. The vectors are as wide
// as with AVX2, but the code uses more than 16 registers, and so needs AVX-512.
func Fast() bool { return cpu.X86.HasAVX2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL }

// SetMeasures sets the measures m of four rules from their tables, given the number
// of all baskets, at most MostBaskets, and the share of a single basket. SetMeasures
// requires Fast, and does nothing and returns false if a cell of a table is empty or
// has no more baskets than by chance.
func SetMeasures(m [Rules]*Measures, t [Rules]*Table, baskets, share float64) bool {
	return measuresAVX2(&m[0].Support, &m[1].Support, &m[2].Support, &m[3].Support,
		&t[0].Both, &t[1].Both, &t[2].Both, &t[3].Both, baskets, share)
}

// SetP sets p to the p-values of four rules by Fisher's exact test, given their tables,
// the logarithms of the probabilities of the tables, the powers of 2 in parts of 1, and
// the number of all baskets, at most MostBaskets. The logarithms are to base 2, in
// units of 2⁻⁴⁶. SetP requires Fast, and does nothing and returns false if a rule has
// fewer baskets than by chance, or if more than eight tables with more baskets matter.
func SetP(p *[Rules]float64, t [Rules]*Table, logs *[Rules]int64, powers *[Powers]float64, baskets float64) bool {
	return fisherAVX2(&p[0], &logs[0], &t[0].Both, &t[1].Both, &t[2].Both, &t[3].Both, &powers[0], baskets)
}
