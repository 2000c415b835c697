// Package cluster partitions the rows of a matrix into groups of similar rows,
// and says how many groups the data support.
//
// KMeansConfig.Fit learns a partition; ChooseK compares partitions of several
// sizes by silhouette, Davies–Bouldin, Calinski–Harabasz, the gap statistic and
// bootstrap stability; Match finds which clusters of two partitions belong
// together.
//
// Everything is deterministic: the result depends on the data, the configuration
// and its seed, never on the number of workers, and is the same to the bit with
// and without the assembler of internal/kernel.
package cluster
