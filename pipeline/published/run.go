package published

import (
	"context"
	"encoding/json"

	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/place"
)

// Run is a published run to be read again.
type Run struct {
	Folder string         // or its URL in an object store
	Text   map[string]any // the manifest, as JSON has it
	*place.Earlier
}

// Open opens a published run by its folder, or its URL in an object store.
//
// Errors: a missing run, or a damaged manifest.
func Open(ctx context.Context, folder string) (*Run, error) {
	e, err := place.OpenEarlier(ctx, folder)
	if err != nil {
		return nil, err
	}
	text, err := e.Manifest()
	if err != nil {
		return nil, exit.With(exit.BadInput, err)
	}
	r := &Run{Folder: folder, Earlier: e}
	if err := json.Unmarshal(text, &r.Text); err != nil {
		return nil, exit.Errorf(exit.BadInput, "%s: got a manifest that is damaged JSON: %w", folder, err)
	}
	return r, nil
}
