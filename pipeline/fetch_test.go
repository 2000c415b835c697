package pipeline

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline/progress"

	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/initjob"
	"github.com/quintile-dev/quintile/pipeline/modelfile"
	"github.com/quintile-dev/quintile/pipeline/place/placecheck"
)

// objectJob is folderJob on a path, which may be a URL.
func objectJob(t *testing.T, path, settings string) config.Job {
	t.Helper()
	return parse(t, `
job: small
inputs:
  transactions:
    - path: "`+path+`"
      columns: {customer: customer, time: time, order: order, product: product, quantity: quantity, unit_price: price}
steps: {rfm: {}, features: {}}
quality: {max_quarantined: 30%}
`+settings)
}

// emptyTemp gives the test a temporary folder, which must be empty at its end.
func emptyTemp(t *testing.T) {
	t.Helper()
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	t.Cleanup(func() {
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("got %v left in the temporary folder, %v", left, err)
		}
	})
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// gets returns the keys of the objects that were read since Fail was called.
func gets(s *s3fake.Server) []string {
	var keys []string
	for _, r := range s.Requests() {
		if key, is := strings.CutPrefix(r, "GET /bucket/"); is && !strings.HasPrefix(key, "?") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// count begins to count the requests.
func count(s *s3fake.Server) {
	s.Fail(func(int, *http.Request) *s3fake.Failure { return nil })
}

// The same files in a folder and in a bucket, by the same path, give the same
// bytes; what names files has the URLs.
func TestInputsInABucketGiveTheBytesOfLocalOnes(t *testing.T) {
	s := s3fake.Start(t)
	s.PageSize(3)
	emptyTemp(t)
	csv, parquet := retailer(t, 60, 600)
	read := func(path string) string {
		text, err := os.ReadFile(path)
		must(t, err)
		return string(text)
	}
	header, rest, _ := strings.Cut(read(csv), "\n")
	lines := strings.SplitAfter(rest, "\n")
	third := len(lines) / 3
	part := func(i int) string { return header + "\n" + strings.Join(lines[i*third:(i+1)*third], "") }
	folder := t.TempDir()
	for name, text := range map[string]string{
		"whole.csv": read(csv), "whole.parquet": read(parquet), "odd name": read(parquet),
		"daily/2011-01.csv": part(0), "daily/2011-02.csv.gz": gzipped(t, part(1)), "daily/2011-03/part-0.csv": part(2), "daily/2012-01.csv": part(0),
		"daily/_SUCCESS": "", "daily/2011-03/.hidden.csv": "no data", "daily/2011-03/notes.md": "no data",
		"hive/shop=berlin/day=1/x.csv": part(0), "hive/shop=paris/day=2/x.csv": part(1) + "c,no time,o,p\n", "hive/shop=__HIVE_DEFAULT_PARTITION__/x.csv": part(2),
	} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte(text), 0o600))
		s.Set("lake/"+name, text)
	}
	for _, path := range []string{"whole.csv", "whole.parquet", "odd name", "daily", "daily/", "daily/2011-*", "daily/*.gz", "hive", "hive/shop=*", "d*/*/*.csv"} {
		t.Run(path, func(t *testing.T) {
			emptyTemp(t)
			job := synthJob(t, folder+"/"+path)
			job.Steps = keep(job.Steps, "rfm", "features")
			job.Quality.MaxQuarantined = 0.3
			if strings.HasPrefix(path, "hive") {
				job.Inputs.Transactions[0].Columns["store"] = "shop"
			}
			want := mustRun(t, job)
			job.Inputs.Transactions[0].Path = "s3://bucket/lake/" + path
			job.Output = t.TempDir()
			got := mustRun(t, job)
			there, here := digests(t, got.Folder), digests(t, want.Folder)
			delete(there, "quarantine.parquet") // has the paths
			delete(here, "quarantine.parquet")
			if differ := placecheck.Differ(there, here); len(differ) > 0 || len(there) < 5 {
				t.Errorf("got other contents than from local files: %v", differ)
			}
			if got.Manifest.Rows.Quarantined != want.Manifest.Rows.Quarantined || got.Manifest.Rows.Read != want.Manifest.Rows.Read {
				t.Errorf("got %+v, want %+v", got.Manifest.Rows, want.Manifest.Rows)
			}
			if len(got.Manifest.Inputs) != len(want.Manifest.Inputs) {
				t.Fatalf("got %d inputs, want %d", len(got.Manifest.Inputs), len(want.Manifest.Inputs))
			}
			for i, in := range got.Manifest.Inputs {
				local := want.Manifest.Inputs[i]
				if local.Path = "s3://bucket/lake" + strings.TrimPrefix(filepath.Clean(local.Path), folder); in.ETag == "" {
					t.Errorf("%s: got no ETag", in.Path)
				}
				if in.ETag = ""; in != local {
					t.Errorf("got %+v, want %+v", in, local)
				}
			}
			leftovers(t, filepath.Join(job.Output, job.Job))
		})
	}
}

func TestInputsAndOutputMayBeInOneBucket(t *testing.T) {
	s := s3fake.Start(t)
	emptyTemp(t)
	s.Set("in/a.csv", fewLines)
	job := objectJob(t, "s3://bucket/in/*.csv", "output: s3://bucket/out\n")
	local := objectJob(t, writeFile(t, t.TempDir(), "a.csv", fewLines), "")
	if got := mustRun(t, job).Folder; got != "s3://bucket/out/small/as_of=2024-03-03" {
		t.Errorf("got %s", got)
	}
	objects := s.Objects()
	delete(objects, "in/a.csv")
	if differ := placecheck.Differ(placecheck.Published(objects, "as_of=2024-03-03"), localFiles(t, mustRun(t, local).Folder)); len(differ) > 0 {
		t.Errorf("got other contents than those of a local run: %v", differ)
	}
	placecheck.OnlyPublications(t, "after", objects)
}

// What is wrong with an input says which object it is, and has the exit code of
// bad input; nothing of what was fetched is left, and no secret is shown.
func TestWhatIsWrongWithAnObjectIsBadInput(t *testing.T) {
	s := s3fake.Start(t)
	s.Set("in/a.csv", fewLines)
	s.Set("in/b.csv", moreLines)
	s.Set("bad/a.parquet", "PAR1 and no more than that, PAR1")
	s.Set("bad/b.csv.gz", gzipped(t, fewLines)[:60])
	s.Set("bad/c.csv", "alpha,beta\n1,2\n")
	s.Set("only/README.md", "text")
	refuse := func(method, in string, failure s3fake.Failure) func(int, *http.Request) *s3fake.Failure {
		return func(_ int, r *http.Request) *s3fake.Failure {
			if r.Method == method && strings.Contains(r.URL.RequestURI(), in) {
				return &failure
			}
			return nil
		}
	}
	denied := s3fake.Failure{Status: 403, Code: "AccessDenied"}
	f := func(path string, fail func(int, *http.Request) *s3fake.Failure, code exit.Code, wants ...string) {
		t.Helper()
		t.Run(path, func(t *testing.T) {
			t.Helper()
			emptyTemp(t)
			s.Fail(fail)
			defer s.Fail(nil)
			job := objectJob(t, path, "")
			_, running := Run(context.Background(), job, testEnv())
			_, checking := Check(context.Background(), job, testEnv())
			for _, err := range []error{running, checking} {
				if exit.Of(err) != code {
					t.Errorf("got the exit code %d (%v), want %d", exit.Of(err), err, code)
					continue
				}
				for _, want := range wants {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("got %q, want %q in it", err, want)
					}
				}
				for _, secret := range []string{s3fake.SecretKey, s3fake.AccessKey, os.TempDir(), job.Output, "c1,"} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("got %q, which shows %q", err, secret)
					}
				}
			}
			leftovers(t, filepath.Join(job.Output, job.Job))
		})
	}
	f("s3://bucket/in/no.csv", nil, exit.BadInput, "s3://bucket/in/no.csv: got no object of that name, and none below it")
	f("s3://bucket/i", nil, exit.BadInput, "s3://bucket/i: got no object")
	f("s3://bucket/in/2011-*.csv", nil, exit.BadInput, "s3://bucket/in/2011-*.csv: got no file that matches")
	f("s3://bucket/in/[", nil, exit.BadInput, "a glob that is not well formed")
	f("s3://bucket/only/", nil, exit.BadInput, "s3://bucket/only: got no data file below this folder")
	f("s3://elsewhere/in/a.csv", nil, exit.BadInput, "s3://elsewhere", "NoSuchBucket", "make it, or mend the URL")
	f("s3://bucket/in/a.csv", refuse("HEAD", "", denied), exit.BadInput, "s3://bucket/in/a.csv", "AccessDenied", "want the right to list and read there")
	f("s3://bucket/in", refuse("GET", "list-type", denied), exit.BadInput, "s3://bucket/in", "AccessDenied", "want the right to list and read there")
	f("s3://bucket/in/", refuse("GET", "b.csv", denied), exit.BadInput, "s3://bucket/in/b.csv: reading: got AccessDenied")
	f("s3://bucket/in/*", refuse("GET", "b.csv", s3fake.Failure{Short: true}), exit.BadInput, "s3://bucket/in/b.csv: reading: got 110 bytes, want the 111 of the listing")
	f("s3://bucket/in/*.csv", refuse("GET", "b.csv", s3fake.Failure{Status: 404, Code: "NoSuchKey"}), exit.BadInput, "s3://bucket/in/b.csv: reading: got NoSuchKey")
	f("s3://bucket/in/b.csv", refuse("GET", "b.csv", s3fake.Failure{Status: 403, Code: "InvalidObjectState"}), exit.BadInput, "restore it from the archive")
	f("s3://bucket/bad/a.parquet", nil, exit.BadInput, "s3://bucket/bad/a.parquet")
	f("s3://bucket/bad/b.csv.gz", nil, exit.BadInput, "s3://bucket/bad/b.csv.gz", "gzip data that end too early")
	f("s3://bucket/bad/c.csv", nil, exit.BadInput, `s3://bucket/bad/c.csv: column "customer" not found`)
	changed := func(_ int, r *http.Request) *s3fake.Failure {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "b.csv") {
			return &s3fake.Failure{New: moreLines + "c9,2024-03-02 10:00:00,9,a,1," + fmt.Sprint(time.Now().UnixNano()) + "\n"}
		}
		return nil
	}
	f("s3://bucket/in/?.csv", changed, exit.BadInput, "s3://bucket/in/b.csv: reading: got PreconditionFailed", "another program has changed it since; run again")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	f("s3://bucket/in/a.csv", nil, exit.BadInput, "got no credentials", "AWS_PROFILE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", s3fake.SecretKey)
	t.Setenv("AWS_ENDPOINT_URL", "nonsense")
	f("s3://bucket/in/a.csv", nil, exit.Usage, "AWS_ENDPOINT_URL")
}

func TestAStoreOfInputsThatIsIllIsToBeAskedLater(t *testing.T) {
	s := s3fake.Start(t)
	emptyTemp(t)
	s.Set("in/a.csv", fewLines)
	for want, failure := range map[string]s3fake.Failure{"run again later": {Status: 503, Code: "SlowDown"}, "check the network": {Cut: true}} {
		s.Fail(func(_ int, r *http.Request) *s3fake.Failure {
			if r.Method == http.MethodHead {
				return &failure
			}
			return nil
		})
		_, err := Run(context.Background(), objectJob(t, "s3://bucket/in/a.csv", ""), testEnv())
		if exit.Of(err) != exit.NotWritten || !strings.Contains(err.Error(), want) {
			t.Errorf("got the exit code %d (%v), want %d", exit.Of(err), err, exit.NotWritten)
		}
		if n := len(slices.DeleteFunc(s.Requests(), func(r string) bool { return !strings.Contains(r, "list-type") })); n > 0 {
			t.Errorf("got %d listings of a store that is ill, want none", n)
		}
	}
}

func TestABrokenConnectionIsTakenUpAgain(t *testing.T) {
	s := s3fake.Start(t)
	emptyTemp(t)
	s.Set("in/a.csv", fewLines)
	want := mustRun(t, objectJob(t, writeFile(t, t.TempDir(), "a.csv", fewLines), ""))
	broken := 0
	s.Fail(func(_ int, r *http.Request) *s3fake.Failure {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "a.csv") && broken < 2 {
			broken++
			return &s3fake.Failure{Half: true}
		}
		return nil
	})
	same(t, "after breaks", mustRun(t, objectJob(t, "s3://bucket/in/a.csv", "")).Folder, want.Folder)
	if broken != 2 {
		t.Errorf("got %d breaks, want 2", broken)
	}
}

func TestACancelledFetchEndsSoonAndLeavesNothing(t *testing.T) {
	s := s3fake.Start(t)
	emptyTemp(t)
	for i := range 20 {
		s.Set(fmt.Sprintf("in/%02d.csv", i), fewLines)
	}
	hang := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	var cancelled time.Time
	s.Fail(func(_ int, r *http.Request) *s3fake.Failure {
		if strings.HasSuffix(r.URL.Path, "07.csv") {
			cancelled = time.Now()
			cancel()
			<-hang
		}
		return nil
	})
	job := objectJob(t, "s3://bucket/in", "")
	_, err := Run(ctx, job, testEnv())
	took := time.Since(cancelled)
	close(hang)
	if exit.Of(err) != exit.Interrupted || took > time.Second {
		t.Errorf("got %v after %v, want an interruption within a second", err, took)
	}
	leftovers(t, filepath.Join(job.Output, job.Job))
}

func TestAnObjectIsFetchedOnce(t *testing.T) {
	s := s3fake.Start(t)
	emptyTemp(t)
	s.Set("in/a.csv", fewLines)
	s.Set("in/b.csv", moreLines)
	job := objectJob(t, "s3://bucket/in/*.csv", "")
	job.Inputs.Transactions = append(job.Inputs.Transactions, job.Inputs.Transactions[0])
	job.Inputs.Transactions[1].Path = "s3://bucket/in/a.csv"
	count(s)
	if m := mustRun(t, job).Manifest; len(m.Inputs) != 2 || m.Rows.Read != 7 {
		t.Errorf("got %d inputs, %d rows; want a file that is named twice to count once", len(m.Inputs), m.Rows.Read)
	}
	if got := gets(s); !slices.Equal(got, []string{"in/a.csv", "in/b.csv"}) {
		t.Errorf("got %v read, want each once", got)
	}
}

// A glob costs no listing of what it cannot stand for.
func TestAGlobOfOneLevelListsThatLevel(t *testing.T) {
	s := s3fake.Start(t)
	emptyTemp(t)
	s.PageSize(4)
	s.Set("in/a-1.csv", fewLines)
	s.Set("in/a-2/x.csv", moreLines)
	for i := range 40 {
		s.Set(fmt.Sprintf("in/archive/%02d.csv", i), "no data")
	}
	count(s)
	if n := len(mustRun(t, objectJob(t, "s3://bucket/in/a-*", "")).Manifest.Inputs); n != 2 {
		t.Errorf("got %d files, want 2", n)
	}
	if n := len(s.Requests()); n > 6 {
		t.Errorf("got %d requests, want few: %v", n, s.Requests())
	}
}

func TestScoresOfObjectsAreThoseOfFiles(t *testing.T) {
	s := s3fake.Start(t)
	emptyTemp(t)
	s.Set("in/a.csv", fewLines)
	local := objectJob(t, writeFile(t, t.TempDir(), "a.csv", fewLines), "")
	models, err := modelfile.Read(t.Context(), mustRun(t, local).Folder)
	must(t, err)
	want, err := Score(context.Background(), local, models, testEnv())
	must(t, err)
	got, err := Score(context.Background(), objectJob(t, "s3://bucket/in/a.csv", ""), models, testEnv())
	must(t, err)
	same(t, "scores", got.Folder, want.Folder)
}

func TestACheckOfObjectsNamesThem(t *testing.T) {
	s := s3fake.Start(t)
	emptyTemp(t)
	s.Set("in/a.csv", fewLines+"c4,no time,5,a,1,1\n")
	got, err := Check(context.Background(), objectJob(t, "s3://bucket/in", ""), testEnv())
	must(t, err)
	if len(got.Inputs) != 1 || got.Inputs[0].Path != "s3://bucket/in/a.csv" || got.Formats["s3://bucket/in"] == "" ||
		len(got.Faults) != 1 || got.Faults[0].Pos.Path != "s3://bucket/in/a.csv" || got.Faults[0].Pos.Line != 7 {
		t.Errorf("got %+v", got)
	}
}

func TestAJobIsProposedForAnObject(t *testing.T) {
	s := s3fake.Start(t)
	emptyTemp(t)
	s.Set("in/a.csv.gz", gzipped(t, fewLines))
	s.Set("in/b.csv", moreLines)
	propose := func(path string) (*initjob.Proposal, error) {
		return initjob.Propose(context.Background(), []string{path}, initjob.DefaultWishes(), "", progress.New(nil, testEnv().Now, zerolog.Nop()), nil)
	}
	one, err := propose("s3://bucket/in/a.csv.gz")
	must(t, err)
	job, err := config.Parse("job.yaml", []byte(one.Text))
	must(t, err)
	if job.Job != "a" || job.Inputs.Transactions[0].Path != "s3://bucket/in/a.csv.gz" {
		t.Errorf("got %+v", job)
	}
	several, err := propose("s3://bucket/in")
	must(t, err)
	if job, err = config.Parse("job.yaml", []byte(several.Text)); err != nil || len(job.Inputs.Transactions) != 1 || job.Inputs.Transactions[0].Path != "s3://bucket/in" {
		t.Errorf("objects that are alike: got %+v, %v, want one entry", job.Inputs.Transactions, err)
	}
	s.Set("in/c.csv", "other,columns\n1,2\n")
	if _, err := propose("s3://bucket/in"); exit.Of(err) != exit.BadInput || !strings.Contains(err.Error(), "got 3 objects whose columns differ") {
		t.Errorf("got %v", err)
	}
}
