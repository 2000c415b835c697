package value

import (
	"time"

	"github.com/quintile-dev/quintile/datasets"
)

// nearSeason is the greatest distance in days between the middles of two windows, within the
// year, that count as the same season.
const nearSeason = 45

// season is what the calendar says of a window.
type season struct {
	quarters [4]float64 // share of the window's days in each quarter
	same     float32    // 1 where it falls into the season that is to be predicted
}

// seasonOf returns the season of the window of so many days after day; target is the last day
// before the window that is to be predicted.
func seasonOf(day, target, length datasets.Day) season {
	var s season
	for d := day + 1; d <= day+length; d++ {
		s.quarters[(d.Date().Month()-time.January)/3] += 1 / float64(length)
	}
	apart := (target - day) % yearDays
	if apart < 0 {
		apart += yearDays
	}
	if min(apart, yearDays-apart) <= nearSeason {
		s.same = 1
	}
	return s
}

// habit returns the share of a customer's orders that fell into the quarters of the window, in
// proportion to the days of the window in each.
func (s *season) habit(shares [4][]float32, i int) float32 {
	sum := 0.0
	for q, w := range s.quarters {
		sum += float64(w * float64(shares[q][i]))
	}
	return float32(sum)
}
