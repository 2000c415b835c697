// Package kernel computes the measures and p-values of rules, four rules at a time, with the vector
// instructions of the machine, where it has them.
package kernel

//go:generate sh -c "cd gen && go run . -out ../kernel_amd64.s -stubs ../stub_amd64.go -pkg kernel"

// Rules is the number of rules that are computed together.
const Rules = 4

// MostBaskets bounds the baskets, so that products of two counts are exact.
const MostBaskets = 1 << 26

// Powers is the number of parts of 1 whose powers of 2 are in a table.
const Powers = 128

// Measures are those of a rule, as itemset.Measures.
type Measures struct {
	Support, Confidence, Lift, Leverage, AddedValue float64
	Conviction, Zhang, Certainty                    float64
	Jaccard, Cosine, Kulczynski, Imbalance          float64
	OddsRatio, ChiSquared, Phi                      float64
}

// Table is the fourfold table of a rule, but for the number of all baskets.
type Table struct {
	Both, Antecedent, Consequent uint32    // baskets with both sides, and with either
	Items                        [2]uint16 // of the sides; not looked at here
}
