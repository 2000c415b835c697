package page

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
)

func TestSectionsAreReadAsTheyWereWritten(t *testing.T) {
	nan := math.NaN()
	s := Section{
		Title: "t", Text: "x", Highlights: []Highlight{{Name: "h", Trend: []float64{1, nan}, Change: nan}},
		Actions: []Action{{Do: "a", Worth: nan}, {Do: "b", Worth: 2}},
		Charts: []Chart{
			Bars{Title: "b", Bars: []Bar{{"n", 1, "l"}}},
			Lines{Title: "l", Numbers: []float64{1}, Lines: []Line{{Name: "n", Values: []float64{nan, 2}, Low: []float64{1, nan}}}},
			Heatmap{Columns: []string{"c"}, Rows: []string{"r"}, Values: [][]float64{{nan}}},
			Scatter{Points: []Point{{1, 2, 3, "n", "g"}}}, Stack{Parts: []string{"p"}, Bars: []StackedBar{{"n", []float64{1}}}},
			Cards{Cards: []Card{{Name: "c", Share: nan, Facts: []Fact{{"n", "v"}}}}},
			Flow{Left: []string{"l"}, Right: []string{"r"}, Links: []Link{{0, 0, 1, "l"}}},
			Multiples{X: []string{"x"}, Panels: []Panel{{Name: "n", Values: []float64{nan}}}},
		},
		Tables: []Table{{Head: []string{"h"}, Numeric: []bool{true}, Rows: [][]string{{"c"}}}},
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var read Section
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprintf("%#v", read), fmt.Sprintf("%#v", s); got != want { // NaN is not equal to itself
		t.Errorf("got %s\nwant %s", got, want)
	}
	if err := json.Unmarshal([]byte(`{"Charts":[{"Type":"Pie","Chart":{}}]}`), &read); err == nil {
		t.Error("got no error for a chart that there is not")
	}
}
