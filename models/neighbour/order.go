package neighbour

import (
	"cmp"
	"slices"

	"github.com/quintile-dev/quintile/models"
)

// Order returns the place of each item among all, 0 the first: by the first of
// the keys, the highest first, where equal by the next, at last by code. With
// the counts of the last 30 days and the counts of all days, the result is the
// order of recent popularity.
//
// Shape: each key has one number per item. At least one key.
//
// Errors: *models.ShapeError, *models.ConfigError.
func Order(keys ...[]uint32) ([]uint32, error) {
	if len(keys) == 0 {
		return nil, &models.ConfigError{Field: "keys", Got: "none", Want: "at least one"}
	}
	n := len(keys[0])
	for _, key := range keys {
		if len(key) != n {
			return nil, &models.ShapeError{What: "key", Got: len(key), Want: n}
		}
	}
	items := make([]uint32, n)
	for i := range items {
		items[i] = uint32(i)
	}
	slices.SortFunc(items, func(a, b uint32) int {
		for _, key := range keys {
			if key[a] != key[b] {
				return cmp.Compare(key[b], key[a])
			}
		}
		return cmp.Compare(a, b)
	})
	places := make([]uint32, n)
	for place, item := range items {
		places[item] = uint32(place)
	}
	return places, nil
}

// Trend returns for each item how much of its demand is recent:
//
//	(recent + 1)/(ever + 10)
//
// in (0, 1) where recent ≤ ever + 8. Trend turns a score without time, such as
// that of EASE, towards items sold now: a discontinued item gets near 0, a new
// item above long-known items. The ten keeps an item of few buyers from the top.
//
// Shape: one count per item in both: rows with the item of late (30 days), and
// ever.
//
// Errors: *models.ShapeError.
func Trend(recent, ever []uint32) ([]float64, error) {
	if len(ever) != len(recent) {
		return nil, &models.ShapeError{What: "ever", Got: len(ever), Want: len(recent)}
	}
	factor := make([]float64, len(recent))
	for i := range factor {
		factor[i] = (float64(recent[i]) + 1) / (float64(ever[i]) + 10)
	}
	return factor, nil
}
