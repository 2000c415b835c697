package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// copier writes the instructions that put 32 bytes of a token behind what has been
// written, of which only the first few need to be right.
type copier interface {
	begin(r *registers) // before the loop
	put(r *registers)   // in the loop
	rare(r *registers)  // behind the loop: what put branches to
}

// registers are those that the loop shares with a copier.
type registers struct {
	tables reg.Register // address of the tables
	dst    reg.Register // address of the first byte
	d      reg.Register // bytes written
	from   reg.Register // address of the bytes to be copied; lost by put
	offset reg.Register // how far back they are, 32 if farther, 32 for a literal; lost by put
	length reg.Register // bytes to be written, 1 to 32
}

// permuter keeps the last 32 bytes written in a register, from which it takes what
// lies less than 32 bytes back. To load that from memory would have to wait, since
// it stands in several stores that are still under way.
type permuter struct{ history reg.VecVirtual }

func (p *permuter) begin(r *registers) {
	p.history = YMM()
	VMOVDQU(at(r.dst, r.d, -longest), p.history)
}

func (p *permuter) put(r *registers) {
	bytes, source, length := YMM(), YMM(), GP64()
	CMPQ(r.offset, operand.Imm(longest))
	CMOVQCS(r.dst, r.from) // anything but what was just written
	VMOVDQU(operand.Mem{Base: r.from}, source)
	SHLQ(operand.Imm(5), r.offset)
	VMOVDQU(at(r.tables, r.offset, atOffsets), bytes)
	VPERMI2B(source, p.history, bytes)
	VMOVDQU(bytes, at(r.dst, r.d, 0))
	order := YMM()
	MOVQ(r.length, length)
	SHLQ(operand.Imm(5), length)
	VMOVDQU(at(r.tables, length, atLengths), order)
	VPERMT2B(bytes, order, p.history)
}

func (*permuter) rare(*registers) {}

// shuffler takes everything from memory, in two halves.
type shuffler struct{}

func (*shuffler) begin(*registers) {}

func (*shuffler) put(r *registers) {
	bytes, second, near := YMM(), GP64(), r.offset
	SHLQ(operand.Imm(6), near)
	ADDQ(r.tables, near)
	MOVBQZX(operand.Mem{Base: near, Disp: atShuffles + shuffleSecond}, second)
	VMOVDQU(operand.Mem{Base: r.from}, bytes.AsX())
	VINSERTI128(operand.Imm(1), at(r.from, second, 0), bytes, bytes)
	VPSHUFB(operand.Mem{Base: near, Disp: atShuffles}, bytes, bytes)
	VMOVDQU(bytes, at(r.dst, r.d, 0))
	CMPB(r.length.(reg.GPVirtual).As8(), operand.Mem{Base: near, Disp: atShuffles + shuffleWhole})
	JHI(operand.LabelRef("overlapping"))
	Label("written")
}

// rare copies the second half anew where it begins in the first.
func (*shuffler) rare(r *registers) {
	Label("overlapping")
	bytes := XMM()
	VMOVDQU(operand.Mem{Base: r.from, Disp: 16}, bytes)
	VMOVDQU(bytes, at(r.dst, r.d, 16))
	JMP(operand.LabelRef("written"))
}
