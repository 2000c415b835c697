package report

// colours is the number of colours of the page. Readers who see fewer colours can tell
// the first six apart.
const colours = 8

// colour returns the class of the colour of part k.
func colour(k int) string { return "c" + string(rune('0'+k%colours)) }

// legend names the colours in rows from x on, at most width wide, and returns the
// height of the rows.
func legend(s *svg, names []string, x, width float64) float64 {
	const row = 20
	left, y := x, 0.0
	for k, name := range names {
		text := short(name, 24)
		need := 28 + letter*float64(len([]rune(text)))
		if left > x && left+need > width {
			left, y = x, y+row
		}
		s.rect(left, y+3, 12, 12, colour(k), "")
		s.text(left+17, y+14, "start", "label", text)
		left += need
	}
	if len(names) == 0 {
		return 0
	}
	return y + row + 6
}
