package place

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/quintile-dev/quintile/pipeline/bucket"
	"github.com/quintile-dev/quintile/pipeline/config"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// Newest returns the published folder of a job with the newest scoring date, or its URL in an
// object store; "" where there is none. Nothing is locked or written.
func Newest(ctx context.Context, job *config.Job) (string, error) {
	at, isURL, err := job.Place()
	if err != nil {
		return "", exit.Errorf(exit.Usage, "output: %w", err)
	}
	if !isURL {
		folder, err := Latest(filepath.Join(job.Output, job.Job))
		return folder, exit.With(exit.BadInput, err)
	}
	b, err := bucket.Open(ctx, at.Bucket, path.Join(at.Prefix, job.Job))
	if err != nil {
		return "", exit.With(exit.BadInput, err)
	}
	name, err := b.Text(ctx, latestName)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return b.URL(strings.TrimSpace(name)), exit.With(exit.BadInput, err)
}
