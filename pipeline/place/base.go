package place

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// Base is a file of an earlier run that this run reads, such as the file compared with by
// a delta; "" for none. Account names the run in the manifest.
type Base struct {
	Path    string
	Account *manifest.DeltaBase
}

// FindBase finds a file of the newest folder before the folder called name that has the file. A
// base to be read is verified by checksum. Errors say by use what the run reads the file for, as
// in "the delta compares with".
func FindBase(ctx context.Context, at Place, name, file string, beside []string, read bool, use string) (Base, error) {
	if err := at.FetchBase(ctx, name, file, beside, read); err != nil {
		return Base{}, exit.With(exit.NotWritten, err)
	}
	path, err := earlierFile(at.Folder(), name, file)
	if err != nil {
		return Base{}, exit.Errorf(exit.NotWritten, "finding the run before: %w", err)
	}
	if path == "" {
		return Base{}, nil
	}
	folder := strings.TrimSuffix(path, filepath.FromSlash("/"+file))
	account := &manifest.DeltaBase{AsOf: strings.TrimPrefix(filepath.Base(folder), manifest.DayPrefix)}
	p, err := manifest.Read(folder)
	if err != nil {
		return Base{}, exit.Errorf(exit.BadInput, "the run that %s: %w; restore its folder from a copy, or remove it", use, err)
	}
	var needed []manifest.Output
	for _, name := range append([]string{file}, beside...) {
		o, ok := p.Output(name)
		if !ok {
			return Base{}, exit.Errorf(exit.BadInput, "%s: got a file that the manifest of that run does not have; restore the folder from a copy, or remove it",
				filepath.Join(folder, filepath.FromSlash(name)))
		}
		needed = append(needed, o)
	}
	account.SHA256 = needed[0].SHA256
	if read {
		if err := p.Verify(ctx, folder, needed...); err != nil {
			return Base{}, exit.With(exit.BadInput, fmt.Errorf("the run that %s: %w", use, err))
		}
	}
	return Base{path, account}, nil
}

// earlierFile returns a file of the newest run of an earlier day published
// earlier, "" without such a run. Runs of the same day do not count: a repeated
// run compares with the same base as the first try.
func earlierFile(jobFolder, name, file string) (string, error) {
	entries, err := os.ReadDir(jobFolder)
	if err != nil {
		return "", err
	}
	var days []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), manifest.DayPrefix) && e.Name() < name {
			days = append(days, e.Name())
		}
	}
	slices.Sort(days)
	for _, day := range slices.Backward(days) {
		path := filepath.Join(jobFolder, day, filepath.FromSlash(file))
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	return "", nil
}
