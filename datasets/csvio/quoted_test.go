package csvio

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// What is seen in one stretch of a block may concern a record that ends in a
// later one. Here records are short and long, and hardly any holds anything out
// of the ordinary, so that most stretches have none of it.
func TestRareTextsAreReadAlikeWhereverStretchesEnd(t *testing.T) {
	const seed = 3
	rng := rand.New(rand.NewPCG(seed, 0))
	rare := []string{"", "a\"\"b", "\"\"", "c\nd", " e", "f ", "\tg\n", "h\r\n", "é", "\xff", ",", "\r"}
	faults := 0
	for round := range 40 {
		var b strings.Builder
		b.WriteString("a,b,c\n")
		for b.Len() < 300_000 {
			for field := range 3 {
				text := strings.Repeat("x", rng.IntN(8))
				long := rng.IntN(200) == 0
				if long {
					text = strings.Repeat("y", rng.IntN(3*stretch))
				}
				if rng.IntN(500) == 0 || long && rng.IntN(2) == 0 {
					special := rare[rng.IntN(len(rare))]
					if rng.IntN(2) == 0 {
						text += special
					} else {
						text = special + text
					}
				}
				switch {
				case strings.ContainsAny(text, "\",\r\n") || rng.IntN(1+round%4) == 0:
					b.WriteString("\"" + text + "\"")
				default:
					b.WriteString(text)
				}
				if field < 2 {
					b.WriteByte(',')
				}
			}
			switch {
			case round%5 == 1:
				b.WriteByte('\r')
			case round%5 == 2 && rng.IntN(1000) == 0:
				b.WriteString("\"z\"z")
			case round%5 == 3 && rng.IntN(100) == 0:
				b.WriteString(",\n")
			}
			b.WriteByte('\n')
		}
		text := b.String()
		o := Options{Delimiter: ',', Header: true}
		want := bySyntax(t, text, o)
		faults += len(want.faults)
		for _, size := range []int{70_000, 128 << 10, 0} {
			o.BlockSize = size
			got := mustRead(t, text, o)
			got.names = nil // which the scanner does not tell
			if d := diff(want, got); d != "" {
				t.Fatalf("round %d, blocks of %d bytes (seed %d; -want +got):\n%.2000s", round, size, seed, d)
			}
		}
	}
	if faults < 20 {
		t.Errorf("only %d faults (seed %d)", faults, seed)
	}
}
