package place

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// latest names the published folder of the newest scoring date: publishing an older
// day, as in a backfill, does not change latest.

// Latest returns the published folder of a job that latest names, "" where there is
// none.
func Latest(jobFolder string) (string, error) {
	text, err := os.ReadFile(filepath.Join(jobFolder, latestName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	name := strings.TrimSpace(string(text))
	if !strings.HasPrefix(name, manifest.DayPrefix) || name != filepath.Base(name) {
		return "", fmt.Errorf("%s: got %q, want the name of a published folder", filepath.Join(jobFolder, latestName), name)
	}
	return filepath.Join(jobFolder, name), nil
}

// newest returns the name of the published folder with the newest scoring date, ""
// where none is whole.
func newest(jobFolder string) (string, error) {
	entries, err := os.ReadDir(jobFolder)
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(entries) { // sorted by name
		if strings.HasPrefix(e.Name(), manifest.DayPrefix) && isWhole(filepath.Join(jobFolder, e.Name())) {
			return e.Name(), nil
		}
	}
	return "", nil
}

// isWhole reports whether a folder has the marks of a published folder.
func isWhole(folder string) bool {
	for _, mark := range []string{manifest.Name, manifest.Success} {
		if _, err := os.Stat(filepath.Join(folder, mark)); err != nil {
			return false
		}
	}
	return true
}

// mendLatest moves latest on to the newest published folder, after a run that ended
// between publishing the folder and moving latest.
func mendLatest(jobFolder string) error {
	name, err := newest(jobFolder)
	if err != nil || name == "" {
		return err
	}
	now, err := Latest(jobFolder)
	if err == nil && filepath.Base(now) == name {
		return nil
	}
	staged, err := stageLatest(jobFolder, name)
	if err != nil {
		return err
	}
	return pointLatest(jobFolder, staged)
}

// stageLatest writes a new latest beside the present latest, and returns its path. A
// full disk shows here, before anything is published.
func stageLatest(jobFolder, name string) (staged string, err error) {
	staged = filepath.Join(jobFolder, stagePrefix+latestName)
	file, err := os.OpenFile(staged, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintln(file, name)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(staged))
	}
	return staged, nil
}

// pointLatest puts a staged latest in its place.
func pointLatest(jobFolder, staged string) error {
	if err := os.Rename(staged, filepath.Join(jobFolder, latestName)); err != nil {
		return err
	}
	return syncFolder(jobFolder)
}
