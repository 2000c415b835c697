package spill

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// held is what a test has written, and where.
type held struct {
	data   []byte
	extent Extent
}

// churn writes, reads and lets go at random as one worker, and returns the most bytes
// that it held at once.
func churn(t *testing.T, s *Space, worker int, seed uint64) (most int64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, uint64(worker)))
	var all []held
	now := int64(0)
	for range 400 {
		if len(all) > 0 && rng.IntN(5) < 2 {
			i := rng.IntN(len(all))
			s.Free(all[i].extent)
			now -= int64(len(all[i].data))
			all[i] = all[len(all)-1]
			all = all[:len(all)-1]
		} else {
			data := make([]byte, rng.IntN(1<<(6+rng.IntN(10))))
			for i := range data {
				data[i] = byte(rng.Uint32())
			}
			e, err := s.Write(worker, data)
			if err != nil {
				t.Error(err)
				return most
			}
			all = append(all, held{data, e})
			now += int64(len(data))
			most = max(most, now)
		}
		if len(all) == 0 {
			continue
		}
		h := all[rng.IntN(len(all))]
		from := rng.IntN(len(h.data) + 1)
		got := make([]byte, rng.IntN(len(h.data)-from+1))
		if err := s.Read(got, h.extent, int64(from)); err != nil || !bytes.Equal(got, h.data[from:from+len(got)]) {
			t.Errorf("bytes %d to %d of %d are not those written (%v)", from, from+len(got), len(h.data), err)
			return most
		}
	}
	for _, h := range all {
		got := make([]byte, len(h.data))
		if err := s.Read(got, h.extent, 0); err != nil || !bytes.Equal(got, h.data) {
			t.Errorf("%d bytes are not those written (%v)", len(h.data), err)
		}
	}
	return most
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	for _, workers := range []int{1, 2, 8} {
		s := New(t.TempDir(), workers)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() { churn(t, s, w, 19) })
		}
		wg.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestRoomLetGoIsFilledAgain(t *testing.T) {
	s := New(t.TempDir(), 2)
	defer s.Close()
	const size = 100 << 10
	var extents []Extent
	for i := range 20 {
		e, err := s.Write(i%2, make([]byte, size))
		if err != nil {
			t.Fatal(err)
		}
		extents = append(extents, e)
	}
	if s.Bytes() != 20*size {
		t.Fatalf("got %d bytes for %d written, want as many", s.Bytes(), 20*size)
	}
	for _, e := range extents {
		s.Free(e)
	}
	for i := range 13 { // each of one and a half
		if _, err := s.Write(i, make([]byte, size*3/2)); err != nil {
			t.Fatal(err)
		}
	}
	if s.Bytes() != 20*size {
		t.Errorf("got %d bytes once 19.5 of 20 parts were written again, want still %d", s.Bytes(), 20*size)
	}
	if _, err := s.Write(0, make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	if s.Bytes() != 20*size+size/2 {
		t.Errorf("got %d bytes, want %d: the half part left and half a part more", s.Bytes(), 20*size+size/2)
	}
}

func TestSpaceStaysInProportion(t *testing.T) {
	s := New(t.TempDir(), 1)
	defer s.Close()
	if most := churn(t, s, 0, 20); s.Bytes() > most*5/4 {
		t.Errorf("got files of %d bytes where at most %d were held, want a quarter more at most", s.Bytes(), most)
	}
}

func TestReadingPastTheEnd(t *testing.T) {
	s := New(t.TempDir(), 1)
	defer s.Close()
	e, err := s.Write(0, []byte("abc"))
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []int64{0, 2, 3, 9} {
		if err := s.Read(make([]byte, 4), e, from); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("4 bytes from %d of 3: got %v, want an unexpected end", from, err)
		}
	}
	if err := s.Read(nil, nil, 0); err != nil {
		t.Errorf("nothing of nothing: %v", err)
	}
}

func TestATruncatedFileIsAnError(t *testing.T) {
	s := New(t.TempDir(), 1)
	defer s.Close()
	e, err := s.Write(0, make([]byte, 10_000))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.files[0].File.(*tempFile).Truncate(5000); err != nil {
		t.Fatal(err)
	}
	if err := s.Read(make([]byte, 10_000), e, 0); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want an unexpected end", err)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	s := New(dir, 3)
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("got %v before anything was written", left)
	}
	for w := range 3 {
		if _, err := s.Write(w, []byte("abc")); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("got %v left behind, %v", left, err)
	}
	if err := (*Space)(nil).Close(); err != nil {
		t.Error(err)
	}
}

func TestAFolderThatIsNotThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	s := New(dir, 1)
	_, err := s.Write(0, []byte("abc"))
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v, want an error that names %s", err, dir)
	}
}
