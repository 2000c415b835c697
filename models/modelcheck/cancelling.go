package modelcheck

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	cancelWithin = raceFactor * 100 * time.Millisecond
	longFit      = 250 * time.Millisecond // long enough for a late return to show
	mostRows     = 1 << 19
	attempts     = 6 // at each moment, since the machine may be busy with others
)

// cancellation examines a context cancelled before the fit, and at three
// moments of a slow fit.
func cancellation(s *Subject) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Fit(ctx, generate(rows, s.Target), options()); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("a fit with a cancelled context: got error %w, want %w", err, context.Canceled)
	}
	d, whole, err := s.slowData()
	if err != nil {
		return err
	}
	for _, share := range []float64{0.05, 0.35, 0.7} {
		after := time.Duration(share * float64(whole))
		late, err := s.latency(d, after)
		for try := 1; err == nil && late > cancelWithin && try < attempts; try++ {
			late, err = s.latency(d, after)
		}
		if err != nil {
			return err
		}
		if late > cancelWithin {
			return fmt.Errorf("cancelled %v into a fit of %v (%d rows): it returned %v later, want within %v",
				after.Round(time.Millisecond), whole.Round(time.Millisecond), rowsOf(d.X), late.Round(time.Millisecond), cancelWithin)
		}
	}
	return nil
}

// slowData returns data large enough for a slow fit by s, and the time of that
// fit: the number of rows grows until the fit is slow enough, up to mostRows.
func (s *Subject) slowData() (Data, time.Duration, error) {
	for n := 4096; ; n *= 2 {
		d := generate(n, s.Target)
		start := time.Now()
		if _, err := s.fit(d, options()); err != nil {
			return Data{}, 0, err
		}
		whole := time.Since(start)
		if whole >= longFit || n >= mostRows {
			return d, whole, nil
		}
	}
}

// latency cancels a fit after the given time and returns the delay until the
// fit returned: 0 if the fit had ended before.
func (s *Subject) latency(d Data, after time.Duration) (time.Duration, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cancelled := make(chan time.Time, 1)
	timer := time.AfterFunc(after, func() {
		cancelled <- time.Now()
		cancel()
	})
	_, err := s.Fit(ctx, d, options())
	end := time.Now()
	if timer.Stop() {
		return 0, err // done before the moment came
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return 0, fmt.Errorf("a cancelled fit: got error %w, want %w", err, context.Canceled)
	}
	return end.Sub(<-cancelled), nil
}
