package history

import (
	"slices"

	"github.com/quintile-dev/quintile/datasets"
)

// DayLines is a day with line items, and their number.
type DayLines struct {
	Day   datasets.Day
	Lines int64
}

// dayCounts counts line items by day. The zero dayCounts is empty.
type dayCounts struct {
	blocks map[int64]*dayBlock
	near   *dayBlock // the block counted in last
	number int64     // its number
}

// dayBlock counts the lines of 1,024 days in a row, nearly three years: most
// histories need two or three blocks.
type dayBlock [1 << dayBits]int64

const dayBits = 10

func (c *dayCounts) add(day datasets.Day, lines int) {
	number, at := int64(day)>>dayBits, int64(day)&(1<<dayBits-1)
	if c.near == nil || number != c.number {
		c.near, c.number = c.block(number), number
	}
	c.near[at] += int64(lines)
}

func (c *dayCounts) block(number int64) *dayBlock {
	if c.blocks == nil {
		c.blocks = map[int64]*dayBlock{}
	}
	b := c.blocks[number]
	if b == nil {
		b = new(dayBlock)
		c.blocks[number] = b
	}
	return b
}

// merge adds the counts of another worker.
func (c *dayCounts) merge(o *dayCounts) {
	for number, from := range o.blocks {
		to := c.block(number)
		for i, n := range from {
			to[i] += n
		}
	}
}

// list returns the days with lines, rising.
func (c *dayCounts) list() []DayLines {
	var list []DayLines
	for number, b := range c.blocks {
		for i, n := range b {
			if n > 0 {
				list = append(list, DayLines{datasets.Day(number<<dayBits | int64(i)), n})
			}
		}
	}
	slices.SortFunc(list, func(a, b DayLines) int { return int(a.Day) - int(b.Day) })
	return list
}
