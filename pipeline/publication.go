package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// publication is what the manifest of a published folder says of how it was
// made.
type publication struct {
	RunID        string          `json:"run_id"`
	AsOf         string          `json:"as_of"`
	Version      string          `json:"version"`
	ConfigSHA256 string          `json:"config_sha256"`
	Inputs       []ManifestInput `json:"inputs"`
	Outputs      []Output        `json:"outputs"`
	DeltaBase    *DeltaBase      `json:"delta_base"`

	Privacy    *ManifestPrivacy      `json:"privacy"`
	DeltaBases map[string]*DeltaBase `json:"delta_bases"`
}

// readPublication reads the manifest of a published folder.
func readPublication(folder string) (*publication, error) {
	path := filepath.Join(folder, manifestName)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := &publication{}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, fmt.Errorf("%s: got damaged JSON: %w", path, err)
	}
	return p, nil
}

// lines returns the inputs that hold line items.
func (p *publication) lines() []ManifestInput {
	return slices.DeleteFunc(slices.Clone(p.Inputs), func(in ManifestInput) bool { return in.Table != "" })
}

// sizeOf returns the size of a file of a published folder; its error is
// fs.ErrNotExist where there is none.
type sizeOf func(name string) (int64, error)

// sizesIn returns what tells the sizes of the files in a folder.
func sizesIn(folder string) sizeOf {
	return func(name string) (int64, error) {
		info, err := os.Stat(filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
}

// check reports a publication that is not whole, or was not made by a run that
// fitted its models. Outputs are told by their sizes; see also verify.
func (p *publication) check(folder string, size sizeOf) error {
	if filepath.Base(folder) != dayName(p.AsOf) {
		return fmt.Errorf("%s: got a manifest of another day, %q", folder, p.AsOf)
	}
	if p.RunID != runID(p.ConfigSHA256, p.AsOf, "", p.Inputs, p.Privacy) {
		return fmt.Errorf("%s: got a manifest that was changed, or is of scores by earlier models", folder)
	}
	if _, err := size(successName); err != nil {
		return err
	}
	if len(p.Outputs) == 0 {
		return errors.New(folder + ": got a manifest without outputs")
	}
	for _, o := range p.Outputs {
		got, err := size(o.Path)
		if err != nil {
			return err
		}
		if got != o.Bytes {
			return fmt.Errorf("%s: got %d bytes, want %d", filepath.Join(folder, filepath.FromSlash(o.Path)), got, o.Bytes)
		}
	}
	return nil
}
