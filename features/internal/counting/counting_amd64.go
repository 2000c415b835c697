//go:build amd64 && !noasm

package counting

// fast says that there is assembler; every machine has its instructions.
const fast = true
