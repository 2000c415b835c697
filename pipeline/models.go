package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining/churn"
	"github.com/quintile-dev/quintile/mining/profile"
	"github.com/quintile-dev/quintile/mining/segment"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// Models are the fitted models of a run: all that is needed to score customers
// later. Each is nil where its step was not run or had too little data.
type Models struct {
	RFM      *features.RFMModel
	Segments *segment.Model
	Classify *profile.TreeModel
	Churn    *churn.Model
}

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

// entries lists the models by the names of their files. Each points to the
// field, so that reading can fill it.
func (m *Models) entries() []modelEntry {
	return []modelEntry{
		{"rfm", m.RFM != nil, m.RFM, func() validator { m.RFM = new(features.RFMModel); return m.RFM }},
		{"segments", m.Segments != nil, m.Segments, func() validator { m.Segments = new(segment.Model); return m.Segments }},
		{"classify", m.Classify != nil, m.Classify, func() validator { m.Classify = new(profile.TreeModel); return m.Classify }},
		{"churn", m.Churn != nil, m.Churn, func() validator { m.Churn = new(churn.Model); return m.Churn }},
	}
}

type modelEntry struct {
	kind    string
	present bool
	model   any
	make    func() validator
}

type validator interface{ Validate() error }

// encodeModel writes a model in the form of its file.
func encodeModel(kind string, model any) ([]byte, error) {
	text, err := json.Marshal(model)
	if err != nil {
		return nil, fmt.Errorf("writing the model %s: %w", kind, err)
	}
	return encode(modelFile{Format: modelFormat, Version: modelVersion, Kind: kind, Model: text})
}

// digest returns the SHA-256 of all models.
func (m *Models) digest() (string, error) {
	h := sha256.New()
	for _, e := range m.entries() {
		if !e.present {
			continue
		}
		text, err := encodeModel(e.kind, e.model)
		if err != nil {
			return "", err
		}
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// ReadModels reads the models of a published run from its folder, or from its
// URL in an object store.
//
// Errors: where a file is damaged, of another version, or of another kind, and
// where there is none at all.
func ReadModels(ctx context.Context, folder string) (*Models, error) {
	read := func(kind string) ([]byte, error) { return os.ReadFile(filepath.Join(folder, "models", kind+".json")) }
	if config.IsURL(folder) {
		place, err := config.ParsePlace(folder)
		if err != nil {
			return nil, errorf(Usage, "the published run: %w", err)
		}
		b, err := openBucket(ctx, place.Bucket, place.Prefix)
		if err != nil {
			return nil, withCode(BadInput, err)
		}
		read = func(kind string) ([]byte, error) {
			text, err := b.Text(ctx, "models/"+kind+".json")
			return []byte(text), err
		}
	}
	m := &Models{}
	found := 0
	for _, e := range m.entries() {
		text, err := read(e.kind)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, withCode(BadInput, err)
		}
		if err := decodeModel(text, e); err != nil {
			return nil, errorf(BadInput, "%s: models/%s.json: %w", folder, e.kind, err)
		}
		found++
	}
	if found == 0 {
		return nil, errorf(BadInput, "%s: got no models, want the folder of a published run", folder)
	}
	return m, nil
}

func decodeModel(text []byte, e modelEntry) error {
	var file modelFile
	if err := json.Unmarshal(text, &file); err != nil {
		return fmt.Errorf("got a damaged model: %w", err)
	}
	if file.Format != modelFormat || file.Version != modelVersion || file.Kind != e.kind {
		return fmt.Errorf("got %q, version %d, kind %q; want %q, version %d, kind %q; fit the models anew with: quintile run",
			file.Format, file.Version, file.Kind, modelFormat, modelVersion, e.kind)
	}
	model := e.make()
	if err := json.Unmarshal(file.Model, model); err != nil {
		return fmt.Errorf("got a damaged model: %w", err)
	}
	return model.Validate()
}
