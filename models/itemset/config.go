package itemset

import (
	"errors"
	"math"
	"math/big"
	"runtime"
	"strconv"

	"github.com/quintile-dev/quintile/models"
)

// AnyLength sets no limit, as a MaxLength.
const AnyLength = math.MaxInt32

// Kind says which item sets are wanted.
type Kind int

const (
	// Frequent sets are held by at least the minimum count of baskets.
	Frequent Kind = iota
	// Closed sets are frequent, and each further item lowers the count.
	Closed
	// Maximal sets are frequent, and no further item leaves them frequent.
	Maximal
)

// String returns "frequent", "closed" or "maximal".
func (k Kind) String() string {
	if k < Frequent || k > Maximal {
		return "kind " + strconv.Itoa(int(k))
	}
	return [...]string{"frequent", "closed", "maximal"}[k]
}

// Budget bounds what a result may hold. Both bounds are kept exactly, and the
// same result comes out for any number of workers.
type Budget struct {
	Sets  int   // sets kept at any one time, ≥ 1; default 4,000,000
	Bytes int64 // bytes of the sets found, ≥ 1,024; default 256 MiB; see Report.Bytes
}

// Config says what Mine looks for.
//
// The minimum count is the larger of MinCount and ⌈MinSupport·n⌉; the latter is
// computed exactly from the shortest decimal form of MinSupport, so that 0.05
// of 100 baskets is 5 and not 6.
type Config struct {
	MinSupport float64 // share of the baskets, in [0,1]; default 0.01
	MinCount   int     // baskets, ≥ 1; default 1
	MinLength  int     // items of a set, ≥ 1; shorter sets are left out; default 1
	MaxLength  int     // items of a set, ≥ MinLength; AnyLength for no limit; default 4
	Kind       Kind    // default Frequent
	Budget     Budget
	Workers    int // goroutines, ≥ 1; default runtime.GOMAXPROCS(0); never changes a result

	// Stop, where not nil, is asked now and then, from several goroutines,
	// whether to end early: a budget of time, by the caller's clock. The result
	// is then partial and depends on when Stop said yes; see Report.Reason.
	Stop func() bool
}

// DefaultConfig returns the settings named as defaults at Config.
func DefaultConfig() Config {
	return Config{
		MinSupport: 0.01,
		MinCount:   1,
		MinLength:  1,
		MaxLength:  4,
		Budget:     Budget{Sets: 4_000_000, Bytes: 256 << 20},
		Workers:    runtime.GOMAXPROCS(0),
	}
}

// Validate returns every fault of the configuration, each a
// *models.ConfigError, joined.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, field string, got any, want string) {
		if !ok {
			errs = append(errs, &models.ConfigError{Field: field, Got: got, Want: want})
		}
	}
	check(c.MinSupport >= 0 && c.MinSupport <= 1, "min_support", c.MinSupport, "a share in [0,1]")
	check(c.MinCount >= 1, "min_count", c.MinCount, "an integer ≥ 1")
	check(c.MinLength >= 1, "min_length", c.MinLength, "an integer ≥ 1")
	check(c.MaxLength >= max(1, c.MinLength), "max_length", c.MaxLength, "an integer ≥ 1 and ≥ min_length")
	check(c.Kind >= Frequent && c.Kind <= Maximal, "kind", int(c.Kind), "frequent, closed or maximal")
	check(c.Budget.Sets >= 1, "budget.sets", c.Budget.Sets, "an integer ≥ 1")
	check(c.Budget.Bytes >= 1024, "budget.bytes", c.Budget.Bytes, "an integer ≥ 1024")
	check(c.Workers >= 1, "workers", c.Workers, "an integer ≥ 1")
	return errors.Join(errs...)
}

// minCount returns the number of baskets, of n, that makes a set frequent.
func (c Config) minCount(n int) int {
	return max(1, c.MinCount, shareOf(c.MinSupport, n))
}

// shareOf returns ⌈share·n⌉, taking share as the decimal number a person wrote.
func shareOf(share float64, n int) int {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(share, 'g', -1, 64))
	if !ok {
		panic("itemset: BUG: unchecked share " + strconv.FormatFloat(share, 'g', -1, 64))
	}
	r.Mul(r, new(big.Rat).SetInt64(int64(n)))
	q, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return int(q.Int64())
}
