//go:build race

package modelcheck

// raceFactor is how much more time a fit has under the race detector, which
// slows it three times and more.
const raceFactor = 3
