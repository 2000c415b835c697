package snappy

// token decodes the token at byte s of src, which is within it, and returns the
// end of the token in dst and src, or false if the token is damaged or leads out
// of either.
func token(dst []byte, d int, src []byte, s int) (dNext, sNext int, ok bool) {
	kind, x := src[s]&3, uint64(src[s]>>2)
	s++
	follow := 0 // how many bytes of a number
	switch {
	case kind > 0:
		follow = 1 << kind >> 1
	case x >= 60:
		follow = int(x) - 59
	}
	if len(src)-s < follow {
		return 0, 0, false
	}
	number := uint64(0)
	for i, b := range src[s : s+follow] {
		number |= uint64(b) << (8 * i)
	}
	s += follow
	if kind == 0 {
		if follow == 0 {
			number = x
		}
		if number >= uint64(len(src)-s) || number >= uint64(len(dst)-d) {
			return 0, 0, false
		}
		n := copy(dst[d:], src[s:s+int(number)+1])
		return d + n, s + n, true
	}
	length := int(x) + 1
	if kind == 1 {
		number |= x >> 3 << 8
		length = int(x&7) + 4
	}
	if number == 0 || number > uint64(d) || length > len(dst)-d {
		return 0, 0, false
	}
	from := d - int(number)
	for end := d + length; d < end; {
		d += copy(dst[d:end], dst[from:d])
	}
	return d, s, true
}
