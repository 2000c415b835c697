package cluster

import (
	"encoding/json"
	"fmt"
)

const (
	jsonModel   = "kmeans"
	jsonVersion = 1
)

// stored is the JSON form of a KMeans.
type stored struct {
	Model   string      `json:"model"`
	Version int         `json:"version"`
	Columns []string    `json:"columns,omitempty"`
	Centres [][]float64 `json:"centres"`
}

// MarshalJSON writes the centres with as many digits as it takes to read the
// same bits back; a model read back predicts the same labels.
func (m *KMeans) MarshalJSON() ([]byte, error) {
	return json.Marshal(stored{Model: jsonModel, Version: jsonVersion, Columns: m.names, Centres: m.Centres()})
}

// UnmarshalJSON reads the output of MarshalJSON.
//
// Errors: the errors of encoding/json, and of NewKMeans for invalid centres. m
// is then unchanged.
func (m *KMeans) UnmarshalJSON(data []byte) error {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	if s.Model != jsonModel || s.Version != jsonVersion {
		return fmt.Errorf("models: got model %q version %d, want %q version %d", s.Model, s.Version, jsonModel, jsonVersion)
	}
	read, err := NewKMeans(s.Columns, s.Centres)
	if err != nil {
		return err
	}
	m.k, m.d, m.names, m.centres = read.k, read.d, read.names, read.centres
	m.frame, m.tiles, m.pool.New = read.frame, read.tiles, read.pool.New
	return nil
}
