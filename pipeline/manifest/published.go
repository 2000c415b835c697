package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Published is the part of the manifest of a published folder about the making
// of the folder.
type Published struct {
	RunID        string     `json:"run_id"`
	AsOf         string     `json:"as_of"`
	Version      string     `json:"version"`
	ConfigSHA256 string     `json:"config_sha256"`
	Inputs       []Input    `json:"inputs"`
	Outputs      []Output   `json:"outputs"`
	DeltaBase    *DeltaBase `json:"delta_base"`

	Privacy    *Privacy              `json:"privacy"`
	DeltaBases map[string]*DeltaBase `json:"delta_bases"`
}

// Read reads the manifest of a published folder.
func Read(folder string) (*Published, error) {
	path := filepath.Join(folder, Name)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := &Published{}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, fmt.Errorf("%s: got damaged JSON: %w", path, err)
	}
	return p, nil
}

// Lines returns the inputs with line items.
func (p *Published) Lines() []Input {
	return slices.DeleteFunc(slices.Clone(p.Inputs), func(in Input) bool { return in.Table != "" })
}

// SizeOf returns the size of a file of a published folder; the error is
// fs.ErrNotExist if the file is missing.
type SizeOf func(name string) (int64, error)

// SizesIn returns a function for the sizes of the files in a folder.
func SizesIn(folder string) SizeOf {
	return func(name string) (int64, error) {
		info, err := os.Stat(filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
}

// Check reports a publication that is incomplete, or not made by a run with
// fitted models. Outputs are recognised by size; see also verify.
func (p *Published) Check(folder string, size SizeOf) error {
	if filepath.Base(folder) != DayFolder(p.AsOf) {
		return fmt.Errorf("%s: got a manifest of another day, %q", folder, p.AsOf)
	}
	if p.RunID != RunID(p.ConfigSHA256, p.AsOf, "", p.Inputs, p.Privacy) {
		return fmt.Errorf("%s: got a manifest that was changed, or is of scores by earlier models", folder)
	}
	if _, err := size(Success); err != nil {
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
