package pipeline

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/place/placecheck"
)

func TestTwoRunsAtOnceAreRefusedInABucket(t *testing.T) {
	s := s3fake.Start(t)
	job := bucketJob(t, fewLines)
	first, err := place.Open(context.Background(), &job, time.Unix(0, 0), zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	s.Advance(time.Minute)
	claim := slices.Collect(maps.Keys(s.Objects()))[0]
	_, err = Run(context.Background(), bucketJob(t, fewLines), testEnv())
	if exit.Of(err) != exit.Locked {
		t.Fatalf("got %v (code %d), want code %d", err, exit.Of(err), exit.Locked)
	}
	for _, want := range []string{"s3://bucket/out/small: another run", fmt.Sprintf("process %d on ", os.Getpid()), "begun 1970-01-01T00:00:00Z", "s3://bucket/" + claim} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, want %q in it", err, want)
		}
	}
	if objects := s.Objects(); len(objects) != 1 {
		t.Errorf("got %d objects, want the claim of the first run alone", len(objects))
	}
	must(t, first.Close(context.Background()))
	mustRun(t, bucketJob(t, fewLines))
	placecheck.OnlyPublications(t, "after", s.Objects())
}

// As when a machine sleeps for an hour, and another run takes the place over.
func TestARunThatLostItsClaimPublishesNothing(t *testing.T) {
	s := s3fake.Start(t)
	mustRun(t, bucketJob(t, fewLines))
	var once sync.Once
	s.Fail(func(_ int, r *http.Request) *s3fake.Failure {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/"+manifest.Name) {
			once.Do(func() {
				go func() {
					for key := range s.Objects() {
						if strings.Contains(key, ".lock/") {
							s.Remove(key)
						}
					}
				}()
			})
			time.Sleep(20 * time.Millisecond)
		}
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/"+manifest.Success) {
			time.Sleep(20 * time.Millisecond)
		}
		return nil
	})
	_, err := Run(context.Background(), bucketJob(t, laterLines), testEnv())
	if exit.Of(err) != exit.Locked || !strings.Contains(err.Error(), "claim is gone") {
		t.Errorf("got %v (code %d), want code %d", err, exit.Of(err), exit.Locked)
	}
	if latest := strings.TrimSpace(s.Objects()[placecheck.Job+"latest"]); latest != "as_of=2024-03-03" {
		t.Errorf("latest: got %q", latest)
	}
	if s.Objects()[placecheck.Job+".publishing"] == "" {
		t.Errorf("got the journal gone, want it left to the run that has taken over")
	}
}
