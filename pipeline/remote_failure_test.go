package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/export"
)

// sending is a folder that a run has to publish.
type sending struct {
	folder string
	files  map[string]string // but for the manifest and the mark
}

// try publishes the folder as a run does, but for computing what is in it.
func (p sending) try(ctx context.Context) (err error) {
	m, err := openRemote(ctx, config.Place{Bucket: "bucket", Prefix: "out"}, "small", testEnv())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close(ctx)) }()
	if err := m.fetchBase(ctx, p.folder, "crm/generic/"+export.FullName, nil, true); err != nil {
		return exit.With(exit.NotWritten, err)
	}
	all := maps.Clone(p.files)
	all[manifestName] = p.manifest()
	all[successName] = ""
	for name, text := range all {
		path, err := m.local(p.folder + "/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return exit.With(exit.NotWritten, m.publish(ctx, p.folder, func(int64) {}))
}

// manifest is never the same twice.
func (p sending) manifest() string {
	var m publication
	for name, text := range p.files {
		sum := sha256.Sum256([]byte(text))
		m.Outputs = append(m.Outputs, Output{Path: name, Bytes: int64(len(text)), SHA256: hex.EncodeToString(sum[:])})
	}
	m.Version = randomName()
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (p sending) must(t *testing.T) {
	t.Helper()
	if err := p.try(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// empty removes everything from the store.
func empty(s *s3fake.Server) {
	s.Fail(nil)
	s.Watch(nil)
	for key := range s.Objects() {
		s.Remove(key)
	}
}

// inMemory keeps temporary files off the disk, where the system can: there is
// much flushing in what a test does many times.
func inMemory(t *testing.T) {
	t.Helper()
	folder, err := os.MkdirTemp("/dev/shm", "test-")
	if err != nil {
		return
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	t.Setenv("TMPDIR", folder)
}

// failsOf are the ways in which requests fail.
var failsOf = []struct {
	name    string
	ever    bool // and so do all later requests
	failure s3fake.Failure
}{
	{"once", false, s3fake.Failure{}},
	{"once, after it was done", false, s3fake.Failure{After: true}},
	{"from then on", true, s3fake.Failure{}},
	{"from then on, the first after it was done", true, s3fake.Failure{After: true}},
}

// Every request of publishing fails in turn, in every way. At every moment what
// latest names is whole, as is each folder that says so; a run that fails leaves
// the contents of what was published; and the next run succeeds.
func TestWhateverRequestFailsTheLastPublicationStaysWhole(t *testing.T) {
	s := s3fake.Start(t)
	inMemory(t)
	const crm = crmFolder + "generic/segments.csv"
	first := sending{"as_of=2024-03-03", map[string]string{crm: "1", "segments.parquet": "one", "rules.parquet": "rules"}}
	same := sending{"as_of=2024-03-03", map[string]string{crm: "2", "segments.parquet": "two and more", "new/file.json": "{}"}}
	later := sending{"as_of=2024-03-06", map[string]string{crm: "3", "segments.parquet": "three"}}
	tested := 0
	for _, c := range []struct {
		name   string
		before []sending
		now    sending
	}{
		{"first", nil, first},
		{"same day", []sending{first}, same},
		{"next day", []sending{first}, later},
		{"repeated", []sending{first}, first},
		{"earlier day", []sending{first, later}, same},
	} {
		empty(s)
		for _, b := range c.before {
			b.must(t)
		}
		start := s.Objects()
		was := strings.TrimSpace(start[placeOfJob+latestName])
		old := published(start, was)
		s.Fail(func(int, *http.Request) *s3fake.Failure { return nil })
		c.now.must(t)
		total := len(s.Requests())
		want := published(s.Objects(), c.now.folder)
		for n := 1; n <= total; n++ {
			for _, way := range failsOf {
				if testing.Short() && n%5 != 0 || way.ever && way.failure.After && c.name != "same day" {
					continue
				}
				when := fmt.Sprintf("%s, request %d of %d fails %s", c.name, n, total, way.name)
				empty(s)
				for key, text := range start {
					s.Set(key, text)
				}
				s.Watch(func(objects map[string]string) { checkStore(t, when, objects) })
				s.Fail(func(at int, _ *http.Request) *s3fake.Failure {
					switch {
					case at == n:
						return &way.failure
					case at > n && way.ever:
						return &s3fake.Failure{}
					}
					return nil
				})
				err := c.now.try(context.Background())
				when += " (" + s.Requests()[n-1] + ")"
				checkOutcome(t, when, err, s.Objects(), was, old, c.now.folder, want)
				s.Fail(nil)
				s.Advance(time.Hour) // for a claim that could not be given up
				c.now.must(t)
				checkOutcome(t, when+", mended", nil, s.Objects(), was, old, c.now.folder, want)
				onlyPublications(t, when+", mended", s.Objects())
				tested++
				if t.Failed() {
					return
				}
			}
		}
	}
	t.Logf("%d runs failed, each in its own way", tested)
}

// checkOutcome checks what is published after a run that has ended with err.
func checkOutcome(t *testing.T, when string, err error, objects map[string]string, was string, old map[string]string, now string, want map[string]string) {
	t.Helper()
	checkStore(t, when, objects)
	latest := strings.TrimSpace(objects[placeOfJob+latestName])
	named := strings.TrimPrefix(latest, asideFolder)
	switch {
	case err != nil && exit.Of(err) != exit.NotWritten:
		t.Errorf("%s: got %v (code %d), want code %d", when, err, exit.Of(err), exit.NotWritten)
	case was > now && now != "": // a backfill leaves latest where it is
		if differ := keysThatDiffer(published(objects, was), old); latest != was || len(differ) > 0 {
			t.Errorf("%s: got %v, latest names %q, and these files of it changed: %v", when, err, latest, differ)
		}
		if differ := keysThatDiffer(published(objects, now), want); err == nil && len(differ) > 0 {
			t.Errorf("%s: got no error, and these files are not as wanted: %v", when, differ)
		}
	case err != nil && latest == now && strings.Contains(err.Error(), "cannot be told"):
	case err != nil && named != was, err == nil && latest != now:
		t.Errorf("%s: got %v, and latest names %q", when, err, latest)
	case err != nil && was != "":
		if differ := keysThatDiffer(published(objects, latest), old); len(differ) > 0 {
			t.Errorf("%s: got %v, and these files changed: %v", when, err, differ)
		}
	case err == nil:
		if differ := keysThatDiffer(published(objects, latest), want); len(differ) > 0 {
			t.Errorf("%s: got no error, and these files are not as wanted: %v", when, differ)
		}
	}
}

// A whole run, with its mining, meets a failure here and there.
func TestAWholeRunSurvivesFailingRequests(t *testing.T) {
	s := s3fake.Start(t)
	mustRun(t, bucketJob(t, fewLines))
	start := s.Objects()
	job := bucketJob(t, sameDayLines)
	s.Fail(func(int, *http.Request) *s3fake.Failure { return nil })
	mustRun(t, job)
	want, total := published(s.Objects(), "as_of=2024-03-03"), len(s.Requests())
	for n := 1; n <= total; n += 6 {
		empty(s)
		for key, text := range start {
			s.Set(key, text)
		}
		when := fmt.Sprintf("request %d of %d fails", n, total)
		s.Watch(func(objects map[string]string) { checkStore(t, when, objects) })
		s.Fail(func(at int, _ *http.Request) *s3fake.Failure {
			if at < n {
				return nil
			}
			return &s3fake.Failure{}
		})
		_, err := Run(context.Background(), job, testEnv())
		if err == nil {
			checkOutcome(t, when, nil, s.Objects(), "", nil, "as_of=2024-03-03", want)
		} else {
			checkOutcome(t, when, err, s.Objects(), "as_of=2024-03-03", published(start, "as_of=2024-03-03"), "", nil)
		}
		s.Fail(nil)
		s.Advance(time.Hour)
		mustRun(t, job)
		checkOutcome(t, when+", mended", nil, s.Objects(), "", nil, "as_of=2024-03-03", want)
		onlyPublications(t, when+", mended", s.Objects())
	}
}
