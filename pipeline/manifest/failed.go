package manifest

import (
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

// Failed is the account of a failed run up to the failure, in the file
// failed/manifest.json.
type Failed struct {
	Job          string             `json:"job"`
	State        string             `json:"state"` // failed or interrupted
	ExitCode     exit.Code          `json:"exit_code"`
	Error        string             `json:"error"`
	AsOf         string             `json:"as_of,omitempty"` // where it was known already
	Version      string             `json:"version"`
	ConfigSHA256 string             `json:"config_sha256"`
	Inputs       []Input            `json:"inputs"`
	Rows         Rows               `json:"rows"` // of the files that were read to their end
	Warnings     []models.Warning   `json:"warnings"`
	Timings      map[string]float64 `json:"timings"`
}

// The states of a run that did not succeed.
const (
	StateFailed      = "failed"
	StateInterrupted = "interrupted"
)
