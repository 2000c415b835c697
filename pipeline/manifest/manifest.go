// Package manifest is the account of a run: the inputs, the outputs, and a check
// whether published files are unchanged.
package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
	"github.com/quintile-dev/quintile/pipeline/config"
)

// Manifest is the account of a run: the inputs, the outputs, and the fate of
// every row. The Manifest is the file manifest.json.
type Manifest struct {
	Job          string                `json:"job"`
	RunID        string                `json:"run_id"`
	AsOf         string                `json:"as_of"`
	Seed         uint64                `json:"seed"`
	Version      string                `json:"version"`
	Config       config.Job            `json:"config"`
	ConfigSHA256 string                `json:"config_sha256"`
	Inputs       []Input               `json:"inputs"`
	Rows         Rows                  `json:"rows"`
	Customers    int64                 `json:"customers"`
	Orders       int64                 `json:"orders"`
	ReturnOrders int64                 `json:"return_orders"`
	Products     *int64                `json:"products"`             // nil where the job maps no product
	Money        *Money                `json:"money"`                // nil where the job maps no money
	Attributes   *Attributes           `json:"attributes,omitempty"` // nil where the job names none
	Steps        map[string]Step       `json:"steps"`
	Warnings     []models.Warning      `json:"warnings"`
	Outputs      []Output              `json:"outputs"`
	Drift        map[string]float64    `json:"drift,omitempty"`   // by feature, since models that are applied learned: the PSI
	Privacy      *Privacy              `json:"privacy,omitempty"` // nil where the job protects nobody
	DeltaBase    *DeltaBase            `json:"delta_base"`
	DeltaBases   map[string]*DeltaBase `json:"delta_bases,omitempty"` // of a job that names its CRM systems, by their folders
	Timings      map[string]float64    `json:"timings"`
	PeakMemory   int64                 `json:"peak_memory_bytes"`
	PeakByStage  map[string]int64      `json:"peak_memory_by_stage"` // bytes
}

// Input is one file read now, or by an earlier run that added to the history.
type Input struct {
	Path   string `json:"path"`
	Table  string `json:"table,omitempty"` // of the block under inputs that names it; "" for line items
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	ETag   string `json:"etag,omitempty"` // in an object store
	Rows   int64  `json:"rows"`
}

// Inputs returns the files of a table in the form of the manifest.
func Inputs(table string, inputs []history.Input) []Input {
	all := make([]Input, len(inputs))
	for i, in := range inputs {
		all[i] = Input{Path: in.Path, Table: table, Bytes: in.Bytes, SHA256: in.SHA256, ETag: in.ETag, Rows: in.Rows}
	}
	return all
}

// Rows is the fate of every row: Read = Kept + Quarantined + all set aside.
type Rows struct {
	Read        int64            `json:"read"`
	Kept        int64            `json:"kept"`
	Quarantined int64            `json:"quarantined"`
	SetAside    map[string]int64 `json:"set_aside"`
}

// Balance reports rows whose fate is unknown: a bug of ours.
func (r *Rows) Balance() error {
	sum := r.Kept + r.Quarantined
	for _, n := range r.SetAside {
		sum += n
	}
	if sum != r.Read {
		return fmt.Errorf("BUG: %d rows read, but %d kept, quarantined or set aside", r.Read, sum)
	}
	return nil
}

// Money are exact sums in the currency of the job, as decimal texts.
type Money struct {
	Gross   string `json:"gross"`
	Returns string `json:"returns"`
	Net     string `json:"net"`
}

// Output is one published file. Rows is 0 for files without rows.
type Output struct {
	Path   string `json:"path"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// DeltaBase names the base of the delta of a CRM system: the file kept for the purpose by
// the newest run of an earlier day (for crm/generic/delta.csv, segments.csv).
type DeltaBase struct {
	AsOf   string `json:"as_of"`
	SHA256 string `json:"sha256"` // "" where the manifest of that run does not say
}

// Same reports whether two deltas compare with the same.
func (b *DeltaBase) Same(other *DeltaBase) bool {
	if b == nil || other == nil {
		return b == other
	}
	return *b == *other && b.SHA256 != ""
}

// Step is the report of a step on itself: its state and its metrics.
type Step map[string]any

// RunID derives the name of a run from the data that determine its results, so
// that the same run has the same name on any machine and on any try: a UUID of
// version 8. applied is the digest of the applied models, "" for fitted models.
func RunID(configDigest, asOf, applied string, inputs []Input, p *Privacy) string {
	h := sha256.New()
	fmt.Fprintln(h, configDigest, asOf, applied)
	for _, digest := range p.Digests() {
		fmt.Fprintln(h, "privacy", digest)
	}
	for _, in := range inputs {
		if in.Table != "" {
			fmt.Fprint(h, in.Table, " ")
		}
		fmt.Fprintln(h, in.SHA256)
	}
	var id uuid.UUID
	copy(id[:], h.Sum(nil))
	id[6] = id[6]&0x0F | 0x80 // version 8: made by a rule of our own
	id[8] = id[8]&0x3F | 0x80 // the variant of RFC 9562
	return id.String()
}

// Encode writes a value as indented JSON, readable and without escaped signs.
func Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

// MarshalJSON writes the report with null for numbers unsupported by JSON.
func (s Step) MarshalJSON() ([]byte, error) {
	out := make(map[string]any, len(s))
	for key, value := range s {
		if v, ok := value.(float64); ok {
			value = mining.OrNull(v)
		}
		out[key] = value
	}
	return json.Marshal(out)
}
