// Package page holds the parts of a report: sections with a text, charts and tables.
// Steps hand over data and words; package report draws them.
package page

import "slices"

// Section is a question and its answer.
type Section struct {
	Title      string
	Text       string      // the answer in a sentence or two
	Highlights []Highlight // figures for the first screen, the most important first
	Actions    []Action    // proposals for the first screen
	Charts     []Chart
	Tables     []Table
}

// Highlight is a figure for the first screen, with its change.
type Highlight struct {
	Name  string
	Value string
	Note  string    // what the figure is compared with, or its exact digits
	Trend []float64 // the figure in the periods before, the oldest first; nil: no curve
	// Change is the change against the period named in Note, as a share; NaN: no change is
	// shown.
	Change float64
}

// Action is something to do now, for some of the customers.
type Action struct {
	Do        string  // in the imperative, such as "Win back customers who used to buy often"
	Customers int64   // how many customers the action is for
	Worth     float64 // money that is at stake, in the currency of the job; NaN: unknown
	Stake     string  // what the money is, such as "spent in the last 365 days"
	Why       string  // a sentence
	Offer     string  // what to offer; "" for nothing in particular
	Where     string  // how to find the customers, such as "segments.parquet: rfm_segment is at_risk"
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
	Marks        []Mark
}

// Mark points at a value of the first curve of a chart.
type Mark struct {
	At   int // the point of the axis
	Name string
}

// Line is one curve, with a value for each point of the axis; NaN for no value. Low
// and High, where set, bound a band around the curve.
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

// Stack is a bar for each name divided into parts.
type Stack struct {
	Title   string
	Parts   []string
	Bars    []StackedBar
	Percent bool // values are shares of the whole bar
}

// StackedBar is one divided bar: Values has an entry, ≥ 0, for each part.
type StackedBar struct {
	Name   string
	Values []float64
}

// Cards is a row of cards, one for each group of customers.
type Cards struct {
	Title string
	Cards []Card
}

// Card describes a group of customers.
type Card struct {
	Name  string
	Share float64 // of all customers, in [0, 1]; NaN: no bar is drawn
	Facts []Fact  // a few figures
	Text  string  // what marks the group
	Do    string  // what to do with the group; "" for nothing
}

// Fact is a figure with its name.
type Fact struct{ Name, Value string }

// Flow is a picture of two columns of names with ribbons between them.
type Flow struct {
	Title               string
	LeftName, RightName string // what the columns hold
	Left, Right         []string
	Links               []Link
}

// Link is a ribbon: Weight > 0 is its width, in proportion.
type Link struct {
	From, To int // entries of Left and Right
	Weight   float64
	Label    string
}

// Multiples is a grid of small charts over one axis, each with a separate scale.
type Multiples struct {
	Title  string
	X      []string // labels of the axis
	Panels []Panel
}

// Panel is one of the small charts: a value for each point of the axis, NaN for none.
// Low and High, where set, bound a band; points from Forecast on are drawn as a forecast.
type Panel struct {
	Name      string
	Label     string // the newest figure, in words
	Values    []float64
	Low, High []float64
	Forecast  int // 0: there is none
}

func (Bars) chart()      {}
func (Lines) chart()     {}
func (Heatmap) chart()   {}
func (Scatter) chart()   {}
func (Stack) chart()     {}
func (Cards) chart()     {}
func (Flow) chart()      {}
func (Multiples) chart() {}

// Table is a table of texts. The columns for which Numeric is set are aligned to the
// right.
type Table struct {
	Title   string
	Head    []string
	Numeric []bool
	Rows    [][]string
	Fold    bool // for experts: shown when a reader asks for it
}

// Without returns the table without these columns, such as those of money where there is none.
func (t Table) Without(columns ...int) Table {
	out := Table{Title: t.Title, Rows: make([][]string, len(t.Rows))}
	for j, head := range t.Head {
		if slices.Contains(columns, j) {
			continue
		}
		out.Head, out.Numeric = append(out.Head, head), append(out.Numeric, t.Numeric[j])
		for i, row := range t.Rows {
			out.Rows[i] = append(out.Rows[i], row[j])
		}
	}
	return out
}
