// Command gen writes the assembler of package kernel. Run it with "go generate"
// in that package; it is a module of its own so that the project does not depend
// on the generator.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	add("add8", 8)
	add("add4", 4)
	magic := number("magic", 1.5*(1<<52)) // adding it rounds to an integer
	sign, low := everywhere("sign", 1<<63), everywhere("low", 1<<32-1)
	logistic(magic, sign)
	fix(magic, low)
	pack(low, sign)
	gather()
	Generate()
}

// binBytes is the size of the sums of a column: 256 words.
const binBytes = 256 * 8

// add writes the kernel that adds n rows, whose words are stride bytes apart, to
// the sums of columns, two columns for each shift of the word, and prefetches
// about n·rate/2³² rows meanwhile.
func add(name string, columns int) {
	TEXT(name+"ASM", NOSPLIT, "func(sums *uint64, words *uint64, stride int, values *uint64, n int, data *uint64, ahead *uint32, rate int, rowBytes int)")
	Doc(name + "ASM is " + "Add" + name[3:] + " for at least one row; stride and rowBytes are in bytes.")
	sums := Load(Param("sums"), GP64())
	words := Load(Param("words"), GP64())
	stride := Load(Param("stride"), GP64())
	values := Load(Param("values"), GP64())
	n := Load(Param("n"), GP64())
	data := Load(Param("data"), GP64())
	ahead := Load(Param("ahead"), GP64())
	rate := Load(Param("rate"), GP64())
	rowBytes := Load(Param("rowBytes"), GP64())
	done := GP64()
	XORQ(done, done)

	Label(name + "Row")
	at := GP64()
	MOVQ(done, at)
	SHRQ(operand.Imm(32), at)
	MOVL(operand.Mem{Base: ahead, Index: at, Scale: 4}, at.As32())
	IMULQ(rowBytes, at)
	PREFETCHT1(operand.Mem{Base: data, Index: at, Scale: 1})
	ADDQ(rate, done)

	v := GP64()
	MOVQ(operand.Mem{Base: values}, v)
	ADDQ(operand.Imm(8), values)
	w := reg.RAX
	MOVQ(operand.Mem{Base: words}, w)
	ADDQ(stride, words)
	for j := 0; j < columns; j += 2 {
		low, high := GP64(), reg.RBX // AH cannot be had together with R8 to R15
		MOVBLZX(reg.AL, low.As32())
		MOVBLZX(reg.AH, reg.EBX)
		if j+2 < columns {
			SHRQ(operand.Imm(16), w)
		}
		ADDQ(v, operand.Mem{Base: sums, Index: low, Scale: 8, Disp: j * binBytes})
		ADDQ(v, operand.Mem{Base: sums, Index: high, Scale: 8, Disp: (j + 1) * binBytes})
	}
	DECQ(n)
	JNZ(operand.LabelRef(name + "Row"))
	RET()
}
