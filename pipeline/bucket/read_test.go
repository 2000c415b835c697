package bucket_test

import (
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/pipeline/bucket"
	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
)

func TestALevelIsObjectsAndFolders(t *testing.T) {
	s := s3fake.Start(t)
	s.PageSize(2)
	for _, key := range []string{"p/x", "p/daily-1.csv", "p/daily-2/a.csv", "p/daily-2/b.csv", "p/daily-3.csv", "p/daily-4/c/d.csv", "p/daily-5/"} {
		s.Set(key, "text")
	}
	objects, folders, err := open(t, "p").Level(t.Context(), "daily-")
	if err != nil || len(objects) != 2 || objects[0].Key != "daily-1.csv" || objects[1].Key != "daily-3.csv" || objects[0].Size != 4 || objects[0].ETag == "" {
		t.Errorf("got %+v, %v", objects, err)
	}
	if want := []string{"daily-2", "daily-4", "daily-5"}; !slices.Equal(folders, want) {
		t.Errorf("got the folders %v, want %v", folders, want)
	}
}

func TestAnObjectIsLookedAtWithoutAListing(t *testing.T) {
	s := s3fake.Start(t)
	s.Set("p/a b.csv", "text")
	b := open(t, "p")
	listed, err := b.List(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	s.Fail(func(_ int, r *http.Request) *s3fake.Failure {
		if r.Method != http.MethodHead {
			t.Errorf("got %s %s", r.Method, r.URL)
		}
		return nil
	})
	got, err := b.Stat(t.Context(), "a b.csv")
	if err != nil || len(listed) != 1 || got.Key != "a b.csv" || got.Size != 4 || got.ETag != listed[0].ETag || !got.Modified.Equal(listed[0].Modified) {
		t.Errorf("got %+v, %v; want %+v", got, err, listed)
	}
	if _, err := b.Stat(t.Context(), "a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}

func TestOnlyTheSameObjectIsRead(t *testing.T) {
	s := s3fake.Start(t)
	b, err := bucket.OpenToRead(t.Context(), "bucket", "")
	if err != nil {
		t.Fatal(err)
	}
	s.Set("key", "text of the object")
	object, err := b.Stat(t.Context(), "key")
	if err != nil {
		t.Fatal(err)
	}
	f := func(name string, fail func(n int) *s3fake.Failure, want string) {
		t.Helper()
		s.Set("key", "text of the object")
		s.Fail(func(n int, _ *http.Request) *s3fake.Failure { return fail(n) })
		var got strings.Builder
		err := b.ReadSame(t.Context(), object, &got)
		switch {
		case want == "" && (err != nil || got.String() != "text of the object"):
			t.Errorf("%s: got %q, %v", name, got.String(), err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %q in it", name, err, want)
		}
	}
	only := func(at int, f s3fake.Failure) func(n int) *s3fake.Failure {
		return func(n int) *s3fake.Failure {
			if n == at {
				return &f
			}
			return nil
		}
	}
	f("as it was", only(0, s3fake.Failure{}), "")
	f("cut off, and taken up", only(1, s3fake.Failure{Half: true}), "")
	f("changed before", only(1, s3fake.Failure{New: "other text of 18 b"}), "another program has changed it")
	f("of another size", only(1, s3fake.Failure{Short: true}), "got 17 bytes, want the 18 of the listing")
	f("without the right", only(1, s3fake.Failure{Status: 403, Code: "AccessDenied"}), "want the right to list and read there")
	f("changed in the middle", func(n int) *s3fake.Failure {
		return []*s3fake.Failure{{Half: true}, {New: "other text of 18 b"}}[min(n, 2)-1]
	}, "another program has changed it")
	s.Fail(nil)
	s.Set("key", "text of the object")
	full := errors.New("disk full")
	if err := b.ReadSame(t.Context(), object, failing{full}); !errors.Is(err, full) || errors.As(err, new(*bucket.Error)) {
		t.Errorf("got %v, want the error of the writer as it is", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A connection that breaks again and again is taken up as long as that gets the
// object on.
func TestALargeObjectComesThroughABadConnection(t *testing.T) {
	s := s3fake.Start(t)
	text := strings.Repeat("0123456789abcdef", 2<<20)
	s.Set("key", text)
	breaks := 0
	s.Fail(func(int, *http.Request) *s3fake.Failure {
		if breaks++; breaks > 7 {
			return nil
		}
		return &s3fake.Failure{Half: true}
	})
	var got strings.Builder
	n, err := open(t, "").Read(t.Context(), "key", &got)
	if breaks < 7 || err != nil || n != int64(len(text)) || got.String() != text {
		t.Errorf("got %d bytes after %d breaks, %v; want the %d of the object", n, breaks, err, len(text))
	}
}
