// Package drift measures how far numbers have moved since a reference was
// taken of them.
//
// A [Reference] is learned once, from the run of reference for all later runs:
// edges of bins, and the share of values in each. Later values are counted in
// the same bins ([Shares]), and two sets of shares are compared by [PSI],
// [JensenShannon] and [KS]. New edges for each run would hide the very shift in
// question. Where the values of both sides are at hand, [TwoSampleKS] needs no
// bins.
//
// Inputs are never modified, and every function is deterministic.
package drift
