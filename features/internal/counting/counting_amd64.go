//go:build amd64 && !noasm

package counting

// fast tells that assembler exists; every machine has the instructions.
const fast = true
