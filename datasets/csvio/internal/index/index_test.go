package index

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// slowly is Fields, byte by byte.
func slowly(data []byte, from, to int, delim, newline byte) (pos []uint32, f Found) {
	ends := func(i int) bool { return data[i] == delim || data[i] == newline }
	for i := from; i < to; i++ {
		c := data[i]
		if ends(i) {
			pos = append(pos, uint32(i))
			if c == newline {
				f.Lines++
			}
			f.Padded = f.Padded || i > 0 && data[i-1] <= ' ' && !ends(i-1)
		} else {
			f.Padded = f.Padded || c <= ' ' && (i == 0 || ends(i-1))
		}
		f.Wide = f.Wide || c >= 0x80
	}
	f.Fields = len(pos)
	return pos, f
}

func against(t *testing.T, data []byte, from, to int, delim, newline byte) {
	t.Helper()
	pos := make([]uint32, to-from+Slack+1)
	const guard = 0xDEADBEEF
	pos[to-from+Slack] = guard
	got, ok := Fields(pos[:to-from+Slack], data, from, to, delim, newline)
	if !ok {
		t.Skip("no AVX2")
	}
	wantPos, want := slowly(data, from, to, delim, newline)
	if got != want || !slices.Equal(pos[:got.Fields], wantPos) {
		t.Fatalf("%q from %d to %d: got %+v %d, want %+v %d", data, from, to, got, pos[:got.Fields], want, wantPos)
	}
	if pos[to-from+Slack] != guard {
		t.Fatalf("%q: wrote beyond the room", data)
	}
}

// blocksOf cuts data to whole blocks and tries every start among them.
func blocksOf(t *testing.T, data []byte, delim, newline byte) {
	to := len(data) / Block * Block
	for from := 0; from < to; from += Block {
		against(t, data, from, to, delim, newline)
	}
}

func TestFieldsAgreesWithALoopOverBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 0))
	for round := range 4000 {
		data := make([]byte, Block*(1+rng.IntN(6)))
		pieces := []byte("abcdefghijklmnopqrstuvw,,,\n")
		switch round % 4 {
		case 1:
			pieces = []byte("a,")
		case 2:
			pieces = []byte("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz, \n")
		case 3:
			pieces = []byte("ab cd\tef\rgh,ij\n\x00\xff;\x21")
		}
		for i := range data {
			data[i] = pieces[rng.IntN(len(pieces))]
		}
		delim := []byte(",;\t")[rng.IntN(3)]
		blocksOf(t, data, delim, '\n')
		blocksOf(t, data, delim, '\r')
	}
}

func FuzzFields(f *testing.F) {
	f.Add([]byte("a, b,c \n0123456789012345678901234567890123456789012345678901234567890123456789"), byte(','))
	f.Fuzz(func(t *testing.T, data []byte, delim byte) { blocksOf(t, data, delim, '\n') })
}
