//go:build !race

package modelcheck

// raceFactor is how much more time a fit has under the race detector.
const raceFactor = 1
