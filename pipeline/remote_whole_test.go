package pipeline

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/place/placecheck"
)

// A whole run, with its mining, meets a failure here and there.
func TestAWholeRunSurvivesFailingRequests(t *testing.T) {
	s := s3fake.Start(t)
	mustRun(t, bucketJob(t, fewLines))
	start := s.Objects()
	job := bucketJob(t, sameDayLines)
	s.Fail(func(int, *http.Request) *s3fake.Failure { return nil })
	mustRun(t, job)
	want, total := placecheck.Published(s.Objects(), "as_of=2024-03-03"), len(s.Requests())
	for n := 1; n <= total; n += 6 {
		placecheck.Empty(s)
		for key, text := range start {
			s.Set(key, text)
		}
		when := fmt.Sprintf("request %d of %d fails", n, total)
		s.Watch(func(objects map[string]string) { placecheck.Store(t, when, objects) })
		s.Fail(func(at int, _ *http.Request) *s3fake.Failure {
			if at < n {
				return nil
			}
			return &s3fake.Failure{}
		})
		_, err := Run(context.Background(), job, testEnv())
		if err == nil {
			placecheck.Outcome(t, when, nil, s.Objects(), "", nil, "as_of=2024-03-03", want)
		} else {
			placecheck.Outcome(t, when, err, s.Objects(), "as_of=2024-03-03", placecheck.Published(start, "as_of=2024-03-03"), "", nil)
		}
		s.Fail(nil)
		s.Advance(time.Hour)
		mustRun(t, job)
		placecheck.Outcome(t, when+", mended", nil, s.Objects(), "", nil, "as_of=2024-03-03", want)
		placecheck.OnlyPublications(t, when+", mended", s.Objects())
	}
}
