package bucket_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/pipeline/bucket"
	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
)

// impatient opens the bucket with little patience for silence.
func impatient(t *testing.T) *bucket.Bucket {
	t.Helper()
	b, err := bucket.OpenImpatient(t.Context(), "bucket", "", 300*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// within fails the test where do has not ended after a time.
func within(t *testing.T, most time.Duration, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(most):
		t.Fatalf("not done after %s", most)
	}
}

// TestObjectsComeThroughABadNetwork reads and writes through a network that cuts or
// stalls each of the first connections.
func TestObjectsComeThroughABadNetwork(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", 1<<19)
	for _, stall := range []bool{false, true} {
		t.Run(fmt.Sprintf("stall=%v", stall), func(t *testing.T) {
			s := s3fake.Start(t)
			s.Set("key", text)
			p := s3fake.StartProxy(t, func(connection int) *s3fake.Break {
				if connection > 4 {
					return nil
				}
				return &s3fake.Break{After: 2_000_000, Stall: stall}
			})
			b := impatient(t)
			within(t, 30*time.Second, func() {
				var got strings.Builder
				n, err := b.Read(t.Context(), "key", &got)
				if err != nil || n != int64(len(text)) || got.String() != text {
					t.Errorf("got %d bytes, %v; want %d", n, err, len(text))
				}
			})
			if p.Broken() < 3 {
				t.Errorf("got %d broken connections, want at least 3", p.Broken())
			}
		})
	}
}

func TestListingsComeThroughABadNetwork(t *testing.T) {
	for _, stall := range []bool{false, true} {
		t.Run(fmt.Sprintf("stall=%v", stall), func(t *testing.T) {
			s := s3fake.Start(t)
			s.PageSize(100)
			for i := range 500 {
				s.Set(fmt.Sprintf("key-%04d", i), "text")
			}
			p := s3fake.StartProxy(t, func(connection int) *s3fake.Break {
				if connection > 3 {
					return nil
				}
				return &s3fake.Break{After: int64(connection) * 20_000, Stall: stall}
			})
			b := impatient(t)
			within(t, 30*time.Second, func() {
				all, err := b.List(t.Context(), "")
				if err != nil || len(all) != 500 || all[499].Key != "key-0499" {
					t.Errorf("got %d objects, %v; want 500", len(all), err)
				}
			})
			if p.Broken() < 2 {
				t.Errorf("got %d broken connections, want at least 2", p.Broken())
			}
		})
	}
}

// TestStoresThatTakeNoMoreAreGivenUp writes through a network in which the first
// connections take a piece of what is sent and no more.
func TestStoresThatTakeNoMoreAreGivenUp(t *testing.T) {
	s := s3fake.Start(t)
	text := strings.Repeat("0123456789abcdef", 1<<20) // more than the system's buffers hold
	p := s3fake.StartProxy(t, func(connection int) *s3fake.Break {
		if connection > 2 {
			return nil
		}
		return &s3fake.Break{After: 100_000, Stall: true, Sent: true}
	})
	b := impatient(t)
	within(t, 60*time.Second, func() {
		if err := b.PutText(t.Context(), "key", text); err != nil || s.Objects()["key"] != text {
			t.Errorf("got %v, or other contents", err)
		}
	})
	if p.Broken() == 0 {
		t.Error("got no broken connection")
	}
}

// TestAStoreThatStaysSilentIsAnError ends in time, and says so.
func TestAStoreThatStaysSilentIsAnError(t *testing.T) {
	s := s3fake.Start(t)
	s.Set("key", strings.Repeat("x", 1<<20))
	s3fake.StartProxy(t, func(int) *s3fake.Break { return &s3fake.Break{After: 10_000, Stall: true} })
	b := impatient(t)
	within(t, 30*time.Second, func() {
		_, err := b.Read(t.Context(), "key", &strings.Builder{})
		var fault *bucket.Error
		if !errors.As(err, &fault) || !fault.Mute || !strings.Contains(err.Error(), "stood still") {
			t.Errorf("got %v", err)
		}
	})
}

// TestWhatTheStoreRefusesIsNotAskedAgain counts requests for a listing that is not
// allowed.
func TestWhatTheStoreRefusesIsNotAskedAgain(t *testing.T) {
	s := s3fake.Start(t)
	b := impatient(t)
	s.Fail(func(int, *http.Request) *s3fake.Failure { return &s3fake.Failure{Status: 403, Code: "AccessDenied"} })
	if _, err := b.List(t.Context(), ""); err == nil || len(s.Requests()) != 1 {
		t.Errorf("got %v after %d requests", err, len(s.Requests()))
	}
}
