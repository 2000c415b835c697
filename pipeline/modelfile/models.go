// Package modelfile writes the fitted models of a run to files, and reads models
// back.
package modelfile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/place"
	"github.com/quintile-dev/quintile/pipeline/reference"
	"github.com/quintile-dev/quintile/pipeline/steps"
)

// Models are the fitted models of a run, by the names of their steps: everything needed to
// score customers later. A step without a model, or with too little data, is absent.
type Models map[string]mining.Model

// modelFile is the form of a file in models/.
type modelFile struct {
	Format  string          `json:"format"`
	Version int             `json:"version"`
	Kind    string          `json:"kind"`
	Model   json.RawMessage `json:"model"`
}

const (
	modelFormat  = "quintile-model"
	modelVersion = 1
)

// Kinds lists the models in the order of the table of steps.
func (m Models) Kinds() []string {
	var kinds []string
	for _, s := range steps.Table() {
		if m[s.Name] != nil {
			kinds = append(kinds, s.Name)
		}
	}
	return kinds
}

// Encode writes a model in the form of the file.
func Encode(kind string, model any) ([]byte, error) {
	text, err := json.Marshal(model)
	if err != nil {
		return nil, fmt.Errorf("writing the model %s: %w", kind, err)
	}
	return manifest.Encode(modelFile{Format: modelFormat, Version: modelVersion, Kind: kind, Model: text})
}

// Digest returns the SHA-256 of all models.
func (m Models) Digest() (string, error) {
	h := sha256.New()
	for _, kind := range m.Kinds() {
		text, err := Encode(kind, m[kind])
		if err != nil {
			return "", err
		}
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Fitted is the part of an earlier run that "quintile score" takes: the models, and the
// reference by which score sees whether the models fit the customers at hand.
type Fitted struct {
	Models
	Reference *reference.Reference // nil where an older version of the program has kept none
}

// Read reads the models of a published run from its folder, or from its URL in an object store.
//
// Errors: where a file is damaged, differs from the manifest of the run, or has another version
// or kind, and where the run has no model at all.
func Read(ctx context.Context, folder string) (*Fitted, error) {
	earlier, err := place.OpenEarlier(ctx, folder)
	if err != nil {
		return nil, err
	}
	m := Models{}
	for _, step := range steps.Table() {
		if step.NewModel == nil {
			continue
		}
		text, err := earlier.File(Name(step.Name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		model := step.NewModel()
		if err := Decode(text, step.Name, model); err != nil {
			return nil, exit.Errorf(exit.BadInput, "%s: models/%s.json: %w", folder, step.Name, err)
		}
		m[step.Name] = model
	}
	if len(m) == 0 {
		return nil, exit.Errorf(exit.BadInput, "%s: got no models, want the folder of a published run", folder)
	}
	known, err := readReference(earlier, folder)
	return &Fitted{m, known}, err
}

// Name returns the file of a step's model in a published folder.
func Name(step string) string { return "models/" + step + ".json" }

// Decode reads the contents of the model file of a step.
//
// Errors: where the file is damaged, or of another version or kind.
func Decode(text []byte, kind string, model mining.Model) error {
	var file modelFile
	if err := json.Unmarshal(text, &file); err != nil {
		return fmt.Errorf("got a damaged model: %w", err)
	}
	if file.Format != modelFormat || file.Version != modelVersion || file.Kind != kind {
		return fmt.Errorf("got %q, version %d, kind %q; want %q, version %d, kind %q; fit the models anew with: quintile run",
			file.Format, file.Version, file.Kind, modelFormat, modelVersion, kind)
	}
	if err := json.Unmarshal(file.Model, model); err != nil {
		return fmt.Errorf("got a damaged model: %w", err)
	}
	return model.Validate()
}
