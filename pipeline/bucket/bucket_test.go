package bucket_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/pipeline/bucket"
	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
)

func open(t *testing.T, prefix string) *bucket.Bucket {
	t.Helper()
	b, err := bucket.Open(context.Background(), "bucket", prefix)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestObjectsKeepTheirBytesAndStayBelowThePrefix(t *testing.T) {
	s := s3fake.Start(t)
	b := open(t, "/some/where/")
	ctx := context.Background()
	large := make([]byte, 40<<20) // beyond what goes in one request
	rng := rand.New(rand.NewPCG(1, 0))
	for i := range large {
		large[i] = byte(rng.Uint32())
	}
	for key, text := range map[string][]byte{"empty": nil, "a b/ü=1/x+y.csv": []byte("text"), "large.parquet": large} {
		if err := b.Put(ctx, key, write(t, text)); err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if n, err := b.Read(ctx, key, &got); err != nil || n != int64(len(text)) || !bytes.Equal(got.Bytes(), text) {
			t.Errorf("%s: got %d bytes, %v; want the %d that were written", key, n, err, len(text))
		}
		if s.Objects()["some/where/"+key] != string(text) {
			t.Errorf("%s: got other contents, or another key, in the store", key)
		}
	}
	if err := b.Copy(ctx, "a b/ü=1/x+y.csv", "copy", 4); err != nil {
		t.Fatal(err)
	}
	if text, err := b.Text(ctx, "copy"); text != "text" || err != nil {
		t.Errorf("got the copy %q, %v; want text", text, err)
	}
	if err := errors.Join(b.Delete(ctx, "copy"), b.Delete(ctx, "copy")); err != nil {
		t.Errorf("removing what is not there: got %v, want no error", err)
	}
	if _, err := b.Text(ctx, "copy"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
	if url := b.URL("x/y"); url != "s3://bucket/some/where/x/y" {
		t.Errorf("got %s", url)
	}
	if url := b.URL(""); url != "s3://bucket/some/where" {
		t.Errorf("got %s", url)
	}
}

func TestListingsOfManyPagesAreWhole(t *testing.T) {
	s := s3fake.Start(t)
	s.PageSize(7)
	var want, folders []string
	for i := range 60 {
		key := "day=" + strconv.Itoa(100+i/3) + "/file " + strconv.Itoa(i)
		s.Set("p/"+key, "x")
		want = append(want, key)
		folders = append(folders, key[:7])
	}
	s.Set("p/day=100/", "") // the marker of a folder
	s.Set("p/latest", "x")
	s.Set("pq/day=900/x", "x")
	b := open(t, "p")
	got, err := b.List(context.Background(), "day=1")
	var keys []string
	for _, o := range got {
		keys = append(keys, o.Key)
	}
	slices.Sort(want)
	if err != nil || !slices.Equal(keys, want) {
		t.Errorf("got %v, %v; want %v", keys, err, want)
	}
	names, err := b.Folders(context.Background())
	if err != nil || !slices.Equal(names, slices.Compact(folders)) {
		t.Errorf("got the folders %v, %v; want %v", names, err, slices.Compact(folders))
	}
	// The library ends a cancelled listing without a word.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.List(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestABusyStoreIsAskedAgain(t *testing.T) {
	s := s3fake.Start(t)
	s.Fail(func(n int, _ *http.Request) *s3fake.Failure {
		switch n % 3 {
		case 0:
			return nil
		case 1:
			return &s3fake.Failure{Status: http.StatusServiceUnavailable, Code: "SlowDown"}
		}
		return &s3fake.Failure{Cut: true}
	})
	b := open(t, "")
	if err := b.Put(context.Background(), "key", write(t, []byte("text"))); err != nil {
		t.Fatal(err)
	}
	if text, err := b.Text(context.Background(), "key"); text != "text" || err != nil {
		t.Errorf("got %q, %v; want text", text, err)
	}
}

func TestAReadThatBreaksGoesOnWhereItBroke(t *testing.T) {
	s := s3fake.Start(t)
	b := open(t, "")
	text := strings.Repeat("0123456789", 100_000)
	s.Set("key", text)
	half := func(most int) func(int, *http.Request) *s3fake.Failure {
		return func(n int, _ *http.Request) *s3fake.Failure {
			if n > most {
				return nil
			}
			return &s3fake.Failure{Half: true}
		}
	}
	s.Fail(half(3))
	if got, err := b.Text(context.Background(), "key"); got != text || err != nil {
		t.Errorf("got %d bytes, %v; want %d", len(got), err, len(text))
	}
	// But not with another object that has come under the same key meanwhile.
	s.Fail(half(1))
	var e *bucket.Error
	n, err := b.Read(context.Background(), "key", replacing{s})
	if !errors.As(err, &e) || !strings.HasPrefix(e.Got, "PreconditionFailed") {
		t.Errorf("got %d bytes, %v; want PreconditionFailed", n, err)
	}
}

// replacing replaces the object while it is read.
type replacing struct{ store *s3fake.Server }

func (r replacing) Write(p []byte) (int, error) {
	r.store.Set("key", "another")
	return len(p), nil
}

func TestAnErrorSaysWhereAndHowToMendIt(t *testing.T) {
	s := s3fake.Start(t)
	b := open(t, "p")
	f := func(failure *s3fake.Failure, wants ...string) {
		t.Helper()
		s.Fail(func(int, *http.Request) *s3fake.Failure { return failure })
		err := b.PutText(context.Background(), "key", "text")
		if err == nil {
			t.Fatal("got no error")
		}
		for _, want := range append(wants, "s3://bucket/p/key: writing: got "+failure.Code, ", want ") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("got %q, want %q in it", err, want)
			}
		}
		if strings.Contains(err.Error(), s3fake.SecretKey) || strings.Contains(err.Error(), s3fake.AccessKey) {
			t.Errorf("got %q, which shows credentials", err)
		}
		e := new(bucket.Error)
		if !errors.As(err, &e) || e.Busy != (failure.Status == 503) {
			t.Errorf("got %+v, want it busy for status 503 only", e)
		}
	}
	f(&s3fake.Failure{Status: 403, Code: "AccessDenied"}, "mend the policy")
	f(&s3fake.Failure{Status: 403, Code: "SignatureDoesNotMatch"}, "AWS_SECRET_ACCESS_KEY")
	f(&s3fake.Failure{Status: 403, Code: "Odd"}, "AWS_SECRET_ACCESS_KEY")
	f(&s3fake.Failure{Status: 404, Code: "NoSuchBucket"}, "make it, or mend the URL")
	f(&s3fake.Failure{Status: 400, Code: "ExpiredToken"}, "get new ones")
	f(&s3fake.Failure{Status: 301, Code: "PermanentRedirect"}, "AWS_REGION")
	f(&s3fake.Failure{Status: 418, Code: "Teapot"}, "AWS_ENDPOINT_URL")
	f(&s3fake.Failure{Status: 503, Code: "SlowDown"}, "run again later")
}

func TestWrongSettingsAreRefused(t *testing.T) {
	s := s3fake.Start(t)
	ctx := context.Background()
	f := func(name, value string, wants ...string) {
		t.Helper()
		old := os.Getenv(name)
		t.Setenv(name, value)
		_, err := bucket.Open(ctx, "bucket", "")
		t.Setenv(name, old)
		if err == nil {
			t.Fatalf("%s=%s: got no error", name, value)
		}
		for _, want := range wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s=%s: got %q, want %q in it", name, value, err, want)
			}
		}
		if strings.Contains(err.Error(), "pass") || strings.Contains(err.Error(), s3fake.SecretKey) {
			t.Errorf("%s=%s: got %q, which shows a secret", name, value, err)
		}
	}
	f("AWS_ENDPOINT_URL", "localhost:9000", `AWS_ENDPOINT_URL: got "localhost:9000"`, "http://localhost:9000")
	f("AWS_ENDPOINT_URL", "http://user:pass@host", "hidden")
	f("AWS_ENDPOINT_URL", "http://user:pass@%zz", "no URL")
	f("AWS_ENDPOINT_URL", s.URL+"/bucket", "without a path")
	f("AWS_ENDPOINT_URL_S3", "ftp://host", "AWS_ENDPOINT_URL_S3")
	f("AWS_ACCESS_KEY_ID", "", "got no credentials", "environment: got one half")
	f("AWS_ACCESS_KEY_ID", "other", "InvalidAccessKeyId", "AWS_PROFILE")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	f("AWS_SECRET_ACCESS_KEY", "", "got no credentials; environment: none; files of ~/.aws: ", "or run where a role is attached")
}

func TestSettingsComeFromTheFilesOfAWS(t *testing.T) {
	s := s3fake.Start(t)
	folder := t.TempDir()
	files := map[string]string{
		"config":      "[profile shop]\nregion = eu-central-1\nendpoint_url = " + s.URL + "\n",
		"credentials": "[shop]\naws_access_key_id = " + s3fake.AccessKey + "\naws_secret_access_key = " + s3fake.SecretKey + "\n",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_ENDPOINT_URL": "", "AWS_PROFILE": "shop",
		"AWS_CONFIG_FILE": filepath.Join(folder, "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(folder, "credentials"),
	} {
		t.Setenv(name, value)
	}
	region := ""
	s.Fail(func(_ int, r *http.Request) *s3fake.Failure {
		region = r.Header.Get("Authorization")
		return nil
	})
	if err := open(t, "").PutText(context.Background(), "key", "text"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(region, "/eu-central-1/s3/") || len(s.Requests()) != 1 {
		t.Errorf("got %q in %v, want one request signed for eu-central-1", region, s.Requests())
	}
}

func TestCancellingEndsEveryRequestSoon(t *testing.T) {
	s := s3fake.Start(t)
	b := open(t, "")
	s.Set("key", "text")
	large := write(t, make([]byte, 40<<20))
	hang := make(chan struct{})
	defer close(hang)
	s.Fail(func(int, *http.Request) *s3fake.Failure { <-hang; return nil })
	for name, do := range map[string]func(ctx context.Context) error{
		"Put":    func(ctx context.Context) error { return b.Put(ctx, "large", large) },
		"Text":   func(ctx context.Context) error { _, err := b.Text(ctx, "key"); return err },
		"List":   func(ctx context.Context) error { _, err := b.List(ctx, ""); return err },
		"Copy":   func(ctx context.Context) error { return b.Copy(ctx, "key", "other", 4) },
		"Delete": func(ctx context.Context) error { return b.Delete(ctx, "key") },
	} {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(20*time.Millisecond, cancel)
		start := time.Now()
		err := do(ctx)
		if took := time.Since(start); !errors.Is(err, context.Canceled) || took > time.Second {
			t.Errorf("%s: got %v after %v, want context.Canceled within a second", name, err, took)
		}
		cancel()
	}
}
