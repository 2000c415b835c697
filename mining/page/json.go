package page

import (
	"encoding/json"
	"fmt"
	"math"
)

// A section can be stored as JSON and read again, so that a page is drawn anew without the run.
// Missing numbers, unsupported by JSON, are null.

// nullable returns numbers in a form for JSON.
func nullable(values []float64) []*float64 {
	if values == nil {
		return nil
	}
	out := make([]*float64, len(values))
	for i, v := range values {
		out[i] = orNull(v)
	}
	return out
}

func orNull(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// numbers is the inverse of nullable.
func numbers(values []*float64) []float64 {
	if values == nil {
		return nil
	}
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = orMissing(v)
	}
	return out
}

func orMissing(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// stored is a chart with the name of its type.
type stored struct {
	Type  string
	Chart json.RawMessage
}

type plainSection Section

// MarshalJSON writes a section with the types of its charts.
func (s Section) MarshalJSON() ([]byte, error) {
	out := struct {
		plainSection
		Charts []stored
	}{plainSection: plainSection(s)}
	for _, c := range s.Charts {
		text, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		out.Charts = append(out.Charts, stored{fmt.Sprintf("%T", c)[len("page."):], text})
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the output of MarshalJSON.
func (s *Section) UnmarshalJSON(text []byte) error {
	var in struct {
		plainSection
		Charts []stored
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*s = Section(in.plainSection)
	s.Charts = nil
	for _, c := range in.Charts {
		chart, err := readChart(c)
		if err != nil {
			return err
		}
		s.Charts = append(s.Charts, chart)
	}
	return nil
}

func readChart(c stored) (Chart, error) {
	switch c.Type {
	case "Bars":
		return decoded[Bars](c.Chart)
	case "Lines":
		return decoded[Lines](c.Chart)
	case "Heatmap":
		return decoded[Heatmap](c.Chart)
	case "Scatter":
		return decoded[Scatter](c.Chart)
	case "Stack":
		return decoded[Stack](c.Chart)
	case "Cards":
		return decoded[Cards](c.Chart)
	case "Flow":
		return decoded[Flow](c.Chart)
	case "Multiples":
		return decoded[Multiples](c.Chart)
	}
	return nil, fmt.Errorf("got a chart of the type %q, want one of package page", c.Type)
}

func decoded[C Chart](text json.RawMessage) (Chart, error) {
	var c C
	err := json.Unmarshal(text, &c)
	return c, err
}

type plainLine Line

type jsonLine struct {
	plainLine
	Values, Low, High []*float64
}

// MarshalJSON writes a curve, missing values as null.
func (l Line) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonLine{plainLine(l), nullable(l.Values), nullable(l.Low), nullable(l.High)})
}

// UnmarshalJSON reads the output of MarshalJSON.
func (l *Line) UnmarshalJSON(text []byte) error {
	var in jsonLine
	err := json.Unmarshal(text, &in)
	*l = Line(in.plainLine)
	l.Values, l.Low, l.High = numbers(in.Values), numbers(in.Low), numbers(in.High)
	return err
}

type plainPanel Panel

type jsonPanel struct {
	plainPanel
	Values, Low, High []*float64
}

// MarshalJSON writes a small chart, missing values as null.
func (p Panel) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonPanel{plainPanel(p), nullable(p.Values), nullable(p.Low), nullable(p.High)})
}

// UnmarshalJSON reads the output of MarshalJSON.
func (p *Panel) UnmarshalJSON(text []byte) error {
	var in jsonPanel
	err := json.Unmarshal(text, &in)
	*p = Panel(in.plainPanel)
	p.Values, p.Low, p.High = numbers(in.Values), numbers(in.Low), numbers(in.High)
	return err
}

type plainHeatmap Heatmap

type jsonHeatmap struct {
	plainHeatmap
	Values [][]*float64
}

// MarshalJSON writes a grid, empty cells as null.
func (h Heatmap) MarshalJSON() ([]byte, error) {
	out := jsonHeatmap{plainHeatmap: plainHeatmap(h)}
	for _, row := range h.Values {
		out.Values = append(out.Values, nullable(row))
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the output of MarshalJSON.
func (h *Heatmap) UnmarshalJSON(text []byte) error {
	var in jsonHeatmap
	err := json.Unmarshal(text, &in)
	*h = Heatmap(in.plainHeatmap)
	h.Values = nil
	for _, row := range in.Values {
		h.Values = append(h.Values, numbers(row))
	}
	return err
}

type plainHighlight Highlight

type jsonHighlight struct {
	plainHighlight
	Trend  []*float64
	Change *float64
}

// MarshalJSON writes a figure, with an unknown change as null.
func (h Highlight) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonHighlight{plainHighlight(h), nullable(h.Trend), orNull(h.Change)})
}

// UnmarshalJSON reads the output of MarshalJSON.
func (h *Highlight) UnmarshalJSON(text []byte) error {
	var in jsonHighlight
	err := json.Unmarshal(text, &in)
	*h = Highlight(in.plainHighlight)
	h.Trend, h.Change = numbers(in.Trend), orMissing(in.Change)
	return err
}

type plainAction Action

type jsonAction struct {
	plainAction
	Worth *float64
}

// MarshalJSON writes a proposal, with an unknown worth as null.
func (a Action) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonAction{plainAction(a), orNull(a.Worth)})
}

// UnmarshalJSON reads the output of MarshalJSON.
func (a *Action) UnmarshalJSON(text []byte) error {
	var in jsonAction
	err := json.Unmarshal(text, &in)
	*a = Action(in.plainAction)
	a.Worth = orMissing(in.Worth)
	return err
}

type plainCard Card

type jsonCard struct {
	plainCard
	Share *float64
}

// MarshalJSON writes a card, with an unknown share as null.
func (c Card) MarshalJSON() ([]byte, error) {
	return json.Marshal(jsonCard{plainCard(c), orNull(c.Share)})
}

// UnmarshalJSON reads the output of MarshalJSON.
func (c *Card) UnmarshalJSON(text []byte) error {
	var in jsonCard
	err := json.Unmarshal(text, &in)
	*c = Card(in.plainCard)
	c.Share = orMissing(in.Share)
	return err
}
