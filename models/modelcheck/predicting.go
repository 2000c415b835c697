package modelcheck

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/quintile-dev/quintile/models"
)

func subset(s *Subject) error {
	m, _, err := s.ordinary()
	if err != nil {
		return err
	}
	const n = 5000 // more than a block of any batched prediction
	x := generate(n, s.Target).X
	all, err := predict(m, x)
	if err != nil {
		return err
	}
	width := len(all) / n
	for _, span := range [][2]int{{0, 1}, {n - 1, n}, {3, 250}, {127, 4300}, {0, 4096}} {
		from, to := span[0], span[1]
		part, err := predict(m, x.Slice(from, to))
		if err != nil {
			return err
		}
		if err := differBits(all[from*width:to*width], part); err != nil {
			return fmt.Errorf("rows %d to %d among all rows and alone: %w", from+1, to, err)
		}
	}
	return sameInAnyOrder(m, x, all)
}

// sameInAnyOrder reports whether predicting the rows of x shuffled gives the
// outputs in all, shuffled alike.
func sameInAnyOrder(m Fitted, x models.Matrix, all []float64) error {
	n := rowsOf(x)
	width := len(all) / n
	order := rand.New(rand.NewPCG(dataSeed, 2)).Perm(n)
	got, err := predict(m, takeMatrix(x, order))
	if err != nil {
		return err
	}
	for k, i := range order {
		if err := differBits(all[i*width:(i+1)*width], got[k*width:(k+1)*width]); err != nil {
			return fmt.Errorf("row %d in order and shuffled: %w", i+1, err)
		}
	}
	return nil
}

func concurrent(s *Subject) error {
	const goroutines, span, rounds = 4, rows / 4, 50
	m, d, err := s.ordinary()
	if err != nil {
		return err
	}
	all, err := predict(m, d.X)
	if err != nil {
		return err
	}
	width := len(all) / rows
	faults := make([]error, goroutines)
	var wg sync.WaitGroup
	for g := range goroutines {
		// Different rows for each, so that a shared buffer shows.
		from, to := g*span, (g+1)*span
		want, x := all[from*width:to*width], d.X.Slice(from, to)
		wg.Go(func() {
			for round := 0; round < rounds && faults[g] == nil; round++ {
				faults[g] = predictsBits(m, x, want)
			}
		})
	}
	wg.Wait()
	for _, err := range faults {
		if err != nil {
			return fmt.Errorf("%d goroutines predicting at once: %w", goroutines, err)
		}
	}
	return nil
}

// predictsBits reports how the outputs for x depart from want, with a panic
// turned into an error: a panic on another goroutine would end the test.
func predictsBits(m Fitted, x models.Matrix, want []float64) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panicked: %v", r)
		}
	}()
	got, err := predict(m, x)
	if err != nil {
		return err
	}
	return differBits(want, got)
}

func noAllocations(s *Subject) error {
	const few, many = 64, 2064
	const slack = 32 // for a pool refilled or a goroutine started on the way
	m, _, err := s.ordinary()
	if err != nil {
		return err
	}
	x := generate(many, s.Target).X
	count := func(x models.Matrix) (int, error) {
		best := -1
		for range 5 { // the least, since other goroutines allocate too
			before := mallocs()
			if _, err := m.Predict(x); err != nil {
				return 0, err
			}
			if n := int(mallocs() - before); best < 0 || n < best {
				best = n
			}
		}
		return best, nil
	}
	low, err := count(x.Slice(0, few))
	if err != nil {
		return err
	}
	high, err := count(x)
	if err != nil {
		return err
	}
	if high > low+slack {
		return fmt.Errorf("predicting %d rows makes %d allocations and %d rows makes %d, want no more for more rows", few, low, many, high)
	}
	return nil
}

func mallocs() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Mallocs
}
