package place

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

	"github.com/rs/zerolog"

	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/export"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/place/placecheck"
)

// sending is a folder that a run has to publish.
type sending struct {
	folder string
	files  map[string]string // but for the manifest and the mark
}

// try publishes the folder as a run does, but for computing what is in it.
func (p sending) try(ctx context.Context) (err error) {
	m, err := openRemote(ctx, config.Place{Bucket: "bucket", Prefix: "out"}, "small", time.Unix(0, 0), zerolog.Nop())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close(ctx)) }()
	if err := m.FetchBase(ctx, p.folder, "crm/generic/"+export.FullName, nil, true); err != nil {
		return exit.With(exit.NotWritten, err)
	}
	all := maps.Clone(p.files)
	all[manifest.Name] = p.manifest()
	all[manifest.Success] = ""
	for name, text := range all {
		path, err := m.local(p.folder + "/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return exit.With(exit.NotWritten, m.send(ctx, p.folder, func(int64) {}))
}

// manifest is never the same twice.
func (p sending) manifest() string {
	var m manifest.Published
	for name, text := range p.files {
		sum := sha256.Sum256([]byte(text))
		m.Outputs = append(m.Outputs, manifest.Output{Path: name, Bytes: int64(len(text)), SHA256: hex.EncodeToString(sum[:])})
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
	const crm = "crm/generic/segments.csv"
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
		placecheck.Empty(s)
		for _, b := range c.before {
			b.must(t)
		}
		start := s.Objects()
		was := strings.TrimSpace(start[placecheck.Job+latestName])
		old := placecheck.Published(start, was)
		s.Fail(func(int, *http.Request) *s3fake.Failure { return nil })
		c.now.must(t)
		total := len(s.Requests())
		want := placecheck.Published(s.Objects(), c.now.folder)
		for n := 1; n <= total; n++ {
			for _, way := range failsOf {
				if testing.Short() && n%5 != 0 || way.ever && way.failure.After && c.name != "same day" {
					continue
				}
				when := fmt.Sprintf("%s, request %d of %d fails %s", c.name, n, total, way.name)
				placecheck.Empty(s)
				for key, text := range start {
					s.Set(key, text)
				}
				s.Watch(func(objects map[string]string) { placecheck.Store(t, when, objects) })
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
				placecheck.Outcome(t, when, err, s.Objects(), was, old, c.now.folder, want)
				s.Fail(nil)
				s.Advance(time.Hour) // for a claim that could not be given up
				c.now.must(t)
				placecheck.Outcome(t, when+", mended", nil, s.Objects(), was, old, c.now.folder, want)
				placecheck.OnlyPublications(t, when+", mended", s.Objects())
				tested++
				if t.Failed() {
					return
				}
			}
		}
	}
	t.Logf("%d runs failed, each in its own way", tested)
}
