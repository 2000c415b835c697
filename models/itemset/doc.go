// Package itemset finds items bought together: frequent, closed and maximal
// item sets, and the association rules derived from frequent sets, with
// measures of strength, significance and redundancy.
//
// A basket is a set of item codes. Mine turns Baskets into Sets under a budget
// of sets and bytes that is always kept: where the data hold more sets than the
// budget admits, the support threshold is raised until the sets fit, and the
// Report tells. Sets.Rules turns frequent sets into Rules.
//
// Results depend on the baskets and the Config only: not on the number of
// workers, nor on the order of the baskets or of the items in them.
package itemset
