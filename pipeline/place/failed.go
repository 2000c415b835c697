package place

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/quintile-dev/quintile/pipeline/manifest"
)

// PublishFailed puts the files of a failed run into the store, and removes the files
// left by an earlier failed run.
func (m *remote) PublishFailed(ctx context.Context, s *Stage, names []string) error {
	graced, cancel := withGrace(ctx)
	defer cancel()
	if err := m.claim.check(graced); err != nil {
		return err
	}
	if len(names) == 1 {
		if err := m.bucket.Delete(graced, failedName+"/"+manifest.Quarantine); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := m.bucket.Put(graced, failedName+"/"+name, filepath.Join(s.Path, name)); err != nil {
			return fmt.Errorf("the account of the failed run: %w", err)
		}
	}
	return nil
}

// RemoveFailed removes what a failed run has left.
func (m *remote) RemoveFailed(ctx context.Context, names []string) error {
	graced, cancel := withGrace(ctx)
	defer cancel()
	for _, name := range names {
		if err := m.bucket.Delete(graced, failedName+"/"+name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
