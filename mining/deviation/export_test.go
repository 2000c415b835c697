package deviation

// DayPValues returns the p-values of the days of a series with a value above 0, by position.
func DayPValues(y []float64, weekday func(at int) int) map[int]float64 {
	out := map[int]float64{}
	for _, j := range judgeDays(y, weekday) {
		out[j.at] = j.p
	}
	return out
}
