// Package snappy decodes well-formed blocks of Snappy with the vector instructions
// of the machine, where it has them. What is not well-formed, and what only the
// extensions of Snappy know, it leaves to a library.
package snappy

import "encoding/binary"

//go:generate sh -c "cd gen && go run . -out ../snappy_amd64.s -stubs ../stub_amd64.go -pkg snappy"

// Slack is how many bytes behind the decoded block are overwritten.
const Slack = 32

// kernel decodes tokens of src from byte s on into the bytes of dst from byte d
// on, and returns where it stopped in both: at the end of a block of n bytes or
// behind it, beyond byte last of src, or at a token that it does not know. It
// writes 32 bytes at a time, beginning before byte n, reads up to 33 bytes behind
// byte last of src, and wants d to be at least 32.
type kernel func(dst *byte, d, n int, src *byte, s, last int) (dNext, sNext int)

const (
	behind = 33 // bytes of src that a kernel may read behind the byte last
	ahead  = 32 // bytes of dst that must have been written before a kernel
)

// Decode decodes the block src into dst, which must be as long as the block is and
// have room for Slack bytes behind its length; the two must not overlap. It
// reports whether it did: if not, the contents of dst are unspecified, and the
// block is damaged, of another length, uses the extensions of S2, or the machine
// lacks the instructions. Nothing outside of dst and its slack is written, and
// nothing outside of src read, whatever src says.
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
