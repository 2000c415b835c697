// Package itemset finds what is bought together: frequent, closed and maximal
// item sets, and the association rules that follow from frequent ones, with
// their measures of strength, their significance and their redundancy.
//
// A basket is a set of item codes. Mine turns Baskets into Sets under a budget
// of sets and bytes that it always keeps: where the data hold more sets than
// the budget admits, the support threshold is raised until they fit, and the
// Report says so. Sets.Rules turns frequent sets into Rules.
//
// Results depend on the baskets and the Config only: not on the number of
// workers, nor on the order of the baskets or of the items in them.
package itemset
