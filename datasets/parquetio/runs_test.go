package parquetio

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

// pack is unpack backwards, bit by bit.
func pack(values []int64, width int) []byte {
	out := make([]byte, (len(values)*width+7)/8)
	for i, v := range values {
		for b := range width {
			if v>>b&1 == 1 {
				out[(i*width+b)/8] |= 1 << ((i*width + b) % 8)
			}
		}
	}
	return out
}

func TestUnpackUndoesPackForEveryWidth(t *testing.T) {
	const seed = 1
	rng := rand.New(rand.NewPCG(seed, 0))
	for width := range 65 {
		for _, n := range []int{0, 1, 7, 8, 9, 31, 32, 100} {
			want := make([]int64, n)
			for i := range want {
				if width > 0 {
					want[i] = int64(rng.Uint64() >> (64 - width))
				}
			}
			got := make([]int64, n)
			unpack(got, pack(want, width), width)
			if !slices.Equal(got, want) {
				t.Errorf("width %d, %d numbers (seed %d): got %v, want %v", width, n, seed, got, want)
			}
		}
	}
}

// The example of the format's specification: the numbers 0 to 7 in 3 bits each.
func TestHybridReadsTheExampleOfTheSpecification(t *testing.T) {
	got := make([]uint32, 8)
	if err := hybrid(got, []byte{1<<1 | 1, 0b10001000, 0b11000110, 0b11111010}, 3); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []uint32{0, 1, 2, 3, 4, 5, 6, 7}) {
		t.Errorf("got %v, want 0 to 7", got)
	}
}

func TestHybridReadsRunsAndRefusesDamage(t *testing.T) {
	f := func(src []byte, width, n int, want ...uint32) {
		t.Helper()
		got := make([]uint32, n)
		err := hybrid(got, src, width)
		if want == nil && err == nil || want != nil && (err != nil || !slices.Equal(got, want)) {
			t.Errorf("%v in %d bits: got %v, %v; want %v", src, width, got, err, want)
		}
	}
	f([]byte{3 << 1, 5, 1<<1 | 1, 0xe4, 0x00, 0x00}, 3, 5, 5, 5, 5, 4, 4) // 0xe4 begins 100, 100
	f([]byte{0, 1}, 1, 3)                                                 // a run of no values
	f([]byte{9 << 1, 1}, 1, 3, 1, 1, 1)                                   // a run longer than the page
	f([]byte{1<<1 | 1, 0x05}, 1, 3, 1, 0, 1)
	f([]byte{}, 0, 2, 0, 0) // one value needs no bits
	f([]byte{}, 1, 1)
	f([]byte{2 << 1}, 8, 2)                                               // no value
	f([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 1, 1) // no end
	f(append(binary.AppendUvarint(nil, 1<<62|1), 1), 32, 9)               // more groups than bytes
	f([]byte{2, 0}, 33, 1)
}

func TestValidityFollowsTheLevels(t *testing.T) {
	const n = 150
	// 70 ones, 8 groups of alternating bits beginning with 1, 16 zeros
	src := []byte{70<<1&0x7f | 0x80, 1, 1, 8<<1 | 1}
	for range 8 {
		src = append(src, 0x55)
	}
	src = append(src, 16<<1, 0)
	valid := datasets.NewBitmap(n)
	var l levels
	l.begin(src, n)
	ones, err := l.take(valid, n)
	if err != nil || ones != 70+32 {
		t.Fatalf("got %d ones, %v; want 102", ones, err)
	}
	for i := range n {
		want := i < 70 || i < 134 && i%2 == 0
		if valid.Get(i) != want {
			t.Errorf("bit %d: got %v, want %v", i, valid.Get(i), want)
		}
	}
	l.begin([]byte{8 << 1, 2}, 8)
	if _, err := l.take(valid, 8); err == nil {
		t.Error("a level of 2: got no error, want one")
	}
}

func TestCopyBits(t *testing.T) {
	const seed = 2
	rng := rand.New(rand.NewPCG(seed, 0))
	src := datasets.Bitmap{rng.Uint64(), rng.Uint64(), rng.Uint64(), rng.Uint64()}
	for range 500 {
		from, at := rng.IntN(100), rng.IntN(100)
		n := rng.IntN(150)
		dst := datasets.NewBitmap(256)
		copyBits(dst, at, src, from, n)
		for i := range 256 {
			want := i >= at && i < at+n && src.Get(from+i-at)
			if dst.Get(i) != want {
				t.Fatalf("%d bits from %d to %d (seed %d): bit %d is %v, want %v", n, from, at, seed, i, dst.Get(i), want)
			}
		}
	}
}

// The first example of the format's specification: 1 to 5 in one block.
func TestDeltasReadTheExampleOfTheSpecification(t *testing.T) {
	// block of 128 in 1, five numbers, the first is 1 (zigzag 2); least difference 1 (zigzag 2), no bits
	src := append(binary.AppendUvarint(nil, 128), 1, 5, 2, 2, 0, 'x')
	got := make([]int64, 5)
	rest, err := deltas(got, src)
	if err != nil || !slices.Equal(got, []int64{1, 2, 3, 4, 5}) || string(rest) != "x" {
		t.Errorf("got %v, %q, %v; want 1 to 5 and x", got, rest, err)
	}
	// the second: 7 5 3 1 2 3 4 5; differences from the least, -2, in two bits
	src = append(binary.AppendUvarint(nil, 128), 4, 8, 14, 3, 2, 0, 0, 0)
	src = append(src, pack([]int64{0, 0, 0, 3, 3, 3, 3}, 2)...)
	got = make([]int64, 8)
	if _, err = deltas(got, src); err != nil || !slices.Equal(got, []int64{7, 5, 3, 1, 2, 3, 4, 5}) {
		t.Errorf("got %v, %v; want 7 5 3 1 2 3 4 5", got, err)
	}
}

func TestDeltasRefuseDamage(t *testing.T) {
	f := func(n int, src ...byte) {
		t.Helper()
		if _, err := deltas(make([]int64, n), src); err == nil {
			t.Errorf("%v: got no error, want one", src)
		}
	}
	f(5)
	f(5, 0x80, 1, 0, 5, 2)             // no miniblocks
	f(5, 0x80, 1, 1, 4, 2, 2, 0)       // another number of values than the page has
	f(5, 0x80, 1, 1, 5, 2, 2)          // no widths
	f(5, 0x80, 1, 1, 5, 2, 2, 65)      // 65 bits
	f(5, 0x80, 1, 1, 5, 2, 2, 8, 1)    // too few bytes
	f(5, 0xff, 0xff, 0xff, 0xff, 0xff) // no end
	f(5, 7, 7, 5, 2, 2, 0)             // a miniblock of one number
}

func TestDeltaTextsCannotExplode(t *testing.T) {
	// 200,000 texts, each as long as the one before it plus its own byte
	const n = 200_000
	prefixes := append(binary.AppendUvarint(nil, 128), 1)
	prefixes = append(binary.AppendUvarint(prefixes, n), 0)
	suffixes := append(binary.AppendUvarint(nil, 128), 1)
	suffixes = append(binary.AppendUvarint(suffixes, n), 2)
	for i := 1; i < n; i += 128 {
		prefixes = append(prefixes, 2, 0)
		suffixes = append(suffixes, 0, 0)
	}
	src := append(prefixes, suffixes...)
	src = append(src, strings.Repeat("x", n)...)
	var texts datasets.Strings
	err := deltaTexts(&texts, src, make([]int64, n), make([]int64, n))
	if err == nil || len(texts.Data) > 128<<20 {
		t.Errorf("got %v and %d bytes, want an error before 128 MiB", err, len(texts.Data))
	}
}
