package place

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline/bucket"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/tempdir"
)

// claim is a lease: it allows only one run at a time to work on a job's place in
// a bucket.
//
// Each run writes an object with a unique name below .lock/ and lists the
// objects there: the run may continue if no other lease is alive. All stores
// list objects written before, so of two runs at least one sees the other; no
// conditional writes are needed, as some stores ignore them. A lease is renewed
// until its run ends; a lease not renewed for so long belongs to a killed run.
type claim struct {
	bucket *bucket.Bucket
	key    string
	text   string
	log    zerolog.Logger
	stop   context.CancelFunc
	ended  sync.WaitGroup
}

const (
	claimFolder  = tempdir.LockName + "/"
	claimRenewed = 30 * time.Second
	claimExpired = 5 * time.Minute
	claimTries   = 3
	claimTie     = 5 * time.Second // two claims this close together began at once
)

// takeClaim claims the place for this run.
//
// Errors: with the code Locked and the name of the other run, if any.
func takeClaim(ctx context.Context, b *bucket.Bucket, now time.Time, log zerolog.Logger) (*claim, error) {
	c := &claim{bucket: b, log: log}
	c.key = claimFolder + randomName()
	c.text = fmt.Sprintf("%s, begun %s\n", thisProcess(), now.UTC().Format(time.RFC3339))
	for try := 1; ; try++ {
		if err := b.PutText(ctx, c.key, c.text); err != nil {
			c.removeSoon(ctx) // the answer may have been lost, and not the request
			return nil, err
		}
		other, age, err := c.other(ctx)
		if err == nil && other == "" {
			c.keep(ctx, claimRenewed)
			return c, nil
		}
		if err == nil && (age > claimTie || try == claimTries) {
			err = c.refused(ctx, other)
		}
		if releasing := c.remove(ctx); err != nil {
			return nil, err
		} else if releasing != nil {
			return nil, releasing
		}
		// Both began at once, and both step back: for another while each.
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Duration(mathrand.Int64N(int64(2 * time.Second)))):
		}
	}
}

// thisProcess names the process to people who look for it.
func thisProcess() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("process %d on %s", os.Getpid(), host)
}

// randomName returns a name unique to this run.
func randomName() string {
	name := make([]byte, 8)
	_, _ = rand.Read(name) // never fails
	return hex.EncodeToString(name)
}

// other returns the key of a live lease of another run, "" where no such lease exists, and how much older it is
// than the lease of this run. Expired leases are removed.
func (c *claim) other(ctx context.Context) (key string, age time.Duration, err error) {
	all, own, err := c.list(ctx)
	if err != nil {
		return "", 0, err
	}
	for _, o := range all {
		older := own.Modified.Sub(o.Modified)
		switch {
		case o.Key == c.key:
		case older >= claimExpired:
			c.log.Warn().Str("claim", c.bucket.URL(o.Key)).Msg("removing the claim of a run that was killed")
			if err := c.bucket.Delete(ctx, o.Key); err != nil {
				return "", 0, err
			}
		default:
			return o.Key, older, nil
		}
	}
	return "", 0, nil
}

// list returns all claims and this run's own among them.
func (c *claim) list(ctx context.Context) (all []bucket.Object, own bucket.Object, err error) {
	all, err = c.bucket.List(ctx, claimFolder)
	if err != nil {
		return nil, own, err
	}
	for _, o := range all {
		if o.Key == c.key {
			return all, o, nil
		}
	}
	holder := "nobody"
	if len(all) > 0 {
		if text, err := c.bucket.Text(ctx, all[0].Key); err == nil {
			holder = strings.TrimSpace(text)
		}
	}
	return nil, own, exit.Errorf(exit.Locked, "%s: this run's claim is gone: it was not renewed for %s by the clock of the store, or somebody has removed it; "+
		"the place is claimed by: %s; run again, if no other run is under way", c.bucket.URL(claimFolder), claimExpired, holder)
}

// refused says which run is in the way.
func (c *claim) refused(ctx context.Context, other string) error {
	holder, err := c.bucket.Text(ctx, other)
	if err != nil { // it may just have ended
		holder = "unknown"
	}
	return exit.Errorf(exit.Locked, "%s: another run of this job is under way (%s); wait for it, or stop it. If it was killed, its claim expires %s "+
		"after it was last renewed, or remove %s by hand",
		c.bucket.URL(""), strings.TrimSpace(holder), claimExpired, c.bucket.URL(other))
}

// keep renews the claim now and then until it is released.
func (c *claim) keep(ctx context.Context, every time.Duration) {
	ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.ended.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			err := c.check(ctx) // a claim that is lost must not come back
			if err == nil {
				err = c.bucket.PutText(ctx, c.key, c.text)
			}
			if err != nil && ctx.Err() == nil {
				c.log.Warn().Err(err).Msg("the claim on the output could not be renewed")
			}
		}
	})
}

// check reports a lost lease, for example after a sleep of the machine. Leases
// of other runs do not matter: a run that finds this lease steps back.
func (c *claim) check(ctx context.Context) error {
	_, _, err := c.list(ctx)
	return err
}

// release removes the lease. If the removal fails, the lease expires.
func (c *claim) release(ctx context.Context) {
	c.stop()
	c.ended.Wait()
	if err := c.remove(ctx); err != nil {
		c.log.Warn().Err(err).Msg("the claim on the output could not be given up, and will expire")
	}
}

func (c *claim) remove(ctx context.Context) error {
	ctx, cancel := withGrace(ctx)
	defer cancel()
	return c.bucket.Delete(ctx, c.key)
}

// removeSoon removes the claim, if that goes quickly.
func (c *claim) removeSoon(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseGrace)
	defer cancel()
	_ = c.bucket.Delete(ctx, c.key) // otherwise it expires
}

// releaseGrace is the time left to an interrupted run for each of its last actions: the
// account of the run, and the end of its lease.
const releaseGrace = 350 * time.Millisecond

// withGrace returns a context for the last actions after the end of ctx: the new
// context ends releaseGrace later.
func withGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	graced, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(releaseGrace, cancel) })
	return graced, func() { stop(); cancel() }
}
