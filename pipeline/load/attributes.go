package load

import (
	"context"
	"fmt"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/ingest"
)

// customersTable is the name of the table of customers' attributes.
const customersTable = "customers"

// readAttributes reads the files of customers' attributes, if the job names such
// files. ids maps aliases to customers; nil: no aliases. The table may take a
// quarter of the memory budget, and the memory taken is deducted until the scan is
// done.
func (d *Data) readAttributes(ctx context.Context, sources []ingest.AttributeSource, ids *datasets.Identities) error {
	if len(sources) == 0 {
		return nil
	}
	var read *ingest.TableReport
	err := d.Watch.Stage(customersTable, 0, "rows", func() (err error) {
		d.Attributes, read, err = ingest.ReadAttributes(ctx, sources, ids, d.Budget/tableShare, func(rows int64) {
			d.Watch.Advance(customersTable, rows)
		})
		return err
	})
	if err != nil {
		return err
	}
	for k, a := range d.Attributes.List() {
		if n := d.Attributes.Disagreeing(k); n > 0 {
			d.Warn("attributes_disagree", int(n), "%s differs between the rows of %d customers and is missing for them", a.Name, n)
		}
	}
	return d.takeTable(customersTable, read)
}

// Categories returns the texts behind the codes of an attribute.
func (d *Data) Categories(attribute string) *datasets.Strings {
	for k, a := range d.Attributes.List() {
		if a.Name == attribute {
			return d.Attributes.Categories(k)
		}
	}
	panic(fmt.Sprintf("pipeline: BUG: %s is no attribute of this run", attribute))
}

// attributeWords describes the contents of the files for each attribute, before the
// buyers are known.
func attributeWords(table *datasets.Attributes) []string {
	words := []string{fmt.Sprintf("%d described", table.Len())}
	for k, a := range table.List() {
		text := fmt.Sprintf("%s: %d have a number", a.Name, table.Known(k))
		if a.Category {
			text = fmt.Sprintf("%s: %d have one of %d texts", a.Name, table.Known(k), table.Categories(k).Len())
		}
		if n := table.Disagreeing(k); n > 0 {
			text += fmt.Sprintf(", rows disagree for %d", n)
		}
		words = append(words, text)
	}
	return words
}
