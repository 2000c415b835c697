// Command gen writes the AVX2 sorting networks of package sorting. Run it with
// "go generate" in that package; it is a module of its own so that the project
// does not depend on the generator.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	sort()
	Generate()
}

// leaf is the number of rows that are sorted in registers.
const leaf = 8

// width is the number of bytes of a row: four numbers, a register.
const width = 32

// network sorts a leaf by 19 comparisons, as few as can be.
var network = [][2]int{
	{0, 2}, {1, 3}, {4, 6}, {5, 7},
	{0, 4}, {1, 5}, {2, 6}, {3, 7},
	{0, 1}, {2, 3}, {4, 5}, {6, 7},
	{2, 4}, {3, 5},
	{1, 4}, {3, 6},
	{1, 2}, {3, 4}, {5, 6},
}

// halves sorts a leaf that rises and then falls, or the other way round.
var halves = [][2]int{
	{0, 4}, {1, 5}, {2, 6}, {3, 7},
	{0, 2}, {1, 3}, {4, 6}, {5, 7},
	{0, 1}, {2, 3}, {4, 5}, {6, 7},
}

// sort is a bitonic sort that begins with leaves. Sorted stretches of m rows are made
// into ones of 2m: rows equally far from the inner ends are compared, which
// leaves the smaller half of all before the larger half; then rows half, a
// quarter, … of m apart, the last three times in registers.
func sort() {
	TEXT("sortAVX2", NOSPLIT, "func(rows *int64, n int)")
	Doc("sortAVX2 sorts each column of n rows; n is 8, 16, 32, …")
	rows := Load(Param("rows"), GP64())
	n := Load(Param("n"), GP64())
	SHLQ(operand.Imm(5), n) // all in bytes from here on
	end := GP64()
	LEAQ(operand.Mem{Base: rows, Index: n, Scale: 1}, end)

	at := GP64()
	MOVQ(rows, at)
	Label("leaf")
	inRegisters(at, network)
	ADDQ(operand.U32(leaf*width), at)
	CMPQ(at, end)
	JB(operand.LabelRef("leaf"))

	m := GP64()
	MOVQ(operand.U32(leaf*width), m)
	Label("double")
	CMPQ(m, n)
	JAE(operand.LabelRef("done"))

	// rows equally far from the inner ends
	low, high := GP64(), GP64()
	MOVQ(rows, at)
	Label("mirror")
	LEAQ(operand.Mem{Base: at, Index: m, Scale: 1, Disp: -width}, low)
	LEAQ(operand.Mem{Base: at, Index: m, Scale: 1}, high)
	Label("inward")
	inMemory(low, high, 0)
	SUBQ(operand.Imm(width), low)
	ADDQ(operand.Imm(width), high)
	CMPQ(low, at)
	JAE(operand.LabelRef("inward"))
	MOVQ(high, at)
	CMPQ(at, end)
	JB(operand.LabelRef("mirror"))

	// rows apart, as long as they are not of one leaf
	apart, stop := GP64(), GP64()
	MOVQ(m, apart)
	Label("halve")
	SHRQ(operand.Imm(1), apart)
	CMPQ(apart, operand.U32(leaf*width/2))
	JBE(operand.LabelRef("finish"))
	MOVQ(rows, low)
	Label("block")
	LEAQ(operand.Mem{Base: low, Index: apart, Scale: 1}, high)
	MOVQ(high, stop)
	Label("pair")
	for i := range leaf {
		inMemory(low, high, i*width)
	}
	ADDQ(operand.U32(leaf*width), low)
	ADDQ(operand.U32(leaf*width), high)
	CMPQ(low, stop)
	JB(operand.LabelRef("pair"))
	MOVQ(high, low)
	CMPQ(low, end)
	JB(operand.LabelRef("block"))
	JMP(operand.LabelRef("halve"))

	Label("finish")
	MOVQ(rows, at)
	Label("last")
	inRegisters(at, halves)
	ADDQ(operand.U32(leaf*width), at)
	CMPQ(at, end)
	JB(operand.LabelRef("last"))
	SHLQ(operand.Imm(1), m)
	JMP(operand.LabelRef("double"))

	Label("done")
	VZEROUPPER()
	RET()
}

// inRegisters applies a network to the leaf at an address.
func inRegisters(at reg.GPVirtual, network [][2]int) {
	var row [leaf]reg.VecVirtual
	for i := range row {
		row[i] = YMM()
		VMOVDQU(operand.Mem{Base: at, Disp: i * width}, row[i])
	}
	for _, pair := range network {
		row[pair[0]], row[pair[1]] = compare(row[pair[0]], row[pair[1]])
	}
	for i := range row {
		VMOVDQU(row[i], operand.Mem{Base: at, Disp: i * width})
	}
}

// inMemory compares two rows.
func inMemory(low, high reg.GPVirtual, disp int) {
	a, b := YMM(), YMM()
	VMOVDQU(operand.Mem{Base: low, Disp: disp}, a)
	VMOVDQU(operand.Mem{Base: high, Disp: disp}, b)
	a, b = compare(a, b)
	VMOVDQU(a, operand.Mem{Base: low, Disp: disp})
	VMOVDQU(b, operand.Mem{Base: high, Disp: disp})
}

// compare returns the smaller and the larger values of two rows.
func compare(a, b reg.VecVirtual) (low, high reg.VecVirtual) {
	greater, low, high := YMM(), YMM(), YMM()
	VPCMPGTQ(b, a, greater)
	VBLENDVPD(greater, b, a, low)
	VBLENDVPD(greater, a, b, high)
	return low, high
}
