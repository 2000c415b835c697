package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ManifestName is the file that describes the files of a target, beside them.
const ManifestName = "manifest.json"

// Manifest says what the files of a target are.
type Manifest struct {
	Profile   string   `json:"profile"`
	Object    string   `json:"object,omitempty"`
	AsOf      string   `json:"as_of"`
	Since     string   `json:"since"`      // the scoring date of the run that the delta compares with; "" for none
	FullAsOf  string   `json:"full_as_of"` // the scoring date of the last full file
	Key       string   `json:"key"`        // header of the key
	ChangedBy []string `json:"changed_by"` // headers of the columns whose change makes an update
	Counts    Counts   `json:"counts"`
	Files     []File   `json:"files"`
}

func (w *Writer) writeManifest() error {
	m := Manifest{
		Profile: w.plan.Profile.Name, Object: w.plan.Object, AsOf: w.options.AsOf, Since: w.options.Since, FullAsOf: w.options.LastOne,
		Key: w.plan.fields[0].Header, ChangedBy: []string{}, Counts: w.counts, Files: w.files,
	}
	if w.options.Full {
		m.FullAsOf = w.options.AsOf
	}
	for _, k := range w.plan.compare {
		m.ChangedBy = append(m.ChangedBy, w.plan.fields[k].Header)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.folder, ManifestName), append(text, '\n'), 0o600)
}

// ReadManifest reads the manifest in the folder of a target; nil where there is none.
func ReadManifest(folder string) (*Manifest, error) {
	path := filepath.Join(folder, ManifestName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%s: got damaged JSON: %w", path, err)
	}
	return m, nil
}
