package features

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets/spill"
)

// customer is one row as the tests write it.
type customer struct {
	id  []byte
	row []float64
}

// tableNames are columns of every form: any numbers, small ones, some that are
// missing, amounts, and few fractions among whole numbers.
var tableNames = []string{"alpha", "beta", "gamma", "delta", "epsilon"}

// randomRows returns n customers whose ids have up to 13 bytes of any kind.
func randomRows(n int, seed uint64) []customer { return rowsOf(n, seed, 13) }

// rowsOf returns n customers with ids of at most so many bytes. Ids that fit a
// word do not end in a zero, so that they are no longer than they look.
func rowsOf(n int, seed uint64, longest int) []customer {
	rng := rand.New(rand.NewPCG(seed, 0))
	seen := map[string]bool{}
	var out []customer
	for len(out) < n {
		id := make([]byte, rng.IntN(longest+1))
		for i := range id {
			id[i] = "ab\x00\xffz019"[rng.IntN(8)]
		}
		if seen[string(id)] || longest <= 8 && bytes.HasSuffix(id, []byte{0}) {
			continue
		}
		seen[string(id)] = true
		row := []float64{rng.NormFloat64(), float64(rng.IntN(9)), math.NaN(), float64(rng.IntN(1e6)) / 100, float64(rng.IntN(1e5))}
		if rng.IntN(500) == 0 {
			row[4] += 0.3
		}
		if rng.IntN(2) == 0 {
			row[2] = float64(len(out))
		}
		out = append(out, customer{id, row})
	}
	return out
}

// fill builds and seals a table of the customers, dealt to buckets by deal.
func fill(t testing.TB, c TableConfig, customers []customer, deal func(i int) int) *Table {
	t.Helper()
	table, err := NewTable(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	})
	buckets := make([][]customer, c.Buckets)
	for i, k := range customers {
		buckets[deal(i)] = append(buckets[deal(i)], k)
	}
	err = parallel(context.Background(), c.Workers, c.Buckets, func(b int) error {
		slices.SortFunc(buckets[b], func(x, y customer) int { return bytes.Compare(x.id, y.id) })
		builder := table.Bucket(b, b)
		for _, k := range buckets[b] {
			row, err := builder.Next(k.id)
			if err != nil {
				return err
			}
			copy(row, k.row)
		}
		return builder.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	return table
}

func sameFloats[T float32 | float64](a, b []T) bool {
	return slices.EqualFunc(a, b, func(x, y T) bool { return x == y || x != x && y != y })
}

// TestTableGivesTheSameWhateverTheBuckets compares every way to keep a table
// with the plainest one: a sorted slice.
func TestTableGivesTheSameWhateverTheBuckets(t *testing.T) {
	t.Run("ids of any length", func(t *testing.T) { tableGivesTheSame(t, randomRows(7000, 1)) })
	t.Run("ids that fit a word", func(t *testing.T) { tableGivesTheSame(t, rowsOf(7000, 2, 8)) })
}

func tableGivesTheSame(t *testing.T, customers []customer) {
	ctx := context.Background()
	sorted := slices.SortedFunc(slices.Values(customers), func(a, b customer) int { return bytes.Compare(a.id, b.id) })
	plain := fill(t, TableConfig{Names: tableNames, Buckets: 1, Memory: 1 << 30, Workers: 1}, customers, func(int) int { return 0 })
	sample, err := plain.Sample(ctx, 500, 3)
	if err != nil {
		t.Fatal(err)
	}
	deals := map[string]func(i int) int{
		"one":     func(int) int { return 0 },
		"by hash": func(i int) int { return int(Hash(customers[i].id, 0) % 64) },
		"uneven":  func(i int) int { return i % 97 * (i % 3) % 64 },
		"all but": func(i int) int { return min(i, 63) },
	}
	for name, deal := range deals {
		for _, memory := range []int64{0, 100_000, 1 << 30} {
			for _, workers := range []int{1, 4} {
				what := fmt.Sprintf("%s, memory %d, %d workers", name, memory, workers)
				dir := t.TempDir()
				space := spill.New(dir, workers)
				table := fill(t, TableConfig{Names: tableNames, Buckets: 64, Memory: memory, Spill: space, Workers: workers}, customers, deal)
				if table.MemoryBytes() > memory {
					t.Errorf("%s: holds %d bytes", what, table.MemoryBytes())
				}
				if (memory < 1<<30) != (table.SpilledBytes() > 0) {
					t.Errorf("%s: spilled %d bytes", what, table.SpilledBytes())
				}
				checkTable(t, what, table, sorted, sample)
				used := space.Bytes()
				if err := table.Close(); err != nil {
					t.Error(err)
				}
				if _, err := space.Write(0, make([]byte, used)); err != nil || space.Bytes() != used {
					t.Errorf("%s: got %d bytes on disk once %d were written again, want what the table let go (%v)", what, space.Bytes(), used, err)
				}
				if err := space.Close(); err != nil {
					t.Error(err)
				}
				if left, _ := os.ReadDir(dir); len(left) > 0 {
					t.Errorf("%s: left %v behind", what, left)
				}
			}
		}
	}
}

func checkTable(t *testing.T, what string, table *Table, sorted []customer, sample []uint32) {
	t.Helper()
	ctx := context.Background()
	if table.Len() != len(sorted) {
		t.Fatalf("%s: got %d customers", what, table.Len())
	}
	got, err := table.Sample(ctx, len(sample), 3)
	if err != nil || !slices.Equal(got, sample) {
		t.Fatalf("%s: another sample, %v", what, err)
	}
	for _, chosen := range [][]uint32{nil, sample, {}, {uint32(len(sorted) - 1)}} {
		names := slices.Repeat(tableNames, 2) // so many that whole stripes are read
		slices.Reverse(names)
		few, err := table.Columns(ctx, tableNames[2:], chosen)
		if err != nil {
			t.Fatal(err)
		}
		all, err := table.Columns(ctx, names, chosen)
		if err != nil {
			t.Fatal(err)
		}
		half, err := table.Matrix(ctx, names, chosen)
		if err != nil {
			t.Fatal(err)
		}
		for c, name := range names {
			var column []float64
			var column32 []float32
			for i, k := range sorted {
				if chosen == nil || slices.Contains(chosen, uint32(i)) {
					v := k.row[slices.Index(tableNames, name)]
					column, column32 = append(column, v), append(column32, float32(v))
				}
			}
			if i := slices.Index(tableNames[2:], name); i >= 0 && !sameFloats(few[i], column) {
				t.Fatalf("%s: wrong column %s of %d chosen, with few others", what, name, len(chosen))
			}
			if !sameFloats(all[c], column) || !sameFloats(half[c], column32) {
				t.Fatalf("%s: wrong column %s of %d chosen", what, name, len(chosen))
			}
		}
	}
	for _, size := range []int{1, 999, 1 << 20} {
		if size == 1 && table.SpilledBytes() > 0 {
			continue // a read for each value: slow, and no other case
		}
		for _, chosen := range [][]uint32{nil, sample, {}} {
			checkStretches(t, what, table, sorted, chosen, size)
		}
		at := 0
		for g, err := range table.Groups(ctx, slices.Repeat(tableNames, 2), size) {
			if err != nil {
				t.Fatal(err)
			}
			if g.First != at || g.IDs.Len() != len(g.Columns[1]) {
				t.Fatalf("%s: group at %d of %d ids", what, g.First, g.IDs.Len())
			}
			for i, v := range g.Columns[1] {
				if !bytes.Equal(g.IDs.At(i), sorted[at].id) || v != sorted[at].row[1] || g.Columns[6][i] != v {
					t.Fatalf("%s: wrong customer at %d", what, at)
				}
				at++
			}
		}
		if at != len(sorted) {
			t.Fatalf("%s: groups hold %d customers", what, at)
		}
	}
	hashes, err := table.Hashes(ctx, 5)
	if err != nil || len(hashes) != len(sorted) || hashes[7] != Hash(sorted[7].id, 5) {
		t.Fatalf("%s: wrong hashes, %v", what, err)
	}
}

// checkStretches puts stretches together and compares them with the sorted slice.
func checkStretches(t *testing.T, what string, table *Table, sorted []customer, chosen []uint32, size int) {
	t.Helper()
	var got, want [2][]float64
	for s, err := range table.Stretches(context.Background(), tableNames[:2], chosen, size) {
		if err != nil {
			t.Fatal(err)
		}
		if n := len(s.Columns[0]); s.First != len(got[0]) || n == 0 || n > size || n != len(s.Columns[1]) {
			t.Fatalf("%s: stretch at %d of %d customers, want it at %d", what, s.First, n, len(got[0]))
		}
		for c := range got {
			got[c] = append(got[c], s.Columns[c]...)
		}
	}
	for i, k := range sorted {
		if _, in := slices.BinarySearch(chosen, uint32(i)); chosen == nil || in {
			want[0], want[1] = append(want[0], k.row[0]), append(want[1], k.row[1])
		}
	}
	if !sameFloats(got[0], want[0]) || !sameFloats(got[1], want[1]) {
		t.Fatalf("%s: wrong stretches of %d chosen, %d at a time", what, len(chosen), size)
	}
}

func TestSampleIsDrawnByHash(t *testing.T) {
	ctx := context.Background()
	customers := randomRows(4000, 2)
	table := fill(t, TableConfig{Names: tableNames, Buckets: 3, Memory: 1 << 30, Workers: 1}, customers, func(i int) int { return i % 3 })
	hashes, err := table.Hashes(ctx, 8)
	if err != nil {
		t.Fatal(err)
	}
	order := make([]uint32, len(hashes))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(hashes[a], hashes[b]) })
	for _, size := range []int{0, 1, 10, 1999, 3999} {
		got, err := table.Sample(ctx, size, 8)
		want := slices.Sorted(slices.Values(order[:size]))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("size %d: got %d, %v", size, len(got), err)
		}
	}
	if got, _ := table.Sample(ctx, 4000, 8); got != nil {
		t.Error("a sample of all is not all")
	}
	a, _ := table.Sample(ctx, 1000, 8)
	b, _ := table.Sample(ctx, 1000, 9)
	if slices.Equal(a, b) {
		t.Error("another seed draws the same sample")
	}
	// 1000 of 4000 in each half: mean 500, deviation √(1000·¼·¾) ≈ 13.7
	if half, _ := slices.BinarySearch(a, 2000); half < 420 || half > 580 {
		t.Errorf("%d of 1000 drawn from the first half", half)
	}
}

func TestHashSpreads(t *testing.T) {
	var bits [64]int
	for i := range 20_000 {
		for b := range bits {
			bits[b] += int(Hash(fmt.Append(nil, i), 0) >> b & 1)
		}
	}
	for b, n := range bits {
		if n < 9_600 || n > 10_400 { // ± 5.6 deviations of 71
			t.Errorf("bit %d is set in %d of 20000", b, n)
		}
	}
	if Hash(nil, 1) == Hash(nil, 2) || Hash([]byte{0}, 1) == Hash(nil, 1) {
		t.Error("seed or length does not matter")
	}
}

func TestTableWithoutCustomers(t *testing.T) {
	ctx := context.Background()
	table := fill(t, TableConfig{Names: tableNames, Buckets: 2, Memory: 0, Workers: 1}, nil, func(int) int { return 0 })
	column, err := table.Column(ctx, "beta")
	if err != nil || len(column) != 0 {
		t.Errorf("got %v, %v", column, err)
	}
	for range table.Groups(ctx, nil, 10) {
		t.Error("got a group")
	}
	s, cols, err := table.FitScaler(ctx, DefaultScaler(), []string{"beta"}, nil)
	if err != nil || !s.Columns[0].Constant || len(cols[0]) != 0 {
		t.Errorf("got %+v, %v, %v", s, cols, err)
	}
}

func TestTableRefusals(t *testing.T) {
	ctx := context.Background()
	want := func(err error, text string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want %q", err, text)
		}
	}
	_, err := NewTable(TableConfig{Names: []string{"a", "a"}, Memory: -1})
	for _, text := range []string{"names[1]", "buckets: got 0", "memory: got -1", "workers: got 0"} {
		want(err, text)
	}
	one := TableConfig{Names: tableNames, Buckets: 2, Memory: 1 << 20, Workers: 1}
	table, _ := NewTable(one)
	b := table.Bucket(0, 0)
	for _, id := range []string{"b", "b"} {
		if _, err = b.Next([]byte(id)); err == nil {
			continue
		}
		want(err, "does not rise")
		if strings.Contains(err.Error(), `"b"`) {
			t.Error("the error shows an id")
		}
	}
	want(b.Close(), "does not rise")

	for _, id := range []string{"same", "", "the same that is no word"} {
		for workers := range 2 {
			c := one
			c.Workers += workers
			twice, _ := NewTable(c)
			for bucket := range 2 {
				b := twice.Bucket(bucket, 0)
				if _, err := b.Next([]byte(id)); err != nil {
					t.Fatal(err)
				}
				if err := b.Close(); err != nil {
					t.Fatal(err)
				}
			}
			want(twice.Seal(ctx), "one customer in two buckets")
		}
	}

	full := fill(t, TableConfig{Names: tableNames, Buckets: 4, Memory: 0, Workers: 2}, randomRows(5000, 3), func(i int) int { return i % 4 })
	_, err = full.Column(ctx, "omega")
	want(err, `no column "omega"`)
	for _, err := range full.Groups(ctx, []string{"omega"}, 10) {
		want(err, `no column "omega"`)
	}
	for _, err := range full.Stretches(ctx, []string{"omega"}, nil, 10) {
		want(err, `no column "omega"`)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := full.Column(cancelled, "beta"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled column: got %v", err)
	}
	if _, err := full.Sample(cancelled, 5, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled sample: got %v", err)
	}
	if err := full.Seal(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled seal: got %v", err)
	}

	nowhere, _ := NewTable(TableConfig{Names: tableNames, Buckets: 1, Memory: 0, Workers: 1, Spill: spill.New(filepath.Join(t.TempDir(), "none"), 1)})
	b = nowhere.Bucket(0, 0)
	if _, err := b.Next([]byte("x")); err != nil {
		t.Fatal(err)
	}
	want(b.Close(), "spilling features")
}

func BenchmarkTable(b *testing.B) {
	const n, d = 200_000, 110
	names := make([]string, d)
	for j := range names {
		names[j] = fmt.Sprint("f", j)
	}
	for _, memory := range []int64{1 << 40, 0} {
		build := func() *Table {
			table, err := NewTable(TableConfig{Names: names, Buckets: 64, Memory: memory, Workers: 1, Spill: spill.New(b.TempDir(), 1)})
			if err != nil {
				b.Fatal(err)
			}
			for bucket := range 64 {
				builder := table.Bucket(bucket, 0)
				for i := bucket; i < n; i += 64 {
					row, err := builder.Next(fmt.Appendf(nil, "%08d", i))
					if err != nil {
						b.Fatal(err)
					}
					for j := range row {
						row[j] = float64(i + j)
					}
				}
				if err := builder.Close(); err != nil {
					b.Fatal(err)
				}
			}
			if err := table.Seal(context.Background()); err != nil {
				b.Fatal(err)
			}
			return table
		}
		b.Run(fmt.Sprintf("do=build/spill=%v", memory == 0), func(b *testing.B) {
			for b.Loop() {
				build().Close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
		b.Run(fmt.Sprintf("do=column/spill=%v", memory == 0), func(b *testing.B) {
			table := build()
			defer table.Close()
			for b.Loop() {
				if _, err := table.Matrix(context.Background(), names[7:8], nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}
