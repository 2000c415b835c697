package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/quintile-dev/quintile/pipeline/exit"
)

// grace is the time for a command to end in order after a signal, out of the two
// seconds promised for the end of the program.
const grace = 1500 * time.Millisecond

// withSignals returns a context that ends with the first SIGINT or SIGTERM; the
// cause has the exit code. A second signal ends the program at once, and so does the
// end of grace, whatever the command is doing: published results are complete at
// every moment, and the next run removes the rest of a killed run.
func withSignals(parent context.Context, errOut io.Writer) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			code, name := exit.Interrupted, "interrupted"
			if s == syscall.SIGTERM {
				code, name = exit.Terminated, "terminated"
			}
			signal.Stop(signals) // a second signal ends the program at once
			cancel(&exit.Error{Code: code, Err: errors.New(name + "; nothing was published")})
			select {
			case <-done:
			case <-time.After(grace):
				fmt.Fprintf(errOut, "quintile: %s, and stopped at once after %s; what latest names is whole, and the next run removes what this one leaves\n", name, grace)
				os.Exit(int(code))
			}
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}
