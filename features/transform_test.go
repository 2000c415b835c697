package features

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLogThenZScoresByHand: the logarithms of 1, e², e⁴ and e⁶ are 0, 2, 4 and
// 6, with mean 3 and population deviation √5.
func TestLogThenZScoresByHand(t *testing.T) {
	values := []float64{math.Exp(4), 1, math.Exp(6), math.Exp(2)}
	s, err := ScalerConfig{Log, Standard}.FitColumn("m", values)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{1 / math.Sqrt(5), -3 / math.Sqrt(5), 3 / math.Sqrt(5), -1 / math.Sqrt(5)} {
		if got := s.Value(values[i]); math.Abs(got-want) > 1e-15 {
			t.Errorf("row %d: got %v, want %v", i, got, want)
		}
	}
	if s.Shift != 0 || s.Constant || s.Missing != 0 || s.Count != 4 {
		t.Errorf("got %+v", s)
	}
}

func TestColumnScalesByHand(t *testing.T) {
	nan := math.NaN()
	f := func(c ScalerConfig, values, want []float64, check func(s ColumnScale) bool) {
		t.Helper()
		before := slices.Clone(values)
		s, err := c.FitColumn("x", values)
		if err != nil {
			t.Fatal(err)
		}
		var got []float64
		for _, v := range values {
			got = append(got, s.Value(v))
		}
		if !slices.EqualFunc(got, want, closeTo) || !check(s) {
			t.Errorf("%v: got %v, want %v; %+v", c, got, want, s)
		}
		if !sameFloats(before, values) {
			t.Errorf("%v: the values were changed", c)
		}
	}
	// minimum −3: shifted by 4, so that the smallest becomes ln 1 = 0
	f(ScalerConfig{Log, NoScaling}, []float64{-3, 0, 6}, []float64{0, math.Log(4), math.Log(10)},
		func(s ColumnScale) bool { return s.Shift == 4 && s.Center == 0 && s.Spread == 1 })
	f(ScalerConfig{Log, NoScaling}, []float64{0, 1}, []float64{0, math.Log(2)}, func(s ColumnScale) bool { return s.Shift == 1 })
	f(ScalerConfig{Log, NoScaling}, []float64{0.5, 1}, []float64{math.Log(0.5), 0}, func(s ColumnScale) bool { return s.Shift == 0 })
	f(ScalerConfig{Sqrt, NoScaling}, []float64{-4, 0, 5}, []float64{0, 2, 3}, func(s ColumnScale) bool { return s.Shift == 4 })
	// quartiles of 1 … 5 are 2 and 4
	f(ScalerConfig{NoTransform, Robust}, []float64{5, 1, 4, 2, 3}, []float64{1, -1, 0.5, -0.5, 0},
		func(s ColumnScale) bool { return s.Center == 3 && s.Spread == 2 && !s.Fallback })
	f(ScalerConfig{NoTransform, MinMax}, []float64{10, 30, 15}, []float64{0, 1, 0.25}, func(s ColumnScale) bool { return true })
	// the median of 1, 2, 9 stands in for the missing value
	f(ScalerConfig{NoTransform, NoScaling}, []float64{1, nan, 9, 2}, []float64{1, 2, 9, 2},
		func(s ColumnScale) bool { return s.Missing == 1 && s.Count == 4 && s.Fill == 2 })
	// 1, 1, 1, 1, 6: quartiles 1 and 1, so the deviation √(20/5) = 2 stands in
	f(ScalerConfig{NoTransform, Robust}, []float64{1, 1, 6, 1, 1}, []float64{0, 0, 2.5, 0, 0},
		func(s ColumnScale) bool { return s.Fallback && !s.Constant })
	f(ScalerConfig{Log, Standard}, []float64{7, 7, nan}, []float64{0, 0, 0}, func(s ColumnScale) bool { return s.Constant && s.Missing == 1 })
	f(ScalerConfig{Log, Standard}, []float64{nan, nan}, []float64{0, 0}, func(s ColumnScale) bool { return s.Constant && s.Missing == 2 && s.Fill == 0 })
	f(ScalerConfig{Log, Robust}, nil, nil, func(s ColumnScale) bool { return s.Constant && s.Count == 0 })
}

func TestNewDataBelowTheFittedMinimumIsClamped(t *testing.T) {
	s, err := DefaultScaler().FitColumn("x", []float64{0, 1, 2, 10})
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]float32, 4)
	a := s.ApplyTo(dst, []float64{-5, math.NaN(), -0.5, 0})
	if a != (Applied{Filled: 1, Clamped: 1}) {
		t.Errorf("got %+v", a)
	}
	if dst[0] != dst[3] || dst[2] >= dst[3] || dst[1] != float32(s.Value(1.5)) {
		t.Errorf("got %v", dst)
	}
}

func TestScalerRelations(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 0))
	values := make([]float64, 9000)
	for i := range values {
		values[i] = math.Round(rng.ExpFloat64()*1e4) / 100
		if rng.IntN(20) == 0 {
			values[i] = math.NaN()
		}
	}
	for _, transform := range []Transform{NoTransform, Log, Sqrt} {
		for _, scale := range []Scaling{NoScaling, Standard, Robust, MinMax} {
			c := ScalerConfig{transform, scale}
			want, err := c.FitColumn("x", values)
			if err != nil {
				t.Fatal(err)
			}
			shuffled := slices.Clone(values)
			rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			got, _ := c.FitColumn("x", shuffled)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%v, rows permuted: %s", c, d)
			}
			if transform == NoTransform && scale != NoScaling {
				moved := slices.Clone(values)
				for i := range moved {
					moved[i] = 100*moved[i] + 7
				}
				other, _ := c.FitColumn("x", moved)
				for i := range values {
					if a, b := want.Value(values[i]), other.Value(moved[i]); math.Abs(a-b) > 1e-9 {
						t.Fatalf("%v, ×100 + 7: row %d: got %v, want %v", c, i, b, a)
					}
				}
			}
		}
	}
}

func TestScalerOfATable(t *testing.T) {
	ctx := context.Background()
	customers := randomRows(3000, 4)
	for i := range customers {
		customers[i].row[0] = math.Exp(customers[i].row[0])
	}
	var want string
	for _, workers := range []int{1, 8} {
		table := fill(t, TableConfig{Names: tableNames, Buckets: 5, Memory: int64(workers) * 9000, Workers: workers},
			customers, func(i int) int { return i * workers % 5 })
		s, cols, err := table.FitScaler(ctx, DefaultScaler(), []string{"gamma", "alpha"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Scaler
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		again, applied, err := table.Scale(ctx, &back, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(cols[0], again[0]) || !slices.Equal(cols[1], again[1]) {
			t.Errorf("%d workers: the scaler from JSON gives other columns", workers)
		}
		if applied[0].Filled != s.Columns[0].Missing || applied[0].Filled == 0 || applied[0].Clamped != 0 {
			t.Errorf("got %+v, %+v", applied, s.Columns[0])
		}
		text := fmt.Sprint(string(raw), cols)
		if want == "" {
			want = text
		} else if text != want {
			t.Errorf("%d workers: another result", workers)
		}
	}
}

func TestBadScalersAreRefused(t *testing.T) {
	f := func(err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	_, err := ScalerConfig{"ln", "z"}.FitColumn("x", nil)
	f(err, `transform: got "ln", want "none", "log" or "sqrt"`)
	f(err, `scale: got "z", want "none", "standard", "robust" or "minmax"`)
	_, err = DefaultScaler().FitColumn("x", []float64{1, math.Inf(-1)})
	f(err, `row 2, "x": got -Inf, want a finite number`)
	table := fill(t, TableConfig{Names: []string{"store_main"}, Buckets: 1, Workers: 1}, nil, nil)
	_, _, err = table.FitScaler(context.Background(), DefaultScaler(), []string{"store_main"}, nil)
	f(err, `features[0]: got "store_main", want a quantity`)
	f((&Scaler{Scale: Robust, Columns: []ColumnScale{{Transform: Log, Spread: 0}}}).Validate(), "columns[0].spread")
	f((&Scaler{Scale: Robust, Columns: []ColumnScale{{Transform: Log, Spread: 1}}}).Validate(), "columns[0].shift")
}
