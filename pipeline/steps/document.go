package steps

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/quintile-dev/quintile/datasets/table"
	"github.com/quintile-dev/quintile/mining"
)

// Document returns a page of the documents with the parts between marks written from the
// declarations of the steps in the table. A part begins with a line such as "<!-- steps:
// columns -->" and ends with "<!-- steps: end -->".
func Document(page []byte, table []*mining.Step) ([]byte, error) {
	var out bytes.Buffer
	within := false
	for _, line := range strings.SplitAfter(string(page), "\n") {
		mark, marked := strings.CutPrefix(strings.TrimSpace(line), "<!-- steps: ")
		if marked && strings.HasPrefix(mark, "end") {
			within = false
		}
		if !within {
			out.WriteString(line)
		}
		if !marked || strings.HasPrefix(mark, "end") {
			continue
		}
		within = true
		part, _, _ := strings.Cut(mark, " ")
		write := map[string]func(*bytes.Buffer, []*mining.Step){
			"columns": documentColumns, "files": documentFiles, "figures": documentFigures, "warnings": documentWarnings,
		}[part]
		if write == nil {
			return nil, fmt.Errorf("got the part %q, want columns, files, figures or warnings", part)
		}
		write(&out, table)
	}
	return out.Bytes(), nil
}

func documentColumns(b *bytes.Buffer, table []*mining.Step) {
	b.WriteString("\n| step | column | type | unit | meaning |\n|---|---|---|---|---|\n")
	for _, s := range table {
		for _, c := range s.Columns {
			fmt.Fprintf(b, "| `%s` | `%s` | %s | %s | %s |\n", s.Name, c.Name, typeOf(c), c.Unit, cell(c.Description))
		}
	}
}

func documentFiles(b *bytes.Buffer, table []*mining.Step) {
	for _, s := range table {
		for _, f := range s.Files {
			if f.Columns == nil {
				continue
			}
			fmt.Fprintf(b, "\n## `%s`\n\n%s Step `%s`.\n\n", f.Name, f.Text, s.Name)
			b.WriteString("| column | type | unit | null | meaning |\n|---|---|---|---|---|\n")
			for _, c := range f.Columns {
				null := "never"
				if c.Nullable {
					null = "may be"
				}
				fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", c.Name, typeOf(c), c.Unit, null, cell(c.Description))
			}
		}
	}
	b.WriteString("\n")
}

func documentFigures(b *bytes.Buffer, table []*mining.Step) {
	b.WriteString("\n| step | figure | meaning |\n|---|---|---|\n")
	for _, s := range table {
		for _, d := range s.Figures {
			fmt.Fprintf(b, "| `%s` | `%s` | %s |\n", s.Name, d.Name, cell(d.Text))
		}
	}
}

func documentWarnings(b *bytes.Buffer, table []*mining.Step) {
	for _, s := range table {
		if len(s.Warnings) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n## `%s`\n\n| code | what it means | what to do |\n|---|---|---|\n", s.Name)
		for _, d := range s.Warnings {
			fmt.Fprintf(b, "| `%s.%s` | %s | %s |\n", s.Name, d.Name, cell(d.Text), cell(d.Mend))
		}
	}
	b.WriteString("\n")
}

// typeOf names the type of a column as readers of Parquet do.
func typeOf(c mining.Column) string {
	if c.Money {
		return "money"
	}
	switch c.Type {
	case table.Text:
		return "string"
	case table.TextList:
		return "list of strings"
	case table.Float64:
		return "double"
	case table.Float32:
		return "float"
	case table.Bool:
		return "boolean"
	}
	return c.Type.String()
}

func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
