// Package placecheck checks, for tests, the visible contents of an object store: at any
// moment, every folder marked complete is complete.
package placecheck

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// Job is the key of the place of the job in the store, with its last slash.
const Job = "out/small/"

// Store fails the test unless the folder named by latest is complete, and so is
// every folder with the mark of completeness. The result is the folder named by
// latest.
func Store(t *testing.T, when string, objects map[string]string) string {
	t.Helper()
	latest := strings.TrimSpace(objects[Job+"latest"])
	if latest != "" {
		whole(t, when, objects, latest)
		if objects[Job+latest+"/"+manifest.Name] == "" {
			t.Errorf("%s: latest names %s, which has no manifest", when, latest)
		}
	}
	for key := range objects {
		if folder, isMark := strings.CutSuffix(key, "/"+manifest.Success); isMark {
			whole(t, when, objects, strings.TrimPrefix(folder, Job))
		}
	}
	return latest
}

func whole(t *testing.T, when string, objects map[string]string, folder string) {
	t.Helper()
	folder = Job + folder + "/"
	var m manifest.Published
	if err := json.Unmarshal([]byte(objects[folder+manifest.Name]), &m); err != nil || len(m.Outputs) == 0 {
		t.Errorf("%s: %s: got the manifest %.40q, %v", when, folder, objects[folder+manifest.Name], err)
	}
	want := 2 // the manifest and the mark
	for _, o := range m.Outputs {
		text, has := objects[folder+o.Path]
		sum := sha256.Sum256([]byte(text))
		if !has || hex.EncodeToString(sum[:]) != o.SHA256 {
			t.Errorf("%s: %s%s is not what the manifest says", when, folder, o.Path)
		}
		want++
	}
	if _, has := objects[folder+manifest.Success]; !has {
		t.Errorf("%s: %s has no mark of success", when, folder)
	}
	got := 0
	for key := range objects {
		if strings.HasPrefix(key, folder) {
			got++
		}
	}
	if got != want {
		t.Errorf("%s: %s: got %d objects, want %d", when, folder, got, want)
	}
}

// OnlyPublications fails the test where the store has anything but publications.
func OnlyPublications(t *testing.T, when string, objects map[string]string) {
	t.Helper()
	for key := range objects {
		rest, below := strings.CutPrefix(key, Job)
		if !below || rest != "latest" && !strings.HasPrefix(rest, "failed"+"/") && !strings.HasPrefix(rest, manifest.DayPrefix) {
			t.Errorf("%s: got %s left, want publications only", when, key)
		}
	}
}

// Published returns the contents of a folder, except the manifest with its
// timings and paths.
func Published(objects map[string]string, folder string) map[string]string {
	out := map[string]string{}
	for key, text := range objects {
		if name, in := strings.CutPrefix(key, Job+folder+"/"); in && name != manifest.Name {
			out[name] = text
		}
	}
	return out
}

// Differ lists, for a message, the files in which two folders differ.
func Differ(a, b map[string]string) []string {
	var names []string
	for name := range a {
		if text, has := b[name]; !has || text != a[name] {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, has := a[name]; !has {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Empty removes everything from the store.
func Empty(s *s3fake.Server) {
	s.Fail(nil)
	s.Watch(nil)
	for key := range s.Objects() {
		s.Remove(key)
	}
}

// Outcome checks the Published contents after a run that ended with err.
func Outcome(t *testing.T, when string, err error, objects map[string]string, was string, old map[string]string, now string, want map[string]string) {
	t.Helper()
	Store(t, when, objects)
	latest := strings.TrimSpace(objects[Job+"latest"])
	named := strings.TrimPrefix(latest, ".replaced/")
	switch {
	case err != nil && exit.Of(err) != exit.NotWritten:
		t.Errorf("%s: got %v (code %d), want code %d", when, err, exit.Of(err), exit.NotWritten)
	case was > now && now != "": // a backfill leaves latest where it is
		if differ := Differ(Published(objects, was), old); latest != was || len(differ) > 0 {
			t.Errorf("%s: got %v, latest names %q, and these files of it changed: %v", when, err, latest, differ)
		}
		if differ := Differ(Published(objects, now), want); err == nil && len(differ) > 0 {
			t.Errorf("%s: got no error, and these files are not as wanted: %v", when, differ)
		}
	case err != nil && latest == now && strings.Contains(err.Error(), "cannot be told"):
	case err != nil && named != was, err == nil && latest != now:
		t.Errorf("%s: got %v, and latest names %q", when, err, latest)
	case err != nil && was != "":
		if differ := Differ(Published(objects, latest), old); len(differ) > 0 {
			t.Errorf("%s: got %v, and these files changed: %v", when, err, differ)
		}
	case err == nil:
		if differ := Differ(Published(objects, latest), want); len(differ) > 0 {
			t.Errorf("%s: got no error, and these files are not as wanted: %v", when, differ)
		}
	}
}
