package report

import (
	"encoding/json"
	"fmt"
)

// document is the form of report.json.
type document struct {
	Format string `json:"format"`
	Page   Page   `json:"page"`
}

// format is what the field "format" of report.json says.
const format = "quintile.report/1"

// Encode writes what a page shows, so that it can be drawn anew.
func Encode(p Page) ([]byte, error) {
	text, err := json.Marshal(document{format, p})
	if err != nil {
		return nil, fmt.Errorf("writing the data of the report: %w", err)
	}
	return append(text, '\n'), nil
}

// Decode reads what Encode wrote.
//
// Errors: damaged JSON, and data of another form.
func Decode(text []byte) (Page, error) {
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return Page{}, fmt.Errorf("got damaged data of a report: %w", err)
	}
	if d.Format != format {
		return Page{}, fmt.Errorf("got data of the form %q, want %q; publish the run anew", d.Format, format)
	}
	return d.Page, nil
}
