package report

// canvas is the area of a picture. Each picture is drawn twice: wide for a screen or
// paper, narrow for a phone, on which the labels of a wide picture would be too small to
// read. The style of the page shows either picture.
type canvas struct {
	width  float64
	narrow bool
}

var (
	wide  = canvas{width: 760}
	small = canvas{width: 330, narrow: true}
)

// letter is the width of a letter of a label, in pixels.
const letter = 7.2

// fit returns how many letters have room in a width.
func fit(width float64) int { return max(1, int(width/letter)) }

// plot returns the scales of a chart with two axes, and its height.
func (c canvas) plot() (x, y scale, height float64) {
	height, left := 300.0, 64.0
	if c.narrow {
		height, left = 230, 50
	}
	return scale{from: left, to: c.width - 18}, scale{from: height - axisBottom, to: plotTop}, height
}

// The measures of a chart with two axes, in pixels.
const (
	axisBottom = 42
	plotTop    = 50 // room for the legend and the name of the upright axis
)
