package kernel

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestRegistersBeyondSixteenAreAskedFor compares the assembler with what Fast asks of
// the machine: a register from 16 on needs AVX-512, and ends the program with an
// illegal instruction on a machine that has AVX2 alone.
func TestRegistersBeyondSixteenAreAskedFor(t *testing.T) {
	text, err := os.ReadFile("kernel_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	guard, err := os.ReadFile("kernel_amd64.go")
	if err != nil {
		t.Fatal(err)
	}
	high := regexp.MustCompile(`\b[XY](1[6-9]|2[0-9]|3[01])\b`).Match(text)
	if asked := strings.Contains(string(guard), "HasAVX512VL"); high != asked {
		t.Errorf("the assembler uses registers beyond the 16 of AVX2: %v; Fast asks for AVX-512: %v; want both alike", high, asked)
	}
}
