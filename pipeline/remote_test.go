package pipeline

import (
	"context"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/place/placecheck"
)

// bucketJob returns smallJob with its results in the bucket of a fake store.
func bucketJob(t *testing.T, data string) config.Job {
	t.Helper()
	job := parse(t, smallJob(t, data)+"output: s3://bucket/out\n")
	job.Path = ""
	return job
}

// What fewLines becomes with a sale of the same day, and of a later one.
const (
	sameDayLines = fewLines + "c4,2024-03-02 12:00:00,5,b,3,4.00\n"
	laterLines   = fewLines + "c4,2024-03-05 12:00:00,5,b,3,4.00\n"
)

// localFiles returns the same of a local folder.
func localFiles(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name := range digests(t, folder) {
		text, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(text)
	}
	return out
}

func TestABucketGetsTheBytesOfALocalRun(t *testing.T) {
	s := s3fake.Start(t)
	t.Setenv("TMPDIR", t.TempDir())
	job, folder := smallShop(t)
	job.Output = "s3://bucket/out"
	result := mustRun(t, job)
	if want := "s3://bucket/out/small/as_of=2024-07-01"; result.Folder != want {
		t.Errorf("got %s, want %s", result.Folder, want)
	}
	objects := s.Objects()
	if differ := placecheck.Differ(placecheck.Published(objects, "as_of=2024-07-01"), localFiles(t, folder)); len(differ) > 0 {
		t.Errorf("got other contents than those of a local run: %v", differ)
	}
	if latest := placecheck.Store(t, "after", objects); latest != "as_of=2024-07-01" {
		t.Errorf("latest: got %q", latest)
	}
	placecheck.OnlyPublications(t, "after", objects)
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("got %v left in the temporary folder, %v", left, err)
	}
}

func TestARunThatIsRepeatedSendsTheManifestAlone(t *testing.T) {
	s := s3fake.Start(t)
	job := bucketJob(t, fewLines)
	mustRun(t, job)
	before := placecheck.Published(s.Objects(), "as_of=2024-03-03")
	s.Fail(func(int, *http.Request) *s3fake.Failure { return nil })
	mustRun(t, job)
	for _, r := range s.Requests() {
		if strings.HasPrefix(r, "PUT ") && strings.Contains(r, "as_of") && !strings.HasSuffix(r, manifest.Name) {
			t.Errorf("got %s, want the manifest alone to be sent", r)
		}
	}
	if differ := placecheck.Differ(placecheck.Published(s.Objects(), "as_of=2024-03-03"), before); len(differ) > 0 {
		t.Errorf("got other contents: %v", differ)
	}
	placecheck.Store(t, "after", s.Objects())
	placecheck.OnlyPublications(t, "after", s.Objects())
}

func TestASecondRunOfADayReplacesTheFirstInABucket(t *testing.T) {
	s := s3fake.Start(t)
	mustRun(t, bucketJob(t, fewLines))
	s.Set(placecheck.Job+"as_of=2024-03-03/notes/of mine.txt", "stale")
	job := bucketJob(t, sameDayLines)
	job.Steps = job.Steps.With("features", nil) // so that a file is to go
	mustRun(t, job)
	want := job
	want.Output = t.TempDir()
	objects := s.Objects()
	differ := placecheck.Differ(placecheck.Published(objects, "as_of=2024-03-03"), localFiles(t, mustRun(t, want).Folder))
	if len(differ) > 0 {
		t.Errorf("got other contents than those of a local run: %v", differ)
	}
	placecheck.Store(t, "after", objects)
	placecheck.OnlyPublications(t, "after", objects)
}

func TestADeltaInABucketComparesWithTheEarlierDay(t *testing.T) {
	s := s3fake.Start(t)
	local := parse(t, smallJob(t, fewLines))
	mustRun(t, local)
	mustRun(t, bucketJob(t, fewLines))
	later := bucketJob(t, laterLines)
	got := mustRun(t, later)
	later.Output = local.Output
	want := mustRun(t, later)
	if *got.Manifest.DeltaBase != *want.Manifest.DeltaBase || got.Manifest.DeltaBase.AsOf != "2024-03-03" {
		t.Errorf("got the base %+v, want %+v", got.Manifest.DeltaBase, want.Manifest.DeltaBase)
	}
	if differ := placecheck.Differ(placecheck.Published(s.Objects(), "as_of=2024-03-06"), localFiles(t, want.Folder)); len(differ) > 0 {
		t.Errorf("got other contents than those of a local run: %v", differ)
	}
	if latest := placecheck.Store(t, "after", s.Objects()); latest != "as_of=2024-03-06" {
		t.Errorf("latest: got %q", latest)
	}
	if delta := placecheck.Published(s.Objects(), "as_of=2024-03-06")["crm/generic/delta.csv"]; strings.Count(delta, "insert,") != 1 {
		t.Errorf("got the delta %q, want one insert", delta)
	}
}

func TestNothingToDoInABucket(t *testing.T) {
	s := s3fake.Start(t)
	run := func(job config.Job) *Result {
		t.Helper()
		result, err := RunIfChanged(context.Background(), job, testEnv())
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	first, second := bucketJob(t, fewLines), bucketJob(t, laterLines)
	for i, job := range []config.Job{first, first, second, second} {
		result := run(job)
		if result.Unchanged != (i%2 == 1) {
			t.Errorf("run %d: got unchanged %v", i, result.Unchanged)
		}
	}
	before := s.Objects()
	s.Fail(func(_ int, r *http.Request) *s3fake.Failure {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, ".csv") {
			t.Errorf("got %s fetched, which nothing to do does not need", r.URL.Path)
		}
		return nil
	})
	if result := run(second); result.Folder != "s3://bucket/out/small/as_of=2024-03-06" || !result.Unchanged {
		t.Errorf("got %+v, want the URL of the folder, unchanged", result)
	}
	if !maps.Equal(before, s.Objects()) {
		t.Errorf("got the store changed")
	}
	s.Fail(nil)
	// What is not whole is a reason to run.
	s.Remove(placecheck.Job + "as_of=2024-03-06/segments.parquet")
	if run(second).Unchanged {
		t.Errorf("got unchanged, want a run where a file is missing")
	}
	s.Set(placecheck.Job+"as_of=2024-03-06/segments.parquet", "short")
	if run(second).Unchanged {
		t.Errorf("got unchanged, want a run where a file has another size")
	}
	placecheck.Store(t, "after", s.Objects())
}

func TestScoresGoToABucketAndModelsComeFromOne(t *testing.T) {
	s := s3fake.Start(t)
	job, folder := smallShop(t)
	local, err := modelfile.Read(context.Background(), folder)
	if err != nil {
		t.Fatal(err)
	}
	job.Output = "s3://bucket/out"
	url := mustRun(t, job).Folder
	models, err := modelfile.Read(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	want, wantErr := local.Digest()
	got, gotErr := models.Digest()
	if got != want || gotErr != nil || wantErr != nil {
		t.Errorf("got other models than those of a local run: %v, %v", gotErr, wantErr)
	}
	job.AsOf = ptr(*job.AsOf + 1)
	result, err := Score(context.Background(), job, models, testEnv())
	if err != nil || result.Folder != "s3://bucket/out/small/as_of=2024-07-02" {
		t.Fatalf("got %+v, %v", result, err)
	}
	placecheck.Store(t, "after", s.Objects())
	for place, code := range map[string]exit.Code{
		"s3://bucket/nowhere": exit.BadInput, "s3://other/out": exit.BadInput, "gs://bucket/x": exit.Usage, "s3://bucket/out/small": exit.BadInput,
	} {
		if _, err := modelfile.Read(context.Background(), place); exit.Of(err) != code || !strings.Contains(err.Error(), place) {
			t.Errorf("%s: got %v (code %d), want code %d and the URL", place, err, exit.Of(err), code)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestAnIllStoreIsNoticed(t *testing.T) {
	s := s3fake.Start(t)
	mustRun(t, bucketJob(t, fewLines))
	before := placecheck.Published(s.Objects(), "as_of=2024-03-03")
	s.Alter(func(key string, body []byte) []byte {
		if strings.HasSuffix(key, placecheck.Job+"as_of=2024-03-06/segments.parquet") {
			body = slices.Clone(body)
			body[len(body)/2] ^= 1
		}
		return body
	})
	_, err := Run(context.Background(), bucketJob(t, laterLines), testEnv())
	if exit.Of(err) != exit.NotWritten || !strings.Contains(err.Error(), "s3://bucket/out/small/as_of=2024-03-06/segments.parquet: reading back: got") {
		t.Errorf("got %v (code %d), want the file that differs", err, exit.Of(err))
	}
	if latest := placecheck.Store(t, "after", s.Objects()); latest != "as_of=2024-03-03" {
		t.Errorf("latest: got %q", latest)
	}
	placecheck.OnlyPublications(t, "after", s.Objects())
	if differ := placecheck.Differ(placecheck.Published(s.Objects(), "as_of=2024-03-03"), before); len(differ) > 0 {
		t.Errorf("got %v changed", differ)
	}
}

func TestAPlaceThatCannotBeWrittenIsFoundEarly(t *testing.T) {
	s := s3fake.Start(t)
	f := func(output string, failure *s3fake.Failure, code exit.Code, want string) {
		t.Helper()
		job := bucketJob(t, fewLines)
		job.Output = output
		s.Fail(func(_ int, r *http.Request) *s3fake.Failure {
			if r.Method == http.MethodPut {
				return failure
			}
			return nil
		})
		_, running := Run(context.Background(), job, testEnv())
		_, checking := Check(context.Background(), job, testEnv())
		for _, err := range []error{running, checking} {
			if exit.Of(err) != code || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), s3fake.SecretKey) {
				t.Errorf("got %v (code %d), want code %d and %q", err, exit.Of(err), code, want)
			}
		}
	}
	f("s3://other/out", nil, exit.NotWritten, "s3://other/out/small: looking for the bucket: got NoSuchBucket")
	f("s3://bucket/out", &s3fake.Failure{Status: 403, Code: "AccessDenied"}, exit.NotWritten, "mend the policy")
	f("gs://bucket/out", nil, exit.Usage, "AWS_ENDPOINT_URL=https://storage.googleapis.com")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDOTHER")
	f("s3://bucket/out", nil, exit.NotWritten, "got InvalidAccessKeyId")
	t.Setenv("AWS_ENDPOINT_URL", "nonsense")
	f("s3://bucket/out", nil, exit.Usage, `AWS_ENDPOINT_URL: got "nonsense"`)
	if len(s.Objects()) > 0 {
		t.Errorf("got %v written, want nothing", slices.Sorted(maps.Keys(s.Objects())))
	}
}

func TestACheckLeavesTheBucketAsItWas(t *testing.T) {
	s := s3fake.Start(t)
	checked, err := Check(context.Background(), bucketJob(t, fewLines), testEnv())
	if err != nil || checked.Place != "s3://bucket/out/small" {
		t.Fatalf("got %+v, %v; want the place", checked, err)
	}
	if len(s.Objects()) > 0 {
		t.Errorf("got %v, want an empty bucket", slices.Sorted(maps.Keys(s.Objects())))
	}
}

func TestACancelledUploadEndsWithinASecond(t *testing.T) {
	s := s3fake.Start(t)
	mustRun(t, bucketJob(t, fewLines))
	for _, at := range []string{"segments.parquet", "manifest.json", ".replaced", ".publishing"} {
		hang := make(chan struct{})
		ctx, cancel := context.WithCancel(context.Background())
		var cancelled time.Time
		s.Fail(func(_ int, r *http.Request) *s3fake.Failure {
			if r.Method == http.MethodPut && strings.Contains(r.URL.Path, at) {
				cancelled = time.Now()
				cancel()
				<-hang // and so does every later request
			}
			return nil
		})
		_, err := Run(ctx, bucketJob(t, sameDayLines), testEnv())
		took := time.Since(cancelled)
		close(hang)
		cancel()
		if exit.Of(err) != exit.Interrupted || took > time.Second {
			t.Errorf("%s: got %v after %v, want an interruption within a second", at, err, took)
		}
		placecheck.Store(t, at, s.Objects())
		s.Fail(nil)
		s.Advance(time.Hour) // the claim could not be given up
		mustRun(t, bucketJob(t, fewLines))
		placecheck.Store(t, at+", mended", s.Objects())
		placecheck.OnlyPublications(t, at+", mended", s.Objects())
	}
}
