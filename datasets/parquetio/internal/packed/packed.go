// Package packed unpacks numbers of a few bits each with the vector instructions
// of the machine, where available.
package packed

//go:generate sh -c "cd gen && go run . -out ../packed_amd64.s -stubs ../stub_amd64.go -pkg packed"

// MaxWidth is the most bits of a number that Unpack knows.
const MaxWidth = 25

// Unpack reads numbers of width bits each, least significant bit first, from the
// beginning of src into dst, eight at a time. The result is the count and the
// greatest of the numbers read. Some numbers at the end stay unread, where whole
// vectors cannot be read, and all numbers if the width is 0 or beyond MaxWidth
// or the machine lacks the instructions.
func Unpack(dst []uint32, src []byte, width int) (n int, greatest uint32) {
	if !Fast() || width < 1 || width > MaxWidth {
		return 0, 0
	}
	const vector = 16 // bytes, of which one begins in the middle of each eight numbers
	room := len(src) - vector - width/2
	if room < 0 {
		return 0, 0
	}
	eights := min(len(dst)/8, room/width+1)
	if eights == 0 {
		return 0, 0
	}
	return 8 * eights, unpack(dst, src, eights, width)
}
