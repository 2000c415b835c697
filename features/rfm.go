package features

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
)

// Method says among whom customers are ranked.
type Method string

// The methods of scoring.
const (
	Independent Method = "independent" // each of R, F and M among all customers: a 5 means the same for everyone
	Nested      Method = "nested"      // R among all, F within each R score, M within each pair of R and F: cells of even size
)

// Ties says what becomes of equal values.
type Ties string

// The rules for ties.
const (
	Lowest Ties = "cut"   // equal values share the score of the lowest of their ranks
	Shared Ties = "share" // equal values share the score of the mean of their ranks
	Hashed Ties = "hash"  // ranked by a hash of the customer's id, so that scores are evenly filled
)

// Monetary names what the M score is taken of.
type Monetary string

// The kinds of money that M may stand for.
const (
	Gross   Monetary = "gross"
	Net     Monetary = "net"
	Average Monetary = "average" // money of a mean order
	NoMoney Monetary = "none"    // line items have no money: nobody has an M score
)

// Column returns the feature of the quantity, "" for NoMoney.
func (m Monetary) Column() string {
	switch m {
	case Net:
		return "net_money"
	case Average:
		return "order_value_mean"
	case NoMoney:
		return ""
	default:
		return "monetary"
	}
}

// Cuts are fixed limits in the place of ranks: for each quantity Bins − 1 numbers,
// rising, or no numbers to rank the quantity. The frequency score is 1 + the
// number of limits reached by the frequency, and the monetary score likewise; the
// recency score is Bins less the number of limits exceeded by the days.
type Cuts struct {
	Recency   []float64 `json:"recency"`   // days
	Frequency []float64 `json:"frequency"` // orders
	Monetary  []float64 `json:"monetary"`  // units of the currency
}

// RFMConfig says how customers are scored.
type RFMConfig struct {
	Bins     int        // scores run from 1 to Bins; in [2,9]
	Method   Method     // Independent with Cuts
	Ties     Ties       // of what is ranked
	Seed     uint64     // of the hash, for Hashed
	Monetary Monetary   // what the caller passes as money
	Cuts     *Cuts      // fixed limits of one quantity or more, or nil to rank all
	Segments SegmentMap // names for the cells; rescaled to Bins where its own differ
	Workers  int        // ≥ 1; never changes a result
}

// DefaultRFM returns quintiles, ranked independently, equal values cut by the
// lowest of their ranks, named by QuintileRF.
func DefaultRFM() RFMConfig {
	return RFMConfig{
		Bins: 5, Method: Independent, Ties: Lowest, Seed: 1, Monetary: Gross,
		Segments: QuintileRF(), Workers: runtime.GOMAXPROCS(0),
	}
}

// Validate returns every fault of the configuration.
func (c RFMConfig) Validate() error {
	var f faults
	if c.Bins < 2 || c.Bins > 9 {
		f.add("bins", c.Bins, "an integer from 2 to 9")
	}
	if c.Method != Independent && c.Method != Nested {
		f.add("method", string(c.Method), `"independent" or "nested"`)
	}
	if !c.Ties.known() {
		f.add("ties", string(c.Ties), tiesWanted)
	}
	if !c.Monetary.known() {
		f.add("monetary", string(c.Monetary), monetaryWanted)
	}
	if c.Workers < 1 {
		f.add("workers", c.Workers, "an integer ≥ 1")
	}
	c.checkCuts(&f)
	if err := c.Segments.Validate(); err != nil {
		f = append(f, err)
	}
	return f.join()
}

// known reports whether t is a rule for ties.
func (t Ties) known() bool { return t == Lowest || t == Shared || t == Hashed }

// known reports whether m is a kind of money.
func (m Monetary) known() bool { return m == Gross || m == Net || m == Average || m == NoMoney }

// monetaryWanted says which kinds of money there are.
const monetaryWanted = `"gross", "net", "average" or "none"`

// tiesWanted says which rules there are.
const tiesWanted = `"cut", "share" or "hash"`

func (c RFMConfig) checkCuts(f *faults) {
	if c.Cuts == nil {
		return
	}
	given := 0
	for _, limits := range []struct {
		name   string
		values []float64
	}{{"recency", c.Cuts.Recency}, {"frequency", c.Cuts.Frequency}, {"monetary", c.Cuts.Monetary}} {
		if limits.values == nil {
			continue
		}
		given++
		if len(limits.values) != c.Bins-1 || !rising(limits.values) {
			f.add("cuts."+limits.name, limits.values, fmt.Sprintf("%d rising numbers, one less than bins", c.Bins-1))
		}
	}
	if c.Monetary == NoMoney && c.Cuts.Monetary != nil {
		f.add("cuts.monetary", c.Cuts.Monetary, "no limits of money where line items have none")
	}
	if given == 0 {
		f.add("cuts", "none", "limits of recency, frequency, monetary or several")
	}
	if c.Method == Nested {
		f.add("method", string(c.Method), `"independent" with cuts, which are the same for everyone`)
	}
}

func rising(v []float64) bool {
	for i, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) || i > 0 && x <= v[i-1] {
			return false
		}
	}
	return true
}

// RFMInput holds the columns to score, one entry per customer each.
type RFMInput struct {
	Recency   []float64 // days since the last purchase; NaN for none
	Frequency []float64 // orders
	Monetary  []float64 // nil for NoMoney
	Hash      []uint64  // of the ids under the seed, as from Table.Hashes; needed for Hashed, else nil
}

// check returns an error where the columns do not fit one another.
func (in RFMInput) check(ties Ties, money Monetary) error {
	n := len(in.Recency)
	priced := n
	if money == NoMoney {
		priced = 0
	}
	if len(in.Frequency) != n || len(in.Monetary) != priced {
		return fmt.Errorf("features: got %d, %d and %d values of recency, frequency and money, want one of each per customer",
			n, len(in.Frequency), len(in.Monetary))
	}
	if ties == Hashed && len(in.Hash) != n {
		return fmt.Errorf("features: got %d hashes for %d customers, want one each; ties: hash needs them", len(in.Hash), n)
	}
	return nil
}

// scored reports whether customer i bought at all.
func (in RFMInput) scored(i int) bool {
	return !math.IsNaN(in.Recency[i]) && !math.IsNaN(in.Frequency[i]) && !math.IsNaN(in.money(i)) && in.Frequency[i] > 0
}

// money returns the money of customer i, 0 for NoMoney.
func (in RFMInput) money(i int) float64 {
	if in.Monetary == nil {
		return 0
	}
	return in.Monetary[i]
}

// RFMReport says how the scores came about.
type RFMReport struct {
	Customers int `json:"customers"` // all
	Scored    int `json:"scored"`    // those with a purchase
	// R, F and M count the customers of each score, the score 1 first; M is nil for NoMoney.
	R []int `json:"r"`
	F []int `json:"f"`
	M []int `json:"m"`
}

// Fit learns the limits between the scores from the customers.
//
//	Lowest:          score = ⌊k·w / n⌋ + 1
//	Shared, Hashed:  score = ⌊k·r / (n+1)⌋ + 1
//
// n is the number of customers ranked, k the number of bins, w the number of
// customers whose value is strictly worse, and r the rank of the customer's value
// from the worst to the best. With Lowest, equal values share the score of the
// lowest of their ranks: all customers with the least value have a 1. With Shared,
// equal values have the mean of their ranks, and with Hashed, ranks in the order of
// hashes, like NTILES of SPSS's RANK [1] and SPSS's RFM binning with independent or
// nested ranks [2]. Recency is ranked backwards: fewer days are better.
//
// With Shared and Hashed, a customer scored later counts as the best ranked customer
// with a value no better. With Lowest, w is counted among the ranked customers: a
// value between two ranked values scores as the better of the two, and a value
// better than all scores k.
//
// Shape: in is not modified.
//
// Missing: a customer without a purchase (NaN in any column, or frequency 0)
// is not ranked and gets no score. With NoMoney there are no limits of money, and no
// customer has an M score.
//
// Determinism: the order of the customers does not matter.
//
// Errors: a *ConfigError for each fault of c; columns of different lengths, an
// infinite value; ctx.Err(). No customer to score is not an error.
//
// Cost: a radix sort of each column, 20 bytes a customer beyond in.
//
// [1] IBM, "SPSS Statistics: Function Subcommands (RANK command)".
//
// [2] IBM, "SPSS Statistics: RFM Binning".
func (c RFMConfig) Fit(ctx context.Context, in RFMInput) (*RFMModel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &RFMModel{Bins: c.Bins, Method: c.Method, Ties: c.Ties, Seed: c.Seed, Monetary: c.Monetary, Segments: c.Segments}
	if err := in.check(c.Ties, c.Monetary); err != nil {
		return nil, err
	}
	fit, err := newBinning(c, in)
	if err != nil {
		return nil, err
	}
	if err := fit.learn(ctx, m); err != nil {
		return nil, err
	}
	if c.Cuts != nil {
		c.Cuts.replace(m)
	}
	return m, nil
}

// replace puts fixed limits in place of the learned limits.
func (c *Cuts) replace(m *RFMModel) {
	up := func(values []float64) Limits {
		l := Limits{{Score: 1, Value: -math.MaxFloat64}}
		for i, v := range values {
			l = append(l, Limit{Score: uint8(i + 2), Value: v})
		}
		return l
	}
	if c.Recency != nil {
		// Days up to the last limit score 2, up to the one before 3, and so on.
		m.R = Limits{{Score: 1, Value: math.MaxFloat64}}
		for i, v := range slices.Backward(c.Recency) {
			m.R = append(m.R, Limit{Score: uint8(len(c.Recency) - i + 1), Value: v})
		}
	}
	if c.Frequency != nil {
		m.F = []Limits{up(c.Frequency)}
	}
	if c.Monetary != nil {
		m.M = []Limits{up(c.Monetary)}
	}
}
