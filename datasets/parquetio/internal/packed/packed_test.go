package packed

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// slowly unpacks n numbers bit by bit.
func slowly(src []byte, n, width int) []uint32 {
	numbers := make([]uint32, n)
	for i := range numbers {
		for b := range width {
			bit := i*width + b
			numbers[i] |= uint32(src[bit>>3]>>(bit&7)&1) << b
		}
	}
	return numbers
}

func TestUnpackAgreesWithALoopOverBits(t *testing.T) {
	if !Fast() {
		t.Skip("no AVX2")
	}
	rng := rand.New(rand.NewPCG(5, 5))
	for width := 1; width <= MaxWidth; width++ {
		for n := range 200 {
			for _, more := range []int{0, 1, 7, 40} {
				src := make([]byte, (n*width+7)/8+more)
				for i := range src {
					src[i] = byte(rng.Uint32())
				}
				dst := make([]uint32, n+1)
				dst[n] = 0xDEADBEEF
				got, greatest := Unpack(dst[:n], src, width)
				want := slowly(src, got, width)
				if got%8 != 0 || got > n || !slices.Equal(dst[:got], want) || got > 0 && greatest != slices.Max(want) {
					t.Fatalf("%d of %d bits, %d bytes more: got %d, %v, greatest %d, want %v", n, width, more, got, dst[:got], greatest, want)
				}
				if more == 40 && got != n/8*8 {
					t.Fatalf("%d of %d bits: got %d, though there is room", n, width, got)
				}
				for _, x := range dst[got:n] {
					if x != 0 {
						t.Fatalf("%d of %d bits: wrote beyond the %d it says", n, width, got)
					}
				}
				if dst[n] != 0xDEADBEEF {
					t.Fatalf("%d of %d bits: wrote beyond the room", n, width)
				}
			}
		}
	}
}

func TestUnpackLeavesOtherWidths(t *testing.T) {
	for _, width := range []int{-1, 0, MaxWidth + 1, 32} {
		if n, _ := Unpack(make([]uint32, 16), make([]byte, 200), width); n != 0 {
			t.Errorf("%d bits: got %d numbers, want none", width, n)
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	for _, width := range []int{11, 17} {
		b.Run(fmt.Sprintf("width=%d", width), func(b *testing.B) {
			dst, src := make([]uint32, 8192), make([]byte, 8192*width/8+32)
			b.SetBytes(int64(4 * len(dst)))
			for b.Loop() {
				Unpack(dst, src, width)
			}
		})
	}
}
