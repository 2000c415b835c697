package parquetio

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/table"
)

// dictionaries remembers the dictionary of every id, and that what it once held
// it holds.
type dictionaries map[*datasets.DictID]*datasets.Strings

func (d dictionaries) check(c *datasets.Column) error {
	if c.Codes == nil {
		was := c.Texts.Trimmed
		if c.Texts.MarkTrimmed(); c.Kind == datasets.Text && was != c.Texts.Trimmed {
			return fmt.Errorf("column %q: trimmed is %t, want %t", c.Name, was, !was)
		}
		return nil
	}
	if c.DictID == nil {
		return fmt.Errorf("column %q has a dictionary without an id", c.Name)
	}
	old := d[c.DictID]
	if old == nil {
		old = new(datasets.Strings)
		d[c.DictID] = old
	}
	for i := range c.Dict.Len() {
		text := c.Dict.At(i)
		if i == old.Len() {
			old.Append(text)
		}
		if !bytes.Equal(old.At(i), text) {
			return fmt.Errorf("column %q: entry %d was %q, and is %q with the same id", c.Name, i, old.At(i), text)
		}
		if c.Dict.Trimmed && !bytes.Equal(datasets.Trim(text), text) {
			return fmt.Errorf("column %q: entry %q is not trimmed", c.Name, text)
		}
	}
	return nil
}

// readStretches reads the first columns of a file, at most eight, in stretches
// of the given number of rows, or whole parts if that is 0, and returns a sum of
// the values of each. The frame may have held others.
func readStretches(data []byte, stretch int, frame *datasets.Frame, change func(*Reader)) (sums []uint64, err error) {
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), "a.parquet")
	if err != nil {
		return nil, err
	}
	if stretch > 0 {
		r.stretch = stretch
	}
	if change != nil {
		change(r)
	}
	var selected []int
	for i := range min(len(r.Fields()), 8) {
		selected = append(selected, i)
	}
	if err := r.Select(selected); err != nil {
		return nil, err
	}
	sums = make([]uint64, len(selected))
	seen := dictionaries{}
	rows := int64(0)
	take := func() error {
		if frame.FirstRow != rows+1 || stretch > 0 && frame.Rows > stretch {
			return fmt.Errorf("BUG: %d rows from row %d on, want at most %d from row %d on", frame.Rows, frame.FirstRow, stretch, rows+1)
		}
		rows += int64(frame.Rows)
		if err := whole(frame); err != nil {
			return err
		}
		for i := range frame.Columns {
			c := &frame.Columns[i]
			if err := seen.check(c); err != nil {
				return fmt.Errorf("BUG: %w", err)
			}
			for row := range frame.Rows {
				sums[i] = addCell(sums[i], c, row)
			}
		}
		return nil
	}
	for range 2000 { // parts
		part, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return sums, nil
		}
		if err == nil && stretch > 0 {
			err = part.Each(frame, take)
		} else if err == nil {
			if err = part.Decode(frame); err == nil {
				err = take()
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// addCell adds a value to the sum of those before it.
func addCell(sum uint64, c *datasets.Column, row int) uint64 {
	var b [9]byte
	value := b[:1] // of a null
	if c.Valid.Get(row) {
		b[0] = 1
		switch {
		case c.Kind == datasets.Text && c.Codes != nil:
			value = c.Dict.At(int(c.Codes[row]))
		case c.Kind == datasets.Text:
			value = c.Texts.At(row)
		case c.Kind == datasets.Float:
			value = binary.LittleEndian.AppendUint64(value, math.Float64bits(c.Floats[row]))
		default:
			value = binary.LittleEndian.AppendUint64(value, uint64(c.Ints[row]))
		}
		sum ^= uint64(len(value)) + 1
	}
	for _, x := range value {
		sum = (sum ^ uint64(x)) * 0x100000001b3
	}
	return sum*31 + 1
}

// smallPages returns a file of one row group with many pages, whose columns have
// nulls, runs of nulls and of equal values, and a dictionary that is given up
// half way where the writer does so.
func smallPages(t *testing.T, rows int) []byte {
	t.Helper()
	const seed = 6
	rng := rand.New(rand.NewPCG(seed, 0))
	v := make([]table.Values, 6)
	for i := range v {
		v[i].Valid = datasets.NewBitmap(rows)
	}
	for i := range 300 {
		v[2].Dict.Append(fmt.Appendf(nil, "code %d", i*i))
	}
	v[2].Dict.Append([]byte(" blank "))
	null := false
	for i := range rows {
		if rng.IntN(40) == 0 {
			null = !null
		}
		for k := range v {
			if !(null && k != 3) && rng.IntN(10) > 0 || k == 4 {
				v[k].Valid.Set(i)
			}
		}
		v[0].Ints = append(v[0].Ints, rng.Int64())
		v[1].Ints = append(v[1].Ints, int64(i/50%2))
		v[2].Codes = append(v[2].Codes, uint32(min(rng.IntN(302), 300)))
		blank := []string{"", " "}[rng.IntN(5_000)/4_999]
		v[3].Texts.Append(fmt.Appendf(nil, "Ä%d%s", rng.IntN(1_000_000)>>rng.IntN(20), blank))
		v[4].Texts.Append(fmt.Appendf(nil, "%d", i/3))
		v[5].Floats = append(v[5].Floats, rng.Float64())
	}
	var out bytes.Buffer
	options := DefaultOptions()
	options.RowGroupRows = rows
	w, err := NewWriter(&out, []table.Column{
		{Name: "i", Type: table.Int64, Nullable: true}, {Name: "flag", Type: table.Bool, Nullable: true},
		{Name: "code", Type: table.Text, Dictionary: true, Nullable: true}, {Name: "text", Type: table.Text, Nullable: true},
		{Name: "order", Type: table.Text}, {Name: "x", Type: table.Float64, Nullable: true},
	}, options)
	if err != nil {
		t.Fatal(err)
	}
	for from := 0; from < rows; from += 999 { // pages end where a write does, once they are full
		if err := w.Write(part(v, from, min(from+999, rows)), min(999, rows-from)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// part returns the rows from from to to (excluded).
func part(v []table.Values, from, to int) []table.Values {
	out := slices.Clone(v)
	for i := range out {
		o := &out[i]
		o.Valid = datasets.NewBitmap(to - from)
		for row := from; row < to; row++ {
			if v[i].Valid.Get(row) {
				o.Valid.Set(row - from)
			}
		}
		switch {
		case o.Ints != nil:
			o.Ints = o.Ints[from:to]
		case o.Floats != nil:
			o.Floats = o.Floats[from:to]
		case o.Codes != nil:
			o.Codes = o.Codes[from:to]
		default:
			o.Texts.Start, o.Texts.End = o.Texts.Start[from:to], o.Texts.End[from:to]
		}
	}
	return out
}

// Where stretches, parts and pages end means nothing.
func TestStretchesHoldWhatWholePartsDo(t *testing.T) {
	files := append(fixtures(t), smallPages(t, 30_000), longFile(t, 150_000))
	var used datasets.Frame
	for k, data := range files {
		want, err := readStretches(data, 0, new(datasets.Frame), nil)
		if err != nil {
			t.Fatal(err)
		}
		sizes := []int{1, 7, 64, 1000, 8192}
		if k >= len(files)-2 {
			sizes = []int{63, 1000, 4099}
		}
		for _, stretch := range sizes {
			for _, most := range []int64{mostRows, 10, 20_000} {
				got, err := readStretches(data, stretch, &used, func(r *Reader) { r.most = most })
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("file %d in stretches of %d rows and parts of %d: %v, or other values than whole parts have", k, stretch, most, err)
				}
			}
		}
	}
}

func TestStretchesEndWhereTheirTakerFails(t *testing.T) {
	data := longFile(t, 30_000)
	r, err := NewReader(bytes.NewReader(data), int64(len(data)), "a.parquet")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Select([]int{0}); err != nil {
		t.Fatal(err)
	}
	part, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("full")
	calls := 0
	var frame datasets.Frame
	err = part.Each(&frame, func() error {
		calls++
		if calls == 2 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) || err.Error() != "full" || calls != 2 {
		t.Errorf("got %v after %d calls, want the taker's own error after 2", err, calls)
	}
}

// Numbers and levels are the same however many are taken at a time.
func TestRunsCanBeTakenInPieces(t *testing.T) {
	const n, seed = 3000, 8
	rng := rand.New(rand.NewPCG(seed, 0))
	for width := 1; width <= 32; width++ {
		want := make([]int64, 0, n)
		var src []byte
		for len(want) < n {
			if k := 1 + rng.IntN(60); rng.IntN(2) == 0 { // the same value k times
				v := int64(rng.Uint64() >> (64 - width))
				src = appendRun(src, k, v, width)
				for range k {
					want = append(want, v)
				}
			} else { // k eights
				some := make([]int64, 8*k)
				for i := range some {
					some[i] = int64(rng.Uint64() >> (64 - width))
				}
				src = append(binary.AppendUvarint(src, uint64(k)<<1|1), pack(some, width)...)
				want = append(want, some...)
			}
		}
		want = want[:n]
		x := indexes{src: src, width: width, left: n}
		var l levels
		l.begin(src, n)
		ones := 0
		for at := 0; at < n; {
			k := min(1+rng.IntN(200), n-at)
			got := make([]uint32, k)
			if err := x.take(got); err != nil {
				t.Fatal(err)
			}
			for i, v := range got {
				if int64(v) != want[at+i] {
					t.Fatalf("width %d, number %d (seed %d): got %d, want %d", width, at+i, seed, v, want[at+i])
				}
			}
			if width == 1 {
				valid := datasets.NewBitmap(k)
				m, err := l.take(valid, k)
				if err != nil {
					t.Fatal(err)
				}
				ones += m
				for i := range k {
					if m < k && valid.Get(i) != (want[at+i] == 1) || m == k && want[at+i] != 1 {
						t.Fatalf("level %d (seed %d): got %v, want %d", at+i, seed, valid.Get(i), want[at+i])
					}
				}
			}
			at += k
		}
		if err := x.take(make([]uint32, 1)); err == nil && len(x.src) == 0 {
			t.Errorf("width %d: got no error behind the last number, want one", width)
		}
	}
}

func appendRun(dst []byte, k int, v int64, width int) []byte {
	dst = binary.AppendUvarint(dst, uint64(k)<<1)
	for b := 0; b < width; b += 8 {
		dst = append(dst, byte(v>>b))
	}
	return dst
}
