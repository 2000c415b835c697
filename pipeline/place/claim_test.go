package place

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline/bucket"
	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/place/placecheck"
)

func claimPlace(t *testing.T) *bucket.Bucket {
	t.Helper()
	b, err := bucket.Open(context.Background(), "bucket", "out/small")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func take(b *bucket.Bucket) (*claim, error) {
	return takeClaim(context.Background(), b, time.Unix(0, 0), zerolog.Nop())
}

func TestTheClaimOfAKilledRunExpires(t *testing.T) {
	s := s3fake.Start(t)
	s.Set(placecheck.Job+claimFolder+"killed", "process 1 on another host\n")
	s.Advance(claimExpired - time.Second)
	if _, err := take(claimPlace(t)); exit.Of(err) != exit.Locked || !strings.Contains(err.Error(), "process 1 on another host") {
		t.Errorf("got %v, want code %d before the claim expires", err, exit.Locked)
	}
	s.Advance(time.Second)
	c, err := take(claimPlace(t))
	if err != nil {
		t.Fatal(err)
	}
	c.release(context.Background())
	if len(s.Objects()) > 0 {
		t.Errorf("got %v, want no claim left", s.Objects())
	}
}

func TestARunKeepsItsClaimAlive(t *testing.T) {
	s := s3fake.Start(t)
	c, err := take(claimPlace(t))
	if err != nil {
		t.Fatal(err)
	}
	renewed := make(chan bool)
	s.Fail(func(_ int, r *http.Request) *s3fake.Failure {
		if r.Method == http.MethodPut {
			select {
			case renewed <- true:
			default:
			}
		}
		return nil
	})
	c.stop() // it would renew too rarely for a test
	c.keep(context.Background(), time.Millisecond)
	s.Advance(time.Hour)
	<-renewed
	<-renewed // so the first is done
	if _, err := take(claimPlace(t)); exit.Of(err) != exit.Locked {
		t.Errorf("got %v, want code %d", err, exit.Locked)
	}
	c.release(context.Background())
}

func TestOfRunsThatBeginAtOnceOneGoesOnAtMost(t *testing.T) {
	s := s3fake.Start(t)
	const rounds, runs = 2, 3
	won := 0
	for range rounds {
		var holding, most, got atomic.Int32
		var group sync.WaitGroup
		for range runs {
			b := claimPlace(t)
			group.Go(func() {
				c, err := take(b)
				if err != nil {
					if exit.Of(err) != exit.Locked {
						t.Errorf("got %v (code %d), want code %d", err, exit.Of(err), exit.Locked)
					}
					return
				}
				got.Add(1)
				if now := holding.Add(1); now > most.Load() {
					most.Store(now)
				}
				time.Sleep(50 * time.Millisecond)
				holding.Add(-1)
				c.release(context.Background())
			})
		}
		group.Wait()
		if most.Load() > 1 {
			t.Errorf("got %d runs at once, want one", most.Load())
		}
		won += int(got.Load())
		if len(s.Objects()) > 0 {
			t.Errorf("got %v left, want no claims", s.Objects())
		}
	}
	if won == 0 {
		t.Errorf("got no run in %d rounds, want one now and then", rounds)
	}
}

func TestWaitingForAnotherRunCanBeCancelled(t *testing.T) {
	s := s3fake.Start(t)
	s.Set(placecheck.Job+claimFolder+"other", "as young as this one\n")
	ctx, cancel := context.WithCancel(context.Background())
	s.Fail(func(_ int, r *http.Request) *s3fake.Failure {
		if r.Method == http.MethodDelete {
			cancel()
		}
		return nil
	})
	start := time.Now()
	_, err := takeClaim(ctx, claimPlace(t), start, zerolog.Nop())
	if took := time.Since(start); !errors.Is(err, context.Canceled) || took > time.Second {
		t.Errorf("got %v after %v, want context.Canceled within a second", err, took)
	}
}
