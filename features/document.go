package features

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
)

// Document writes docs/features.md, the catalogue as a page of Markdown.
func Document(w io.Writer) error {
	out := bufio.NewWriter(w)
	pattern := furtherFeatures(0, "NAME")
	fmt.Fprintf(out, documentHead, len(catalogue), len(pattern))
	group := ""
	for _, f := range slices.Concat(catalogue, pattern) {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(out, "\n## %s\n\n", group)
			if f.Needs&allFurther != 0 {
				fmt.Fprintf(out, documentFurther, datasets.MaxFurther)
			}
			fmt.Fprintln(out, "| feature | kind | unit | meaning | missing | needs |")
			fmt.Fprintln(out, "|---|---|---|---|---|---|")
		}
		meaning := f.Meaning
		if f.Source != "" {
			meaning += fmt.Sprintf(" [%d]", sourceNumber(f.Source))
		}
		needs := "–"
		switch {
		case f.Needs&allFurther != 0:
			needs = "the dimension"
		case f.Needs != 0:
			needs = f.Needs.String()
		}
		fmt.Fprintf(out, "| `%s` | %s | %s | %s | %s | %s |\n",
			f.Name, f.Kind, cell(f.Unit), cell(meaning), cell(f.Missing), needs)
	}
	fmt.Fprint(out, documentAttributes)
	fmt.Fprint(out, "\n## Sources\n\n")
	for i, source := range sources() {
		fmt.Fprintf(out, "%d. %s\n", i+1, source)
	}
	return out.Flush()
}

const documentHead = `# Features

<!-- Written from the catalogue in package features; do not edit. -->

What a customer looks like on a day: %d numbers, and %d more for each [further dimension](#further-dimensions) that a job names,
computed from one customer's line items up to the as-of day. No feature sees an event later than that day. Besides, a job may name
[attributes](#attributes) of its customers, which come from files of their own.

- A **purchase line** is a line that is not marked as a return; free and negative lines count as they are.
- A **purchase order** has at least one purchase line. It stands on the day and at the time of its first one. Returns never count
  as orders, nor for frequency or recency.
- A **window** of *w* days holds the as-of day and the *w* − 1 days before it.
- **Money** is summed exactly, in millionths of the currency, and turned into a number at the end. A customer whose amounts, costs,
  discounts or quantities add up to more than 2.3 × 10¹² has no features at all.
- **Missing** values are NaN in memory and null in Parquet files: "never bought" is not 0.
- **Needs**: where a job does not map these columns, the feature is absent; the outputs have no column of it. "Time of day" means that
  the times are more than dates.
- A median of an even number of values is the mean of the middle two. Standard deviations divide by n − 1.

Kinds: *count*, *days*, *money* (grows with the currency), *quantity*, *share* (in [0,1]), *ratio*, *bits* (an entropy), *code* (the
code of a text in the dictionary of the history; a name, not a quantity), *number* (what a file says, whatever it is).
`

const documentFurther = `A job may name up to %d dimensions of its own under ` + "`dimensions`" + ` of its inputs, such as ` + "`dimensions: {brand: Brand}`" + `. Each has
these features, with its name for NAME: ` + "`brand_distinct`, `brand_main`" + ` and so on. They stand after all others, the dimensions in
the order of their names.

`

const documentAttributes = `
## Attributes

What files say of customers themselves, one row a customer, becomes features as well: a job names the files under ` + "`inputs.customers`" + `, as
[config.md](config.md#inputscustomers) says. Each of its ` + "`numbers`" + ` is a feature of kind *number*, each of its ` + "`categories`" + ` one of kind *code*, under
the name that the job gives it. They stand after all others, in the order of their names.

- **Missing**: no row of the customer has a value, or rows disagree in it; the warning ` + "`attributes_disagree`" + ` counts the latter. The order of
  rows and files never matters.
- **Use**: ` + "`segments.features`" + ` and ` + "`classify.features`" + ` may name numbers, and ` + "`classify`" + ` learns from all of them by default. Categories are
  published in ` + "`features.parquet`" + `, as ` + "`region_main`" + ` is.
- **Not for churn**: files say what is known now. What churn learns from is the past, on whose days nobody knew it: who left and was then
  marked as inactive would give the answer away. So ` + "`churn`" + ` never sees an attribute, and a job that names one in ` + "`churn.features`" + ` is refused.
`

// cell makes text fit for a cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// sources lists the sources, each once, in the order of first use.
func sources() []string {
	var out []string
	seen := map[string]bool{"": true}
	for _, f := range catalogue {
		if !seen[f.Source] {
			seen[f.Source] = true
			out = append(out, f.Source)
		}
	}
	return out
}

func sourceNumber(source string) int {
	for i, s := range sources() {
		if s == source {
			return i + 1
		}
	}
	panic("features: BUG: no such source")
}
