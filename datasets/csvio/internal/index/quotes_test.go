package index

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// endsSlowly is Ends followed by Positions, byte by byte, from the start of a
// record. What it says is true unless something is wrong.
func endsSlowly(data []byte, delim, newline byte) (pos []uint32, s Seen, inside bool) {
	const (
		start  = iota // of a field
		bare          // in a field without quotes
		quoted        // inside quotes
		after         // the quote that may have closed a field
		closed        // the CR after it
	)
	state := start
	ends := make([]bool, len(data))
	wrong := func() { s.Wrong = 1 }
	for i, c := range data {
		if c == newline {
			s.Lines++
		}
		if c == '"' {
			s.Marks = 1
		}
		if c >= 0x80 {
			s.Wide = 1
		}
		if state == quoted {
			if c == newline {
				s.Embedded = 1
			}
			if c == '"' {
				state = after
			}
			continue
		}
		switch {
		case state == closed && c != newline:
			wrong()
		case c == delim || c == newline:
			ends[i] = true
			pos = append(pos, uint32(i))
			if c == newline {
				s.Records++
			}
			state = start
		case state == start && c == '"':
			state = quoted
		case state == after && c == '"':
			s.Doubled = 1
			state = quoted
		case state == after && c == '\r':
			state = closed
		case state == after || c == '"':
			wrong()
		default:
			state = bare
		}
	}
	tip := func(i int) bool { return i < 0 || i < len(data) && (ends[i] || data[i] == '"') }
	for i, c := range data {
		if c <= ' ' && !ends[i] && (tip(i-1) || tip(i+1)) {
			s.Padded = 1
		}
	}
	return pos, s, state == quoted
}

// truth makes the bits of s comparable.
func truth(s Seen) Seen {
	for _, p := range []*uint64{&s.Wrong, &s.Marks, &s.Doubled, &s.Embedded, &s.Padded, &s.Wide} {
		*p = min(*p, 1)
	}
	return s
}

// endsAgainst holds Ends, called for that many blocks at a time, and Positions
// against the loop over bytes.
func endsAgainst(t *testing.T, data []byte, blocks int, delim, newline byte) {
	t.Helper()
	data = data[:len(data)/Block*Block]
	if len(data) == 0 || !Fast() {
		return
	}
	const guard = 0xDEADBEEFDEADBEEF
	ends := make([]uint64, len(data)/Block+1)
	ends[len(data)/Block] = guard
	var got Seen
	q := AtRecord()
	for from := 0; from < len(data); from += blocks * Block {
		to := min(from+blocks*Block, len(data))
		q.Seen = Seen{}
		if !q.Ends(ends[from/Block:to/Block], data[from:to], delim, newline) {
			t.Fatal("Ends did nothing on a fast machine")
		}
		lines, records := got.Lines+q.Lines, got.Records+q.Records
		got = got.Or(q.Seen)
		got.Lines, got.Records = lines, records
	}
	if ends[len(data)/Block] != guard {
		t.Fatalf("%q: wrote beyond the room", data)
	}
	wantPos, want, inside := endsSlowly(data, delim, newline)
	if (got.Wrong != 0) != (want.Wrong != 0) {
		t.Fatalf("%q, %d blocks at a time: got wrong %x, want %d", data, blocks, got.Wrong, want.Wrong)
	}
	if want.Wrong != 0 {
		return
	}
	const base = 3 * Block
	room := make([]uint32, len(data)+Slack+1)
	room[len(data)+Slack] = guard & 0xffffffff
	n, ok := Positions(room[:len(data)+Slack], ends[:len(data)/Block], base)
	for i := range wantPos {
		wantPos[i] += base
	}
	if got = truth(got); !ok || got != want || !slices.Equal(room[:n], wantPos) || (q.Inside != 0) != inside {
		t.Fatalf("%q, %d blocks at a time:\ngot %+v %d, inside %x,\nwant %+v %d, inside %t", data, blocks, got, room[:n], q.Inside, want, wantPos, inside)
	}
	if room[len(data)+Slack] != guard&0xffffffff {
		t.Fatalf("%q: wrote beyond the room for positions", data)
	}
}

func TestEndsAgreeWithALoopOverBytes(t *testing.T) {
	if !Fast() {
		t.Skip("no AVX2")
	}
	const seed = 11
	rng := rand.New(rand.NewPCG(seed, 0))
	tables := [][]string{
		{`"a",`, `"b c",`, `"d""e",`, "f,", "\"g\nh\",", "\n", "\"i\"\n", `"",`, `"""",`}, // sound
		{`"a",`, " b,", `" c",`, `"d ",`, "\"\te\",", "f\n", "\"g\"\r\n", "\"h\xff\"\n", "\"\r\n\"\n"},
		{`"`, `"`, `,`, `""`, "a", "\n", "\r", "\r\n", `","`}, // mostly wrong
		{"abcdefghijklmnopqrstuvwxyz", ",", "\n", `"012345678901234567890123456789012345678901234567890123456789",`},
		{"a,", "b,", "c\n", ",", "\n"},
		{`"a",`, `"b",`, "c,", "\n", "\"d\"\n", `"e""f",`, "\"g\"\r\n", `h"`, `"i"j`},
	}
	wrong := 0
	for round := range 12000 {
		table := tables[round%len(tables)]
		var data []byte
		for size := Block * (1 + rng.IntN(6)); len(data) < size; {
			piece := table[rng.IntN(len(table))]
			if round%len(tables) == 5 && len(piece) < 5 && piece[0] > '"' && rng.IntN(8) > 0 {
				piece = "k,"
			}
			data = append(data, piece...)
		}
		newline := "\n\r"[round/len(tables)%2]
		if newline == '\r' {
			for i, c := range data {
				if c == '\n' {
					data[i] = '\r'
				}
			}
		}
		blocks := 1 + rng.IntN(4)
		endsAgainst(t, data, blocks, ',', newline)
		if _, s, _ := endsSlowly(data[:len(data)/Block*Block], ',', newline); s.Wrong != 0 {
			wrong++
		}
	}
	if wrong < 2000 || wrong > 8000 {
		t.Errorf("%d of 12000 texts are wrong: the test leaves out one kind (seed %d)", wrong, seed)
	}
}

func FuzzEnds(f *testing.F) {
	const filler = "0123456789012345678901234567890123456789012345678901234567"
	for _, text := range []string{"\"a\",\"b\"\"c\"\r\n,\"", filler + "\n\"\"\"\",\"\n\"\r\n" + filler, filler + ",abc\n\"d\"\r\n" + filler, filler + ",a\"\n"} {
		f.Add([]byte(text+filler), byte(','), false, uint8(1))
		f.Add([]byte(text+filler+filler), byte('\t'), true, uint8(2))
	}
	f.Fuzz(func(t *testing.T, data []byte, delim byte, returns bool, blocks uint8) {
		if delim == '"' || delim == '\r' || delim == '\n' {
			return
		}
		newline := byte('\n')
		if returns {
			newline = '\r'
		}
		endsAgainst(t, data, 1+int(blocks%8), delim, newline)
	})
}
