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

A customer on a day in numbers: %d features, and %d more for each [custom dimension](#custom-dimensions) of a job, computed from the
line items of the customer up to the as-of day. No feature sees an event later than the as-of day. A job may also name
[attributes](#attributes) of its customers, which come from separate files.

- A **purchase line** is a line not marked as a return; free and negative lines count unchanged.
- A **purchase order** has at least one purchase line. The day and time of the order are the day and time of its first purchase line.
  Returns never count as orders, nor for frequency or recency.
- A **window** of *w* days holds the as-of day and the *w* − 1 days before it.
- **Money** is summed exactly, in millionths of the currency, and turned into a number at the end. A customer with amounts, costs,
  discounts or quantities beyond 2.3 × 10¹² in sum has no features at all.
- **Missing** values are NaN in memory and null in Parquet files: "never bought" is not 0.
- **Needs**: where a job does not map these columns, the feature is absent, and the outputs have no such column. "Time of day" means
  times with more than a date.
- A median of an even number of values is the mean of the middle two. Standard deviations divide by n − 1.

Kinds: *count*, *days*, *money* (grows with the currency), *quantity*, *share* (in [0,1]), *ratio*, *bits* (an entropy), *code* (the
code of a text in the dictionary of the history; a name, not a quantity), *number* (any number from a file).
`

const documentFurther = `A job may name up to %d custom dimensions under ` + "`dimensions`" + ` of its inputs, such as ` + "`dimensions: {brand: Brand}`" + `. Each dimension has
these features, with the name of the dimension for NAME: ` + "`brand_distinct`, `brand_main`" + ` and so on. In outputs the features follow all
others, with the dimensions in the order of their names.

`

const documentAttributes = `
## Attributes

Files about customers themselves, with one row per customer, give features too: a job names the files under ` + "`inputs.customers`" + ` (see
[config.md](config.md#inputscustomers)). Each name under ` + "`numbers`" + ` is a feature of kind *number*, and each name under ` + "`categories`" + ` a
feature of kind *code*. In outputs, attributes follow all other features, in the order of their names.

- **Missing**: no row of the customer has a value, or the rows disagree; the warning ` + "`attributes_disagree`" + ` counts disagreements. The
  order of rows and files never matters.
- **Use**: ` + "`segments.features`" + ` and ` + "`classify.features`" + ` may name numbers, and ` + "`classify`" + ` learns from all numbers by default. Categories
  are published in ` + "`features.parquet`" + `, like ` + "`region_main`" + `.
- **Not for churn**: files hold present facts. Churn learns from past days, when nobody knew these facts: a customer marked as inactive
  after leaving would give the answer away. So ` + "`churn`" + ` never sees an attribute, and a job with an attribute in ` + "`churn.features`" + ` is refused.
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
