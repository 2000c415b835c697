package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"

	"github.com/quintile-dev/quintile/models"
)

// table is the data set both sides learn from: the first 80 % of the rows train,
// the rest test.
type table struct {
	x      models.Matrix
	target []float64
}

// split cuts the table into its training and its test rows.
func (t table) split() (train, test table) {
	n, _ := t.x.Dims()
	cut := n * 4 / 5
	return table{t.x.Slice(0, cut), t.target[:cut]}, table{t.x.Slice(cut, n), t.target[cut:]}
}

// synthesise draws a churn-like problem: columns cycle through bell-shaped, heavy-tailed,
// counting and binary columns, a fifth with missing values, and the probability of the
// target depends on thresholds, products and a missing value.
func synthesise(rows, cols int, seed uint64) table {
	t := table{x: models.Matrix{Cols: make([][]float32, cols)}, target: make([]float64, rows)}
	for j := range t.x.Cols {
		rng := rand.New(rand.NewPCG(seed, uint64(j)))
		col := make([]float32, rows)
		for i := range col {
			col[i] = draw(rng, j)
		}
		t.x.Cols[j] = col
	}
	rng := rand.New(rand.NewPCG(seed, 1<<32))
	for i := range t.target {
		if rng.Float64() < 1/(1+math.Exp(-t.logOdds(i))) {
			t.target[i] = 1
		}
	}
	return t
}

func draw(rng *rand.Rand, j int) float32 {
	if j%5 == 4 && rng.IntN(10) == 0 {
		return float32(math.NaN())
	}
	switch j % 4 {
	case 0:
		return float32(rng.NormFloat64())
	case 1:
		return float32(math.Exp(1.2 * rng.NormFloat64()))
	case 2:
		return float32(math.Floor(-8 * math.Log(1-rng.Float64())))
	default:
		return float32(rng.Float64())
	}
}

func (t table) logOdds(i int) float64 {
	at := func(j int) float64 { return float64(t.x.Cols[j%len(t.x.Cols)][i]) }
	z := -1.6 + 0.8*at(0) + 0.5*math.Log(at(1)) - 0.08*at(2) + 1.5*math.Sin(6*at(3))
	if v := at(4); math.IsNaN(v) {
		z += 1.2
	} else {
		z += 0.6 * v * at(0)
	}
	if at(7) > 0.7 && at(8) > 0 {
		z += 1.5
	}
	return z + 0.3*math.Abs(at(12)) - 0.2*at(16)*at(8)
}

// The file is three little-endian uint64 (magic, rows, columns), the columns as
// float32, then the target as float64: readable by numpy.fromfile in two calls.
const magic = 0x5155_424f_4f53_5431

func (t table) write(path string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	w := bufio.NewWriterSize(f, 1<<20)
	rows, cols := t.x.Dims()
	parts := []any{[]uint64{magic, uint64(rows), uint64(cols)}}
	for _, col := range t.x.Cols {
		parts = append(parts, col)
	}
	for _, p := range append(parts, t.target) {
		if err := binary.Write(w, binary.LittleEndian, p); err != nil {
			return err
		}
	}
	return w.Flush()
}

func read(path string) (table, error) {
	f, err := os.Open(path)
	if err != nil {
		return table{}, err
	}
	defer f.Close()
	var head [3]uint64
	if err := binary.Read(f, binary.LittleEndian, &head); err != nil {
		return table{}, fmt.Errorf("reading %s: %w", path, err)
	}
	if head[0] != magic {
		return table{}, fmt.Errorf("%s: got magic %x, want %x; make the file with -make", path, head[0], uint64(magic))
	}
	rows, cols := int(head[1]), int(head[2])
	t := table{x: models.Matrix{Cols: make([][]float32, cols)}, target: make([]float64, rows)}
	buf := make([]byte, 8*rows)
	for j := range t.x.Cols {
		if _, err := io.ReadFull(f, buf[:4*rows]); err != nil {
			return table{}, fmt.Errorf("reading %s: %w", path, err)
		}
		t.x.Cols[j] = make([]float32, rows)
		for i := range t.x.Cols[j] {
			t.x.Cols[j][i] = math.Float32frombits(binary.LittleEndian.Uint32(buf[4*i:]))
		}
	}
	if _, err := io.ReadFull(f, buf); err != nil {
		return table{}, fmt.Errorf("reading %s: %w", path, err)
	}
	for i := range t.target {
		t.target[i] = math.Float64frombits(binary.LittleEndian.Uint64(buf[8*i:]))
	}
	return t, nil
}
