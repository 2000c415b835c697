package tree

import (
	"cmp"
	"context"
	"slices"
)

// maxListed is how many categories of a column can have a bin of their own
// where there are more categories than bins.
const maxListed = maxValueBins - 1

// cutCategories gives each category a bin. Of more than 255 categories, the 254
// heaviest (among equals, the lower codes) have a bin each, and all remaining
// categories share one bin.
func (c *column) cutCategories(ctx context.Context, s *sample) error {
	mass := make(map[int32]float64)
	for i, r := range s.rows {
		if err := breathless(ctx, i); err != nil {
			return err
		}
		if v := c.values[r]; v == v {
			mass[int32(v)] += s.weightOf(r)
		}
	}
	for code := range mass {
		c.listed = append(c.listed, code)
	}
	slices.Sort(c.listed)
	c.bins = len(c.listed)
	if len(c.listed) > maxValueBins {
		slices.SortStableFunc(c.listed, func(a, b int32) int { return cmp.Compare(mass[b], mass[a]) })
		c.pooled = len(c.listed) - maxListed
		c.listed = slices.Clone(c.listed[:maxListed])
		slices.Sort(c.listed)
		c.bins = maxListed + 1
	}
	c.codes = make([]uint8, len(c.values))
	for i, r := range s.rows {
		if err := breathless(ctx, i); err != nil {
			return err
		}
		c.codes[r] = categoryBin(c.listed, c.values[r])
	}
	return nil
}

// categoryBin returns the bin of category v: its place in listed, missingCode
// for NaN, and the place after the last for any unlisted category.
func categoryBin(listed []int32, v float32) uint8 {
	if v != v {
		return missingCode
	}
	at, found := slices.BinarySearch(listed, int32(v))
	if !found {
		at = len(listed)
	}
	return uint8(at)
}
