// Package page holds the parts of a report: sections with a text, charts and tables.
// Steps hand over data and words; package report draws them.
package page

// Section is a question and its answer.
type Section struct {
	Title  string
	Text   string // the answer in a sentence or two
	Charts []Chart
	Tables []Table
}

// Chart is a picture: one of the types of this package.
type Chart interface{ chart() }

// Bars is a row of bars, one for each name.
type Bars struct {
	Title string
	Bars  []Bar
}

// Bar is one bar of a chart.
type Bar struct {
	Name  string
	Value float64 // ≥ 0
	Label string  // the text beside the bar
}

// Lines is a chart of curves over a common axis.
type Lines struct {
	Title        string
	XName, YName string   // names of the axes, with the unit
	X            []string // labels of the points, in their order; nil where Numbers is set
	Numbers      []float64
	Lines        []Line
	Percent      bool // values are shares, to be shown as percentages
	XPercent     bool // and so are Numbers
}

// Line is one curve, with a value for each point of the axis; NaN for none. Low and
// High, where they are set, bound a band around the curve.
type Line struct {
	Name      string
	Values    []float64
	Low, High []float64
	Dashed    bool // a forecast, or a line of reference
}

// Heatmap is a grid of cells, coloured by value.
type Heatmap struct {
	Title         string
	XName, YName  string // names of the axes
	Columns, Rows []string
	Values        [][]float64 // by row and column; NaN for an empty cell
	Labels        [][]string  // the texts of the cells; nil: the values
	Percent       bool
}

// Scatter is a cloud of points, or of bins where a cloud would be too large for a page.
type Scatter struct {
	Title        string
	XName, YName string
	Log          bool // both axes are logarithmic
	Points       []Point
}

// Point is a point of a cloud. Its area is in proportion to Size.
type Point struct {
	X, Y, Size float64
	Name       string
	Group      string // points of a group share a colour
}

// Stack is a bar for each name that is divided into parts.
type Stack struct {
	Title string
	Parts []string
	Bars  []StackedBar
}

// StackedBar is one divided bar: Values has an entry, ≥ 0, for each part.
type StackedBar struct {
	Name   string
	Values []float64
}

func (Bars) chart()    {}
func (Lines) chart()   {}
func (Heatmap) chart() {}
func (Scatter) chart() {}
func (Stack) chart()   {}

// Table is a table of texts. The columns for which Numeric is set are aligned to the
// right.
type Table struct {
	Title   string
	Head    []string
	Numeric []bool
	Rows    [][]string
}
