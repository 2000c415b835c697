package campaign

import (
	"crypto/sha256"
	"encoding/binary"
)

// draw returns a number in [0,1) that follows from a campaign, a purpose and a customer
// alone: the first eight bytes of SHA-256 over the three with zero bytes between, over 2⁶⁴.
func draw(campaign, purpose string, customer []byte) float64 {
	h := sha256.New()
	h.Write([]byte(campaign))
	h.Write([]byte{0})
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write(customer)
	var sum [sha256.Size]byte
	return float64(binary.BigEndian.Uint64(h.Sum(sum[:0]))>>11) / (1 << 53)
}
