package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// contents are the files of a published folder: the checksum of each by its name. The checksum
// of the manifest leaves out the fields that differ from run to run.
type contents map[string]string

// read reads a published folder, and refuses an incomplete folder: a file that the manifest
// does not list, a file that is missing or does not match the manifest, no mark of success,
// rows of unknown fate.
func read(folder string) (contents, error) {
	got := contents{}
	var m manifest.Manifest
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if name == "manifest.json" {
			if text, err = lasting(text, &m); err != nil {
				return err
			}
		}
		sum := sha256.Sum256(text)
		got[filepath.ToSlash(name)] = hex.EncodeToString(sum[:])
		return nil
	})
	if err != nil {
		return nil, err
	}
	if _, there := got["_SUCCESS"]; !there || m.RunID == "" {
		return nil, fmt.Errorf("torn: %s has no manifest or no mark of success", folder)
	}
	for _, o := range m.Outputs {
		if got[o.Path] != o.SHA256 {
			return nil, fmt.Errorf("torn: %s/%s is not what the manifest says", folder, o.Path)
		}
	}
	if len(got) != len(m.Outputs)+2 {
		return nil, fmt.Errorf("torn: %s has %d files, and its manifest %d", folder, len(got), len(m.Outputs)+2)
	}
	sum := m.Rows.Kept + m.Rows.Quarantined
	for _, n := range m.Rows.SetAside {
		sum += n
	}
	if sum != m.Rows.Read {
		return nil, fmt.Errorf("lost: %s has %d rows read, and the fate of %d", folder, m.Rows.Read, sum)
	}
	return got, nil
}

// lasting returns a manifest without timings, paths and other traces of the machine.
func lasting(text []byte, m *manifest.Manifest) ([]byte, error) {
	var fields map[string]any
	if err := errors.Join(json.Unmarshal(text, &fields), unmarshalSome(text, m)); err != nil {
		return nil, fmt.Errorf("torn: the manifest is damaged: %w", err)
	}
	for _, name := range []string{"timings", "peak_memory_bytes", "peak_memory_by_stage", "inputs", "config", "config_sha256", "run_id"} {
		delete(fields, name)
	}
	return json.Marshal(fields)
}

// unmarshalSome reads the fields of a manifest that the checks need.
func unmarshalSome(text []byte, m *manifest.Manifest) error {
	var some struct {
		RunID   string            `json:"run_id"`
		Rows    manifest.Rows     `json:"rows"`
		Outputs []manifest.Output `json:"outputs"`
	}
	err := json.Unmarshal(text, &some)
	m.RunID, m.Rows, m.Outputs = some.RunID, some.Rows, some.Outputs
	return err
}

// differs names the first file in which two folders differ, "" for none.
func (c contents) differs(other contents) string {
	names := slices.Concat(slices.Collect(maps.Keys(c)), slices.Collect(maps.Keys(other)))
	slices.Sort(names)
	for _, name := range names {
		if c[name] != other[name] {
			return name
		}
	}
	return ""
}

// state is the content of the folder of a job.
type state struct {
	days   map[string]contents // of the published folders, each whole
	latest string              // the name that latest has
	left   []string            // what a run that ended has no business to leave
}

// look looks at the folder of a job, and refuses a torn folder.
func look(jobFolder string) (state, error) {
	s := state{days: map[string]contents{}}
	entries, err := os.ReadDir(jobFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case strings.HasPrefix(name, "as_of="):
			if s.days[name], err = read(filepath.Join(jobFolder, name)); err != nil {
				return s, err
			}
		case name == "latest":
			text, err := os.ReadFile(filepath.Join(jobFolder, name))
			if err != nil {
				return s, err
			}
			s.latest = strings.TrimSpace(string(text))
		case name != ".lock" && name != "failed":
			s.left = append(s.left, name)
		}
	}
	if s.latest != "" && s.days[s.latest] == nil {
		return s, fmt.Errorf("torn: latest names %q, which is not there", s.latest)
	}
	return s, nil
}
