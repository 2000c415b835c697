// Package tree grows classification and regression trees (CART): binary trees
// that ask one question about one column at a time and are readable by people.
//
// The trees take numbers, category codes and missing values as they are:
//   - a numeric column is cut at a threshold, halfway between two values that
//     occur in the node;
//   - a categorical column is cut into two sets of codes;
//   - missing values go to the side that makes the better split, so a missing
//     value may itself be informative.
//
// [Config.FitClasses] and [Config.FitValues] return an immutable [Tree], which
// predicts, names the leaf of every row, weighs the columns, prints its rules
// in words and is stored as JSON. Config.Folds chooses the size of the tree by
// cross-validated cost-complexity pruning.
//
// A fit is the same, to the bit, for any number of workers. Ties go to the
// lowest column, then to the lowest threshold.
package tree
