package neighbour

import (
	"errors"
	"math"
	"runtime"

	"github.com/quintile-dev/quintile/models"
)

// Config holds the settings of a fit. Start from [DefaultConfig]; every field
// counts as it stands.
type Config struct {
	// Dense is the number of items, the most held first, predicted by EASE, ≥ 0;
	// the items beyond are predicted by cosine. EASE costs Dense³ operations and
	// 8·Dense² bytes: 5,000 take some half a minute on two cores and 200 MB. 0
	// leaves item-kNN alone; the number of all items, EASE alone.
	Dense int
	// L2 is the ridge penalty λ of EASE, > 0, in rows. More pulls weights
	// together and favours items that many hold. See [Config.ChooseL2].
	L2 float64
	// Keep is the number of weights kept by EASE for each predicted item, the
	// largest in size, ≥ 1; the rest are dropped.
	Keep int
	// Neighbours is how many items, the most similar first, item-kNN keeps for
	// each item held, ≥ 1.
	Neighbours int
	Workers    int // ≥ 1; never changes a result
}

// DefaultConfig returns 5,000 items within EASE, λ 250, 500 weights kept an
// item, 20 neighbours and all processors.
func DefaultConfig() Config {
	return Config{Dense: 5000, L2: 250, Keep: 500, Neighbours: 20, Workers: runtime.GOMAXPROCS(0)}
}

// Validate returns every fault of c, joined, each a *models.ConfigError.
func (c Config) Validate() error {
	var faults []error
	least := func(field string, got, limit int, want string) {
		if got < limit {
			faults = append(faults, &models.ConfigError{Field: field, Got: got, Want: want})
		}
	}
	least("dense", c.Dense, 0, "an integer ≥ 0")
	if !(c.L2 > 0) || math.IsInf(c.L2, 1) {
		faults = append(faults, &models.ConfigError{Field: "l2", Got: c.L2, Want: "a finite number > 0"})
	}
	least("keep", c.Keep, 1, "an integer ≥ 1")
	least("neighbours", c.Neighbours, 1, "an integer ≥ 1")
	least("workers", c.Workers, 1, "an integer ≥ 1")
	return errors.Join(faults...)
}

// Report says how a fit went.
type Report struct {
	Rows      int // that hold an item
	Items     int // held by a row
	Dense     int // predicted by EASE
	LineCount int // rows that hold the last item within EASE; 0 where Dense is 0
	Weights   int // kept, of both kinds
	// CosineScale is the factor of cosines, so that both kinds of score predict
	// holding the item on the same scale; 1 where only one kind of score is in
	// use.
	CosineScale float64
	Warnings    []models.Warning // "cosine_scale": item-kNN predicts nothing
}
