package models

import (
	"errors"
	"math"
	"testing"
)

func TestChecksNameTheFirstValueThatIsWrong(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	f := func(odd float32, finite, notInfinite bool) {
		t.Helper()
		x := Matrix{Names: []string{"a", "b"}, Cols: [][]float32{{1, -0, math.MaxFloat32}, {-math.MaxFloat32, odd, odd}}}
		for _, c := range []struct {
			err error
			ok  bool
		}{{x.CheckFinite(), finite}, {x.CheckNotInfinite(), notInfinite}} {
			var v *ValueError
			if c.ok != (c.err == nil) {
				t.Errorf("%g: got %v", odd, c.err)
			} else if !c.ok && (!errors.As(c.err, &v) || v.Row != 2 || v.Column != 2 || v.Name != "b") {
				t.Errorf("%g: got %v, want row 2 of column 2 (b)", odd, c.err)
			}
		}
		if HasInfinity(x.Cols[1]) == notInfinite || HasInfinity(x.Cols[0]) {
			t.Errorf("%g: HasInfinity says otherwise", odd)
		}
	}
	f(0, true, true)
	f(math.SmallestNonzeroFloat32, true, true)
	f(nan, false, true)
	f(-nan, false, true)
	f(math.Float32frombits(0x7f800001), false, true)
	f(inf, false, false)
	f(-inf, false, false)
}
