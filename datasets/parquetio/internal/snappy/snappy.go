// Package snappy decodes well-formed blocks of Snappy with the vector instructions
// of the machine, where available. Other blocks, malformed or with extensions of
// Snappy, are left to a library.
package snappy

import "encoding/binary"

//go:generate sh -c "cd gen && go run . -out ../snappy_amd64.s -stubs ../stub_amd64.go -pkg snappy"

// Slack is how many bytes behind the decoded block are overwritten.
const Slack = 32

// kernel decodes tokens of src from byte s on into the bytes of dst from byte d
// on, and returns the place in both where it stopped: at or after the end of a
// block of n bytes, beyond byte last of src, or at an unknown token. Each write
// has 32 bytes and begins before byte n; reads go up to 33 bytes beyond byte last
// of src; d must be at least 32.
type kernel func(dst *byte, d, n int, src *byte, s, last int) (dNext, sNext int)

const (
	behind = 33 // bytes of src that a kernel may read behind the byte last
	ahead  = 32 // bytes of dst that must have been written before a kernel
)

// Decode decodes the block src into dst, which must have the length of the block
// and capacity for Slack more bytes; the two must not overlap. If the result is
// false, the contents of dst are unspecified, and the block is damaged, of another
// length, uses the extensions of S2, or the machine lacks the instructions.
// Nothing outside of dst and its slack is written, and nothing outside of src
// read, whatever the bytes of src.
func Decode(dst, src []byte) bool { return decode(best(), dst, src) }

func decode(tokens kernel, dst, src []byte) bool {
	if tokens == nil || cap(dst)-len(dst) < Slack {
		return false
	}
	n, s := binary.Uvarint(src)
	if s <= 0 || n != uint64(len(dst)) {
		return false
	}
	d, last := 0, len(src)-1-behind
	for s < len(src) {
		if ahead <= d && d < len(dst) && s <= last {
			if d, s = tokens(&dst[0], d, len(dst), &src[0], s, last); d > len(dst) {
				return false
			}
		}
		var ok bool
		if d, s, ok = token(dst, d, src, s); !ok {
			return false
		}
	}
	return d == len(dst)
}
