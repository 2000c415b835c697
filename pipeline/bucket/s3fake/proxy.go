package s3fake

import (
	"io"
	"net"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
)

// Break is what happens to a connection.
type Break struct {
	After int64 // bytes of answers, or of requests where Sent
	Stall bool  // no more bytes come, but the connection stays; else it is cut
	Sent  bool
}

// Proxy is a bad network before a store: connections are forwarded, and some are
// broken.
type Proxy struct {
	target  string
	decide  func(connection int) *Break
	count   atomic.Int64
	broken  atomic.Int64
	done    chan struct{}
	working sync.WaitGroup
}

// StartProxy puts a proxy between the environment of the test and its store,
// for the time of the test. decide chooses the fault of each connection,
// counted from 1: nil for no fault.
func StartProxy(t *testing.T, decide func(connection int) *Break) *Proxy {
	t.Helper()
	at, err := url.Parse(os.Getenv("AWS_ENDPOINT_URL"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{target: at.Host, decide: decide, done: make(chan struct{})}
	p.working.Go(func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return // the test has ended
			}
			p.working.Go(func() { p.serve(from) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		close(p.done)
		p.working.Wait()
	})
	t.Setenv("AWS_ENDPOINT_URL", "http://"+listener.Addr().String())
	return p
}

// Broken returns the number of connections that were cut or stalled.
func (p *Proxy) Broken() int { return int(p.broken.Load()) }

func (p *Proxy) serve(from net.Conn) {
	defer func() { _ = from.Close() }()
	to, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer func() { _ = to.Close() }()
	b := p.decide(int(p.count.Add(1)))
	ended := make(chan struct{}, 2)
	forward := func(dst, src net.Conn, mine bool) {
		defer func() { ended <- struct{}{} }()
		if b == nil || !mine {
			_, _ = io.Copy(dst, src) // ends with either side
			return
		}
		if n, _ := io.CopyN(dst, src, b.After); n < b.After {
			return
		}
		p.broken.Add(1)
		if b.Stall {
			<-p.done
		}
	}
	p.working.Go(func() { forward(to, from, b != nil && b.Sent) })
	p.working.Go(func() { forward(from, to, b != nil && !b.Sent) })
	select {
	case <-ended:
	case <-p.done:
	}
}
