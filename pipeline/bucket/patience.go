package bucket

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
)

// idleAfter is the longest stall of a transfer. The library bounds the time to
// connect and to the first byte of an answer, but not the time between two bytes:
// the wait for a store or a firewall that goes silent in the middle of a body
// would never end.
const idleAfter = 30 * time.Second

// errSilent is a transfer that stood still for too long.
var errSilent = errors.New("the transfer stood still, and was given up")

// patient sends requests, and abandons a request whose body, either way,
// stalls.
type patient struct {
	http.RoundTripper
	idle time.Duration
}

// RoundTrip sends a request. Reading the body of the answer fails with errSilent
// where nothing comes for the time.
func (p *patient) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	timer := time.AfterFunc(p.idle, func() { cancel(errSilent) })
	timer.Stop()
	sent := r.WithContext(ctx)
	body := &moving{ReadCloser: r.Body, timer: timer, idle: p.idle}
	if r.Body != nil && r.Body != http.NoBody {
		sent.Body = body
	}
	answer, err := p.RoundTripper.RoundTrip(sent)
	body.rest() // an answer may come before all has been sent
	if err != nil {
		err = silence(ctx, err)
		cancel(nil)
		return nil, err
	}
	answer.Body = &patientBody{ReadCloser: answer.Body, ctx: ctx, cancel: cancel, timer: timer, idle: p.idle}
	return answer, nil
}

// silence returns errSilent for a request ended by a stall.
func silence(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errSilent) {
		return errSilent
	}
	return err
}

// moving is the body of a request. The timer runs between two reads, not after
// the last.
type moving struct {
	io.ReadCloser
	idle time.Duration

	mu    sync.Mutex
	timer *time.Timer // nil once at rest
}

func (m *moving) Read(p []byte) (int, error) {
	m.run(false)
	n, err := m.ReadCloser.Read(p)
	m.run(err == nil)
	return n, err
}

func (m *moving) Close() error {
	m.rest()
	return m.ReadCloser.Close()
}

// run starts or stops the timer, unless it is at rest.
func (m *moving) run(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.timer == nil:
	case on:
		m.timer.Reset(m.idle)
	default:
		m.timer.Stop()
	}
}

// rest stops the timer for good.
func (m *moving) rest() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.timer != nil {
		m.timer.Stop()
		m.timer = nil
	}
}

// patientBody is the body of an answer. While it is read the timer runs.
type patientBody struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	idle   time.Duration
}

func (b *patientBody) Read(p []byte) (int, error) {
	b.timer.Reset(b.idle)
	n, err := b.ReadCloser.Read(p)
	b.timer.Stop()
	if err != nil && !errors.Is(err, io.EOF) {
		err = silence(b.ctx, err)
	}
	return n, err
}

func (b *patientBody) Close() error {
	b.timer.Stop()
	defer b.cancel(nil)
	return b.ReadCloser.Close()
}

// brokenOff reports whether an answer began well and broke off: the library has
// already retried a request that fails as a whole.
func brokenOff(err error) bool {
	var said minio.ErrorResponse
	var request *url.Error
	return err != nil && !errors.As(err, &said) && !errors.As(err, &request) && !errors.Is(err, errNoCredentials)
}

// persistently calls do again while its answer breaks off.
func persistently(ctx context.Context, do func() error) error {
	const tries = 5
	for try := range tries {
		err := do()
		if !brokenOff(err) || ctx.Err() != nil || try == tries-1 {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond << try):
		}
	}
	return ctx.Err()
}
