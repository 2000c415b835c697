package snappy

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/klauspost/compress/s2"
)

// checker decodes blocks between bytes that must stay as they are.
type checker struct {
	src, dst memory
	blank    []byte
}

const (
	most   = 1 << 20 // bytes of a block, compressed or not
	canary = 0xA5
	guards = 64
)

func newChecker(tb testing.TB) *checker {
	tb.Helper()
	if len(kernels()) == 0 {
		tb.Skip("no kernel for this machine")
	}
	size := most + guards + Slack
	return &checker{newMemory(tb, most), newMemory(tb, size), bytes.Repeat([]byte{canary}, size)}
}

// decode decodes the block with every kernel and reports whether they could. What
// they make of it is what the library does.
func (c *checker) decode(tb testing.TB, block []byte) bool {
	tb.Helper()
	n, err := s2.DecodedLen(block)
	if err != nil || n > most || len(block) > most {
		return false
	}
	want, err := s2.Decode(nil, block)
	src := c.src[len(c.src)-len(block):]
	copy(src, block)
	could := 0
	for name, tokens := range kernels() {
		whole := c.dst[len(c.dst)-guards-n-Slack:]
		copy(whole, c.blank)
		dst := whole[guards : guards+n : len(whole)]
		ok := decode(tokens, dst, src)
		switch {
		case ok && err != nil:
			tb.Fatalf("%s decodes a block of %d bytes, of which the library says: %v", name, len(block), err)
		case ok && !bytes.Equal(dst, want):
			tb.Fatalf("%s makes other bytes of a block of %d than the library", name, len(block))
		case !bytes.Equal(whole[:guards], c.blank[:guards]):
			tb.Fatalf("%s writes before the %d bytes of dst", name, n)
		case !bytes.Equal(src, block):
			tb.Fatalf("%s writes into the block", name)
		}
		if ok {
			could++
		}
	}
	if could != 0 && could != len(kernels()) {
		tb.Fatalf("%d of %d kernels decode a block of %d bytes", could, len(kernels()), len(block))
	}
	return could > 0
}

// whole fails unless every kernel makes of the block what it was made from.
func (c *checker) whole(tb testing.TB, b *block, what string) {
	tb.Helper()
	got, err := s2.Decode(nil, b.bytes())
	if err != nil || !bytes.Equal(got, b.want) {
		tb.Fatalf("%s: a wrong test: %v", what, err)
	}
	if !c.decode(tb, b.bytes()) {
		tb.Fatalf("%s: not decoded", what)
	}
}

// times is n, or less where tests are to be short.
func times(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

// Every offset that is treated as one of its own meets every length, in the middle
// of a block, where a kernel decodes it, and at its end.
func TestDecodeKnowsEveryCopy(t *testing.T) {
	c, rng := newChecker(t), rand.New(rand.NewPCG(1, 1))
	for _, before := range []int{40, 70_000} {
		first := begun(rng, before)
		offsets := []int{47, 48, 63, 64, 65, 255, 256, 2047, 2048, 65535, 65536, 69_999}
		for offset := range 41 {
			offsets = append(offsets, offset)
		}
		for _, offset := range offsets {
			for length := 1; length <= 64; length++ {
				for _, offsetBytes := range []int{1, 2, 4} {
					b := first.clone()
					if !b.copy(offset, length, offsetBytes) {
						continue
					}
					what := fmt.Sprintf("offset %d of %d in %d bytes, length %d", offset, before, offsetBytes, length)
					if before < 100 {
						c.whole(t, b, what)
					}
					b.copy(offset, 1+rng.IntN(64), 2)
					b.literal(random(rng, 60), 0)
					c.whole(t, b, what+", and more")
				}
			}
		}
	}
}

func TestDecodeKnowsEveryLiteral(t *testing.T) {
	c, rng := newChecker(t), rand.New(rand.NewPCG(2, 2))
	lengths := []int{255, 256, 257, 65535, 65536, 65537, 200_000}
	for n := 1; n <= 100; n++ {
		lengths = append(lengths, n)
	}
	for _, n := range lengths {
		for lengthBytes := range 5 {
			if lengthBytes == 0 && n > 60 || lengthBytes < 4 && n > 1<<(8*lengthBytes) && lengthBytes > 0 {
				continue
			}
			for _, before := range []int{1, 40} {
				b := begun(rng, before)
				b.literal(random(rng, n), lengthBytes)
				what := fmt.Sprintf("%d bytes, told in %d, behind %d", n, lengthBytes, before)
				c.whole(t, b, what)
				b.copy(1, 10, 1)
				b.literal(random(rng, 70), 1)
				c.whole(t, b, what+", and more")
			}
		}
	}
}

func TestDecodeAgreesWithTheLibrary(t *testing.T) {
	c, rng := newChecker(t), rand.New(rand.NewPCG(3, 3))
	for i := range times(2000) {
		c.whole(t, mixed(rng, i/8), fmt.Sprintf("mixed block %d", i))
	}
	for _, n := range []int{1, 2, 31, 32, 33, 64, 65, 100, 1000, 70_000, 300_000} {
		for _, s := range samples(rng, n) {
			for _, block := range [][]byte{s2.EncodeSnappy(nil, s.data), s2.EncodeSnappyBetter(nil, s.data), s2.EncodeSnappyBest(nil, s.data)} {
				if !c.decode(t, block) {
					t.Errorf("%d bytes of %s: not decoded", n, s.name)
				}
			}
		}
	}
}

// Whatever is wrong with a block, a kernel decodes it as the library does, or not
// at all, and touches nothing but its own.
func TestDecodeKeepsToItsMemoryWhateverTheBlockSays(t *testing.T) {
	c, rng := newChecker(t), rand.New(rand.NewPCG(4, 4))
	var blocks [][]byte
	for _, s := range samples(rng, 2000) {
		blocks = append(blocks, s2.EncodeSnappy(nil, s.data), s2.Encode(nil, s.data))
	}
	for i := range 20 {
		blocks = append(blocks, mixed(rng, 5*i).bytes())
	}
	for _, block := range blocks {
		for n := range block {
			if c.decode(t, block[:n]) {
				t.Fatalf("decoded %d bytes of a block of %d", n, len(block))
			}
		}
		damaged := make([]byte, len(block))
		for range times(3000) {
			copy(damaged, block)
			for range 1 + rng.IntN(3) {
				damaged[rng.IntN(len(damaged))] ^= 1 << rng.IntN(8)
			}
			c.decode(t, damaged)
		}
	}
}

func TestDecodeRefusesWhatItIsNotMadeFor(t *testing.T) {
	c, rng := newChecker(t), rand.New(rand.NewPCG(5, 5))
	b := begun(rng, 100)
	b.literal(random(rng, 100), 1)
	refuses := func(what string, dst, src []byte) {
		t.Helper()
		if Decode(dst, src) {
			t.Errorf("%s: decoded", what)
		}
	}
	refuses("no slack", make([]byte, 200, 200+Slack-1), b.bytes())
	refuses("a byte too few", make([]byte, 199, 500), b.bytes())
	refuses("a byte too many", make([]byte, 201, 500), b.bytes())
	refuses("no block", make([]byte, 0, 500), nil)
	if !Decode(make([]byte, 200, 200+Slack), b.bytes()) {
		t.Error("a good block: not decoded")
	}
	for name, bad := range map[string][]byte{
		"offset 0 of one byte, which means the last one to S2": {1, 0},
		"offset 0 of two bytes":                                {2, 0, 0},
		"offset 0 of four bytes":                               {3, 0, 0, 0, 0},
		"offset beyond the beginning":                          {2, 201, 0},
		"offset far beyond the beginning":                      {3, 255, 255, 255, 255},
	} {
		bad := &block{append(slices.Clone(b.tokens), bad...), append(slices.Clone(b.want), make([]byte, 200)...)}
		bad.literal(random(rng, 60), 0)
		if c.decode(t, bad.bytes()) {
			t.Errorf("%s: decoded", name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	c, rng := newChecker(f), rand.New(rand.NewPCG(6, 6))
	for _, s := range samples(rng, 300) {
		f.Add(s2.EncodeSnappy(nil, s.data))
	}
	for i := range 10 {
		f.Add(mixed(rng, 5*i).bytes())
	}
	f.Fuzz(func(t *testing.T, block []byte) { c.decode(t, block) })
}

func BenchmarkDecode(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, s := range samples(rng, 1<<20) {
		src := s2.EncodeSnappy(nil, s.data)
		dst := make([]byte, len(s.data), len(s.data)+Slack)
		for name, tokens := range kernels() {
			b.Run("data="+s.name+"/by="+name, func(b *testing.B) {
				b.SetBytes(int64(len(dst)))
				for b.Loop() {
					decode(tokens, dst, src)
				}
			})
		}
		b.Run("data="+s.name+"/by=library", func(b *testing.B) {
			b.SetBytes(int64(len(dst)))
			for b.Loop() {
				if _, err := s2.Decode(dst, src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
